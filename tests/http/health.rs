//! Probes: live, ready and healthy are distinct, and none calls the upstream.

use crate::{app::App, standin::Reply};

#[tokio::test]
async fn before_the_first_rates_it_lives_but_is_not_ready() {
    let app = App::start_with(Reply::Stall, &[]).await;
    assert_eq!(app.get("/health/live").await.status.as_u16(), 200);
    assert_eq!(app.get("/health/ready").await.status.as_u16(), 503);
    let health = app.get("/health").await;
    assert_eq!((health.status.as_u16(), &health.json()["status"]), (503, &"unhealthy".into()));
    for path in [
        "/api/rates",
        "/api/rates/usd",
        "/api/rates.csv",
        "/api/convert?from=usd&to=eur",
        "/fn/latest",
        "/",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1, "{path}");
    }
    assert!(app.get("/").await.text().contains("No rates yet"));
}

#[tokio::test]
async fn fresh_live_rates_are_healthy() {
    let app = App::start().await;
    let health = app.get("/health").await.json();
    assert_eq!((&health["status"], &health["version"]), (&"healthy".into(), &"9.8.7".into()));
    assert_eq!(health["snapshot"]["data_source"], "coingecko");
}

#[tokio::test]
async fn the_sample_is_degraded_and_says_what_it_is() {
    let variables = [("RATES_SOURCES", "coingecko,sample")];
    let app = App::start_with(Reply::Reset, &variables).await;
    app.wait_for_rates().await;
    let health = app.get("/health").await;
    assert_eq!((health.status.as_u16(), &health.json()["status"]), (200, &"degraded".into()));
    let rates = app.get("/api/rates").await.json();
    assert_eq!(
        (&rates["data_source"], &rates["cache_status"]),
        (&"sample".into(), &"stale".into())
    );
    assert_eq!(rates["last_updated"], "2026-06-01T00:00:00Z");
    assert!(app.get("/").await.text().contains("Sample data, not live rates."));
}

#[tokio::test]
async fn probes_and_readers_cause_no_call_to_the_upstream() {
    let app = App::start().await;
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/",
        "/api/rates",
        "/fn/latest",
        "/api/rates?base=eur",
    ] {
        for _ in 0..20 {
            app.get(path).await;
        }
    }
    assert_eq!(app.upstream.requests().len(), 1);
}
