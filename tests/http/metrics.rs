//! The metrics that Prometheus scrapes.

use crate::{app::App, standin::Reply};

#[tokio::test]
async fn the_contract_s_metrics_are_there() {
    let app = App::start().await;
    // One answer from the router and two from the cache, one of which is a 304.
    let tag = app.get("/api/rates").await.header("etag").to_owned();
    app.get("/api/rates").await;
    app.get_with("/api/rates", &[("if-none-match", &tag)]).await;
    let answer = app.get("/metrics").await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), content_type);
    let text = answer.text();
    for line in [
        r#"crypto_app_requests_total{method="GET",endpoint="/api/rates",status="200"} 2"#,
        r#"crypto_app_requests_total{method="GET",endpoint="/api/rates",status="304"} 1"#,
        r#"crypto_app_request_duration_seconds_count{method="GET",endpoint="/api/rates"} 3"#,
        r#"coingecko_api_calls_total{status="success"} 1"#,
        r#"rates_source_calls_total{source="coingecko",outcome="ok"} 1"#,
        "rates_snapshot_age_seconds ",
        r#"rates_snapshot_info{source="coingecko",snapshot_id=""#,
        r#"rates_value{code="usd",type="fiat"} 75817.765"#,
        "rates_refresh_failures_consecutive 0",
        r#"crypto_app_build_info{version="9.8.7"} 1"#,
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_start_time_seconds ",
    ] {
        assert!(text.contains(&format!("\n{line}")), "{line} is missing in {text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert_eq!(text.matches("\nrates_value{").count(), 76);
}

#[tokio::test]
async fn a_scraper_without_openmetrics_gets_prometheus_text() {
    let app = App::start().await;
    let accept = "text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.1";
    let answer = app.get_with("/metrics", &[("accept", accept)]).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.header("vary"), "accept");
    let text = answer.text();
    for line in [
        "# HELP crypto_app_requests_total HTTP requests answered.",
        "# TYPE crypto_app_requests_total counter",
        "# TYPE crypto_app_request_duration_seconds histogram",
        "# TYPE rates_snapshot_age_seconds gauge",
        "# TYPE rates_snapshot_info gauge",
        "# TYPE process_cpu_seconds_total counter",
        r#"rates_value{code="usd",type="fiat"} 75817.765"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in {text}");
    }
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
    // The same samples as in OpenMetrics, but for those that change all the time.
    let names = |text: &str| -> Vec<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
    };
    let openmetrics = app.get_with("/metrics", &[("accept", "*/*")]).await;
    assert!(openmetrics.header("content-type").starts_with("application/openmetrics-text"));
    let (text, openmetrics) = (names(text), names(openmetrics.text()));
    assert!(text.iter().all(|name| openmetrics.contains(name)), "{text:?}");
}

#[tokio::test]
async fn no_caller_can_make_series_at_will() {
    let app = App::start().await;
    for n in 0..50 {
        app.get(&format!("/nothing/{n}")).await;
        app.get(&format!("/api/rates/c{n}")).await;
        app.send(&format!("METHOD{n}"), "/api/rates", &[]).await;
    }
    let metrics = app.get("/metrics").await;
    let series =
        metrics.text().lines().filter(|line| line.starts_with("crypto_app_requests_total"));
    let series: Vec<_> = series.collect();
    assert!(series.len() < 10, "{series:?}");
    assert!(metrics.text().contains(r#"endpoint="unmatched",status="404"} 50"#));
    assert!(metrics.text().contains(r#"endpoint="/api/rates/{code}",status="404"} 50"#));
}

#[tokio::test]
async fn metrics_can_have_an_address_of_their_own() {
    let variables = [("METRICS_ADDR", "127.0.0.1:0")];
    let app = App::start_with(Reply::rates(1.0), &variables).await;
    app.wait_for_rates().await;
    assert_eq!(app.get("/metrics").await.status.as_u16(), 404);
    let url = format!("http://{}/metrics", app.metrics_address.unwrap());
    let text = app.client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("rates_snapshot_age_seconds"), "{text}");
}
