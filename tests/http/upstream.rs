//! The ways an upstream fails, one of each kind over real HTTP: the last good rates stay, and the failure is
//! counted under its name.
//!
//! Which answer is which failure is tested beside the sources. That each of them leaves the last good rates
//! alone is tested on the refresh loop's simulated clock; here it would take seconds each.

use crate::{
    app::App,
    standin::{Reply, Upstream},
};

const EVERY_SECOND: [(&str, &str); 2] = [("CACHE_DURATION", "1"), ("API_TIMEOUT", "1")];

/// Starts with good rates, makes the upstream fail, and checks what a reader gets.
async fn keeps_the_last_good_rates(failure: Reply, outcome: &str) {
    let app = App::start_with(Reply::rates(75_817.765), &EVERY_SECOND).await;
    app.wait_for_rates().await;
    app.upstream.set(failure);
    app.wait_until(&format!("the failure {outcome} is seen"), async || {
        app.get("/health").await.json()["refresh"]["last_failure"] == outcome
    })
    .await;
    app.wait_until("the rates are stale", async || {
        app.get("/api/rates").await.json()["cache_status"] == "stale"
    })
    .await;
    let rates = app.get("/api/rates").await;
    assert_eq!(rates.status.as_u16(), 200);
    assert_eq!(rates.json()["rates"]["usd"]["value"], 75_817.765);
    assert_eq!(app.get("/health").await.json()["status"], "degraded");
    assert_eq!(app.get("/health/ready").await.status.as_u16(), 200);
    assert!(app.get("/").await.text().contains("These rates are stale."));
    let metrics = app.get("/metrics").await;
    let counted = format!(r#"rates_source_calls_total{{source="coingecko",outcome="{outcome}"}}"#);
    assert!(metrics.text().contains(&counted), "{counted}");
    assert!(!metrics.text().contains("rates_refresh_failures_consecutive 0"));

    app.upstream.set(Reply::rates(80_000.0));
    app.wait_until("new rates arrive", async || {
        app.get("/api/rates").await.json()["rates"]["usd"]["value"] == 80_000.0
    })
    .await;
    // They are fresh for a second, after which the next ones may be late.
    app.wait_until("all is well", async || app.get("/health").await.json()["status"] == "healthy")
        .await;
}

macro_rules! failures {
    ($($name:ident: $reply:expr => $outcome:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                keeps_the_last_good_rates($reply, $outcome).await;
            }
        )*
    };
}

const LIMIT: &str =
    r#"{"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit"}}"#;
const HTML: &str = "<!DOCTYPE html><html><title>Just a moment…</title></html>";

failures! {
    server_error: Reply::status("500 Internal Server Error", "", "") => "bad_status";
    html_with_200: Reply::status("200 OK", "content-type: text/html\r\n", HTML) => "not_json";
    too_many_requests: Reply::status("429 Too Many Requests", "", LIMIT) => "rate_limited";
    stall: Reply::Stall => "timeout";
    cut_off_body: Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"rates\"".to_vec()) => "unreachable";
}

#[tokio::test]
async fn nobody_listening_is_a_failure_like_any_other() {
    let variables = [("COINGECKO_URL", "http://127.0.0.1:9/api/v3"), ("CACHE_DURATION", "1")];
    let app = App::start_with(Reply::Stall, &variables).await;
    app.wait_until("the failure is seen", async || {
        app.get("/health").await.json()["refresh"]["last_failure"] == "unreachable"
    })
    .await;
    assert_eq!(app.get("/api/rates").await.status.as_u16(), 503);
}

#[tokio::test]
async fn a_broken_entry_costs_only_itself() {
    let body = r#"{"rates":{"btc":{"name":"Bitcoin","unit":"BTC","value":1,"type":"crypto"},
        "usd":{"name":"US Dollar","unit":"$","value":-1,"type":"fiat"},
        "eur":{"name":"Euro","unit":"€","value":1e400,"type":"fiat"},
        "gbp":{"name":"Pound","unit":"£","value":56399.471,"type":"fiat"}}}"#;
    let app = App::start_with(Reply::json(body), &[]).await;
    app.wait_for_rates().await;
    assert_eq!(app.get("/api/rates").await.json()["total_currencies"], 2);
    let metrics = app.get("/metrics").await;
    assert!(metrics.text().contains(r#"rates_entries_dropped_total{source="coingecko"} 2"#));
}

#[tokio::test]
async fn the_upstream_is_told_who_asks_and_with_which_key() {
    let app = App::start().await;
    let request = &app.upstream.requests()[0];
    assert!(request.starts_with("get /api/v3/exchange_rates http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nuser-agent: crypto-rates/"), "{request}");
    assert!(!request.contains("x-cg-"), "{request}");
    for (plan, header) in [("demo", "x-cg-demo-api-key"), ("pro", "x-cg-pro-api-key")] {
        let variables = [("COINGECKO_API_KEY", "CG-geheim"), ("COINGECKO_API_PLAN", plan)];
        let app = App::start_with(Reply::rates(1.0), &variables).await;
        app.wait_for_rates().await;
        let request = &app.upstream.requests()[0];
        assert!(request.contains(&format!("\r\n{header}: cg-geheim\r\n")), "{request}");
    }
}

#[tokio::test]
async fn the_second_source_answers_when_the_first_does_not() {
    let rates = r#"{"data":{"currency":"BTC","rates":{"BTC":"1","USD":"75000.5","ZZZ":"3"}}}"#;
    let coinbase = Upstream::start(Reply::json(rates)).await;
    let url = format!("http://{}/v2", coinbase.address);
    let variables = [("RATES_SOURCES", "coingecko,coinbase"), ("COINBASE_URL", &*url)];
    let app = App::start_with(Reply::Reset, &variables).await;
    app.wait_for_rates().await;
    let json = app.get("/api/rates").await.json();
    assert_eq!((&json["data_source"], &json["total_currencies"]), (&"coinbase".into(), &2.into()));
    assert_eq!(json["rates"]["usd"]["value"], 75_000.5);
    assert_eq!(app.get("/health").await.json()["status"], "degraded");
    assert!(coinbase.requests()[0].starts_with("get /v2/exchange-rates?currency=btc "));
    assert!(app.get("/").await.text().contains("Data provided by Coinbase"));
}

#[tokio::test]
async fn what_the_second_source_lacks_stays_and_tells_its_age() {
    let rates =
        r#"{"data":{"currency":"BTC","rates":{"BTC":"1","USD":"75001.5","GBP":"56400.5"}}}"#;
    let coinbase = Upstream::start(Reply::json(rates)).await;
    let url = format!("http://{}/v2", coinbase.address);
    let variables = [("RATES_SOURCES", "coingecko,coinbase"), ("COINBASE_URL", &*url)];
    let variables = [&variables[..], &EVERY_SECOND].concat();
    let app = App::start_with(Reply::rates(75_817.765), &variables).await;
    app.wait_for_rates().await;
    app.upstream.set(Reply::status("500 Oops", "", ""));
    let source = async || app.get("/api/rates").await.json()["data_source"].clone();
    app.wait_until("the second source takes over", async || source().await == "coinbase").await;

    let json = app.get("/api/rates").await.json();
    assert_eq!(json["total_currencies"], 76);
    let (usd, eur) = (&json["rates"]["usd"], &json["rates"]["eur"]);
    assert_eq!((&usd["value"], &usd["name"]), (&75_001.5.into(), &"US Dollar".into()));
    assert!(usd["last_updated"].is_null() && usd["cache_status"].is_null(), "{usd}");
    assert_eq!((&eur["value"], &eur["data_source"]), (&65_223.37.into(), &"coingecko".into()));
    assert_eq!(eur["cache_status"], "stale");
    assert!(eur["last_updated"].as_str() < json["last_updated"].as_str(), "{eur}");
    // A satoshi's value is constant.
    assert!(json["rates"]["sats"]["last_updated"].is_null());

    // An answer that contains an older value is as old as that.
    for path in ["/api/rates/eur", "/api/rates/usd?base=eur", "/api/convert?from=eur&to=usd"] {
        let answer = app.get(path).await.json();
        assert_eq!(
            (&answer["data_source"], &answer["cache_status"], &answer["last_updated"]),
            (&"coingecko".into(), &"stale".into(), &eur["last_updated"]),
            "{path}"
        );
    }
    assert_eq!(app.get("/api/rates/gbp").await.json()["data_source"], "coinbase");
    let csv = app.get("/api/rates.csv?symbols=eur,usd").await;
    let time = eur["last_updated"].as_str().unwrap();
    assert!(csv.text().contains(&format!("btc,{time},coingecko\r\n")), "{}", csv.text());
    let page = app.get("/").await;
    assert_eq!(page.text().matches("Stale: CoinGecko, ").count(), 76 - 5 + 4, "{}", page.text());
    assert!(page.text().contains("Some rates are older."));
    assert!(app.get("/metrics").await.text().contains("rates_held 71"));

    app.upstream.set(Reply::rates(75_900.5));
    app.wait_until("the first source is back", async || source().await == "coingecko").await;
    assert!(app.get("/api/rates/eur").await.json()["data_source"] == "coingecko");
    assert!(app.get("/metrics").await.text().contains("rates_held 0"));
}

#[tokio::test]
async fn a_row_that_breaks_keeps_its_last_good_value() {
    let app = App::start_with(Reply::rates(75_817.765), &EVERY_SECOND).await;
    app.wait_for_rates().await;
    app.upstream.set(Reply::rates(-1.0));
    app.wait_until("the broken value is seen", async || {
        app.get("/api/rates/usd").await.json()["cache_status"] == "stale"
    })
    .await;
    // The others are fresh for a second, over and over.
    app.wait_until("the others are fresh", async || {
        let json = app.get("/api/rates").await.json();
        assert_eq!(
            (&json["total_currencies"], &json["rates"]["usd"]["value"]),
            (&76.into(), &75_817.765.into())
        );
        json["cache_status"] == "fresh"
    })
    .await;
    app.wait_until("all is well", async || app.get("/health").await.json()["status"] == "healthy")
        .await;
}

#[tokio::test]
async fn an_upstream_that_asks_for_time_gets_it() {
    let limit = Reply::status("429 Too Many Requests", "retry-after: 3600\r\n", LIMIT);
    let app = App::start_with(limit.clone(), &EVERY_SECOND).await;
    app.wait_until("the limit is seen", async || {
        app.get("/health").await.json()["refresh"]["last_failure"] == "rate_limited"
    })
    .await;
    let wait: u64 = app.get("/api/rates").await.header("retry-after").parse().unwrap();
    assert!((3_500..=3_601).contains(&wait), "{wait}");

    // The other source is still called, and only that one.
    let coinbase = Upstream::start(Reply::status("500 Oops", "", "")).await;
    let url = format!("http://{}/v2", coinbase.address);
    let both = [("RATES_SOURCES", "coingecko,coinbase"), ("COINBASE_URL", &*url)];
    let app = App::start_with(limit, &[&both[..], &EVERY_SECOND].concat()).await;
    app.wait_until("the other source is asked in later intervals", async || {
        coinbase.requests().len() > 4
    })
    .await;
    assert_eq!(app.upstream.requests().len(), 1);
}

#[tokio::test]
async fn the_upstream_s_own_reason_is_told_without_the_key() {
    let wrong_host = r#"{"status":{"error_code":10010,"error_message":"<b>CG-geheim</b> is a key for pro-api.coingecko.com"}}"#;
    let variables = [&EVERY_SECOND[..], &[("COINGECKO_API_KEY", "CG-geheim")]].concat();
    // The same under any status.
    for status in ["400 Bad Request", "200 OK"] {
        let app = App::start_with(Reply::status(status, "", wrong_host), &variables).await;
        app.wait_until("the reason is told", async || {
            app.get("/health").await.json()["refresh"]["last_failure_reason"]
                == "error code 10010: … is a key for pro-api.coingecko.com"
        })
        .await;
        // The words of the API itself stay as they are.
        assert!(!app.get("/api/rates").await.text().contains("10010"));
    }
    let app = App::start_with(Reply::Reset, &variables).await;
    app.wait_until("a failure without an answer has none", async || {
        let refresh = app.get("/health").await.json()["refresh"].clone();
        refresh["last_failure"] == "unreachable" && refresh["last_failure_reason"].is_null()
    })
    .await;
}

#[tokio::test]
async fn a_host_that_has_no_address_is_a_failure_like_any_other() {
    let variables = [("COINGECKO_URL", "http://nowhere.invalid/api/v3"), ("CACHE_DURATION", "1")];
    let app = App::start_with(Reply::Stall, &variables).await;
    app.wait_until("the failure is seen", async || {
        app.get("/health").await.json()["refresh"]["last_failure"] == "unreachable"
    })
    .await;
}

#[tokio::test]
async fn the_sample_alone_is_shown_without_a_failure() {
    let app = App::start_with(Reply::Stall, &[("RATES_SOURCES", "sample")]).await;
    app.wait_for_rates().await;
    let health = app.get("/health").await.json();
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["refresh"]["consecutive_failures"], 0);
    assert_eq!(app.get("/api/rates").await.json()["data_source"], "sample");
    assert_eq!(app.upstream.requests().len(), 0);
}

#[tokio::test]
async fn live_rates_are_healthy_wherever_the_sample_stands_in_the_list() {
    let variables = [("RATES_SOURCES", "sample,coingecko")];
    let app = App::start_with(Reply::rates(1.0), &variables).await;
    app.wait_until("the rates are live", async || {
        app.get("/health").await.json()["status"] == "healthy"
    })
    .await;
}

#[tokio::test]
async fn absurd_rates_are_refused_until_they_are_said_again_and_again() {
    let app = App::start_with(Reply::rates(75_817.765), &EVERY_SECOND).await;
    app.wait_for_rates().await;
    app.upstream.set(Reply::rates(75.817));
    app.wait_until("the absurd rates are refused", async || {
        app.get("/health").await.json()["refresh"]["last_failure"] == "absurd"
    })
    .await;
    assert_eq!(app.get("/api/rates/usd").await.json()["value"], 75_817.765);
    let counted = r#"rates_source_calls_total{source="coingecko",outcome="absurd"}"#;
    assert!(app.get("/metrics").await.text().contains(counted));
    // A single wrong answer is over with the next one.
    app.upstream.set(Reply::rates(75_900.5));
    app.wait_until("good rates are taken", async || {
        app.get("/api/rates/usd").await.json()["value"] == 75_900.5
    })
    .await;
    // A value that keeps coming is believed, as after a currency reform. The refresh loop's own tests count
    // the intervals.
    app.upstream.set(Reply::rates(75.817));
    app.wait_until("the new dollar is believed", async || {
        app.get("/api/rates/usd").await.json()["value"] == 75.817
    })
    .await;
}

#[tokio::test]
async fn a_second_source_that_disagrees_is_not_believed() {
    let rates = r#"{"data":{"currency":"BTC","rates":{"BTC":"1","USD":"75000.5","EUR":"65.2","GBP":"56399.4","JPY":"12079021"}}}"#;
    let coinbase = Upstream::start(Reply::json(rates)).await;
    let url = format!("http://{}/v2", coinbase.address);
    let both = [("RATES_SOURCES", "coingecko,coinbase"), ("COINBASE_URL", &*url)];
    let app = App::start_with(Reply::rates(75_817.765), &[&both[..], &EVERY_SECOND].concat()).await;
    app.wait_for_rates().await;
    app.upstream.set(Reply::Reset);
    app.wait_until("the second source is refused", async || {
        let counted = r#"rates_source_calls_total{source="coinbase",outcome="absurd"}"#;
        app.get("/metrics").await.text().contains(counted)
    })
    .await;
    let euro = app.get("/api/rates/eur").await.json();
    assert_eq!((&euro["data_source"], &euro["value"]), (&"coingecko".into(), &65_223.37.into()));
}
