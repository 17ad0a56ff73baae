//! `/api/convert`.

use std::sync::Arc;

use crate::{
    app::App,
    history::{NOW, left_by_another},
    standin::Reply,
};

#[tokio::test]
async fn an_amount_is_converted_and_its_error_stated() {
    let app = App::start().await;
    let json = app.get("/api/convert?from=eur&to=USD&amount=250").await.json();
    let expected = 250.0 * 75_817.765 / 65_223.37;
    assert!((json["result"].as_f64().unwrap() / expected - 1.0).abs() < 1e-12, "{json}");
    // 0.0005 in 75 817.765 and 0.0005 in 65 223.37 are about 1.4e-8 of the result.
    let error = json["error"].as_f64().unwrap() / expected;
    assert!((1.3e-8..1.5e-8).contains(&error), "{error}");
    let same = app.get("/api/convert?from=sats&to=sats").await.json();
    assert_eq!((&same["result"], &same["error"]), (&1.0.into(), &0.0.into()));
}

#[tokio::test]
async fn amounts_that_are_none_are_refused() {
    let app = App::start().await;
    for amount in ["-1", "1e400", "NaN", "inf", "ten", "", "1,000", "1e16"] {
        let answer = app.get(&format!("/api/convert?from=eur&to=usd&amount={amount}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{amount}");
        assert_eq!(answer.json()["parameter"], "amount", "{amount}");
    }
    for (query, parameter) in [("to=usd", "from"), ("from=usd", "to"), ("", "from")] {
        let answer = app.get(&format!("/api/convert?{query}")).await;
        assert_eq!(answer.json()["parameter"], parameter);
    }
}

#[tokio::test]
async fn an_amount_is_converted_as_of_a_date() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await;
    let convert = async |query: &str| app.get(&format!("/api/convert?{query}")).await;
    let (first, second) = ("2026-11-22T09:21:28Z", "2026-11-23T08:19:48Z");
    for (date, dollars, recorded_at) in [
        (first, 70_000.0, first),
        ("2026-11-23", 70_000.0, first),
        ("2026-11-23T09:19:47+01:00", 70_000.0, first),
        ("2026-11-23T09:19:48%2B01:00", 71_000.0, second),
        ("2026-11-23T08:21:28Z", 71_000.0, second),
        // The clocks of caller and server may differ.
        ("2026-11-23T08:22:28Z", 71_000.0, second),
    ] {
        let answer = convert(&format!("from=eur&to=usd&amount=250&date={date}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!((&json["recorded_at"], &json["complete"]), (&recorded_at.into(), &true.into()));
        let expected = 250.0 * dollars / 65_223.37;
        assert!((json["result"].as_f64().unwrap() / expected - 1.0).abs() < 1e-12, "{json}");
        let error = expected * (0.0005 / dollars + 0.0005 / 65_223.37);
        assert!((json["error"].as_f64().unwrap() / error - 1.0).abs() < 1e-6, "{json}");
        // Nothing in it is about the current rates.
        for field in ["last_updated", "data_source", "cache_status", "snapshot_id"] {
            assert!(json.get(field).is_none(), "{json}");
        }
    }
    let now = convert("from=eur&to=usd").await.json();
    assert_eq!(now["last_updated"], second);
    assert!(now.get("recorded_at").is_none() && now.get("complete").is_none(), "{now}");
    for (date, told) in [
        ("2026-11-22", first),
        ("1970-01-01", first),
        ("2026-11-23T08:22:29Z", "future"),
        ("2026-11-24", "future"),
        ("yesterday", "not a time"),
        ("", "not a time"),
    ] {
        let answer = convert(&format!("from=eur&to=usd&date={date}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{date}");
        let json = answer.json();
        assert_eq!(json["parameter"], "date", "{date}");
        assert!(json["detail"].as_str().unwrap().contains(told), "{json}");
    }
}

#[tokio::test]
async fn a_date_that_the_store_can_t_be_asked_for_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    // Another process has the file open.
    let _in_use = left_by_another(folder.path());
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::rates(80_000.0), &variables, Arc::new(|| NOW)).await;
    app.wait_for_rates().await;
    let answer = app.get("/api/convert?from=eur&to=usd&date=2026-11-23").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "60"));
    app.wait_until("what is in memory answers", async || {
        app.get("/api/convert?from=eur&to=usd&date=2026-11-23T08:21:28Z").await.status == 200
    })
    .await;
    let answer = app.get("/api/convert?from=eur&to=usd&date=2026-11-23T08:21:28Z").await;
    assert_eq!(answer.json()["complete"], false);
    assert_eq!(answer.header("cache-control"), "no-cache");
}
