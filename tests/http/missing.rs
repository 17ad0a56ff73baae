//! A source that ceases to send rates.

use crate::{app::App, standin::Reply};

#[tokio::test]
async fn a_list_that_is_cut_off_keeps_the_other_rows_and_delists_them_at_last() {
    let variables = [("CACHE_DURATION", "1"), ("DELIST_AFTER", "4")];
    let app = App::start_with(Reply::rates(75_817.765), &variables).await;
    app.wait_for_rates().await;
    let sample = include_str!("../../src/sources/sample.json");
    let mut part: serde_json::Value = serde_json::from_str(sample).unwrap();
    part["rates"].as_object_mut().unwrap().retain(|code, _| code.as_str() < "m");
    let given = part["rates"].as_object().unwrap().len();
    app.upstream.set(Reply::json(&part.to_string()));
    app.wait_until("a row is missing", async || {
        app.get("/api/rates/usd").await.json()["cache_status"] == "stale"
    })
    .await;
    let json = app.get("/api/rates").await.json();
    assert_eq!(json["total_currencies"], 76);
    let usd = &json["rates"]["usd"];
    assert_eq!(usd["value"], 75_817.765);
    assert!(usd["last_updated"].as_str() < json["last_updated"].as_str(), "{usd}");
    assert!(app.get("/").await.text().contains("Some rates are older."));
    // `sats` is missing, too, and is worth what it always is.
    let missing = 76 - given - 1;
    let metrics = app.get("/metrics").await;
    assert!(metrics.text().contains(&format!("\nrates_missing {missing}\n")), "{missing}");
    app.wait_until("they are delisted", async || {
        app.get("/api/rates/usd").await.status.as_u16() == 404
    })
    .await;
    assert_eq!(app.get("/api/rates").await.json()["total_currencies"], given + 1);
    let metrics = app.get("/metrics").await;
    let delisted = format!("rates_delisted_total{{source=\"coingecko\"}} {missing}\n");
    assert!(metrics.text().contains(&delisted), "{delisted}");
    assert!(metrics.text().contains("\nrates_missing 0\n"));
}
