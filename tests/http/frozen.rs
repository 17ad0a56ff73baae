//! An upstream that answers with the same rates again and again, or with rates that were kept on the way.

use std::{sync::Arc, time::Duration};

use crypto_rates::{
    rates::{Snapshot, SourceName, Timestamp},
    sources::sample,
    store::{FileStore, Store},
};

use crate::{app::App, standin::Reply};

const EVERY_SECOND: [(&str, &str); 2] = [("CACHE_DURATION", "1"), ("UNCHANGED_AFTER", "4")];

#[tokio::test]
async fn rates_that_never_change_grow_old_and_say_so() {
    let app = App::start_with(Reply::rates(75_817.765).frozen(), &EVERY_SECOND).await;
    app.wait_for_rates().await;
    let first = app.get("/api/rates").await.json();
    assert!(first["unchanged_since"].is_null(), "{first}");
    app.wait_until("it has answered again", async || {
        let json = app.get("/api/rates").await.json();
        assert_eq!(json["snapshot_id"], first["snapshot_id"]);
        assert_eq!(json["last_updated"], first["last_updated"]);
        json["unchanged_since"] == first["last_updated"]
            && json["last_checked"].as_str() > first["last_updated"].as_str()
    })
    .await;
    // A few equal answers are nothing to worry about, an hour of them is: here, four seconds.
    app.wait_until("they are stale", async || {
        let (rates, health) = (app.get("/api/rates").await.json(), app.get("/health").await.json());
        assert_eq!(health["refresh"]["consecutive_failures"], 0);
        rates["cache_status"] == "stale" && health["status"] == "degraded"
    })
    .await;
    let answer = app.get("/api/rates").await;
    assert!(answer.header("age").parse::<u64>().unwrap() >= 4);
    let health = app.get("/health").await.json();
    assert_eq!(health["snapshot"]["unchanged_since"], first["last_updated"]);
    assert!(health["snapshot"]["last_checked"].as_str() > first["last_updated"].as_str());
    let alert = "CoinGecko answers, but its rates have not changed since ";
    assert!(app.get("/").await.text().contains(alert));
    assert_eq!(app.get("/fn/latest").await.json()["unchanged"], true);
    let metrics = app.get("/metrics").await;
    let unchanged = metrics.text().lines().find_map(|l| l.strip_prefix("rates_unchanged_seconds "));
    assert!(unchanged.unwrap().parse::<u64>().unwrap() >= 4, "{unchanged:?}");
    let points = app.get("/api/history?symbol=usd&step=90s").await.json();
    assert_eq!(points["points"].as_array().unwrap().len(), 1);

    app.upstream.set(Reply::rates(75_817.765));
    app.wait_until("all is well", async || app.get("/health").await.json()["status"] == "healthy")
        .await;
    assert!(!app.get("/").await.text().contains(alert));
    let rates = app.get("/api/rates").await.json();
    assert_ne!(rates["snapshot_id"], first["snapshot_id"]);
}

#[tokio::test]
async fn an_answer_is_as_old_as_the_upstream_says() {
    let sample = include_str!("../../src/sources/sample.json");
    let reply = Reply::status("200 OK", "age: 600\r\n", sample);
    let app = App::start_with(reply, &[]).await;
    app.wait_for_rates().await;
    let answer = app.get("/api/rates").await;
    assert!(answer.header("age").parse::<u64>().unwrap() >= 600);
    // The source has just sent them, so they are the newest that there are.
    let json = answer.json();
    assert_eq!(json["cache_status"], "cached");
    let health = app.get("/health").await.json();
    assert!(health["snapshot"]["age_seconds"].as_u64().unwrap() >= 600);
    assert_eq!(
        (&health["status"], &json["unchanged_since"]),
        (&"healthy".into(), &json["last_updated"])
    );
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was_and_asks_no_sooner() {
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_422_088); // 2026-11-23T08:21:28Z
    let folder = tempfile::tempdir().unwrap();
    let ago = |seconds| NOW - Duration::from_secs(seconds);
    let rates = sample::snapshot().rates().to_vec();
    let snapshot = Snapshot::new(SourceName::Coingecko, ago(3_000), rates).unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.put(&snapshot.confirmed_at(ago(100)), ago(86_400)).unwrap();
    drop(store);
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await;
    let (rates, health) = (app.get("/api/rates").await, app.get("/health").await.json());
    assert_eq!((rates.header("age"), &rates.json()["cache_status"]), ("3000", &"cached".into()));
    assert_eq!(rates.json()["last_checked"], ago(100).to_string());
    assert_eq!(health["refresh"]["next"], (NOW + Duration::from_secs(200)).to_string());
    assert_eq!(app.upstream.requests().len(), 0);
}
