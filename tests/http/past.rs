//! `/api/rates?date=` and its like: the rates of an earlier time, in JSON and as CSV.

use std::{path::Path, sync::Arc};

use crate::{
    app::App,
    history::{NOW, left_by_another},
    standin::Reply,
};

const FIRST: &str = "2026-11-22T09:21:28Z";
const SECOND: &str = "2026-11-23T08:19:48Z";
/// What answers about the current rates say of them, and those of an earlier time do not.
const OF_NOW: [&str; 4] = ["last_updated", "data_source", "cache_status", "snapshot_id"];

/// Starts an app with the records of [`left_by_another`]: at 70 000 dollars a day ago, and at 71 000 lately.
async fn with_a_history(folder: &Path) -> App {
    let store = format!("file://{}", folder.display());
    let variables = [("STORE_URL", &*store)];
    App::start_with_clock(Reply::rates(80_000.0), &variables, Arc::new(|| NOW)).await
}

#[tokio::test]
async fn all_rates_of_a_date_tell_when_they_were_recorded() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let app = with_a_history(folder.path()).await;
    for (date, dollars, recorded_at) in [
        (FIRST, 70_000.0, FIRST),
        ("2026-11-23", 70_000.0, FIRST),
        ("2026-11-23T09:19:47+01:00", 70_000.0, FIRST),
        (SECOND, 71_000.0, SECOND),
        ("2026-11-23T08:22:28Z", 71_000.0, SECOND),
    ] {
        let answer = app.get(&format!("/api/rates?date={date}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!((&json["recorded_at"], &json["complete"]), (&recorded_at.into(), &true.into()));
        assert_eq!(
            (&json["rates"]["usd"]["value"], &json["total_currencies"]),
            (&dollars.into(), &76.into())
        );
        assert_eq!(json["rates"]["usd"]["name"], "US Dollar");
        assert!(OF_NOW.iter().all(|field| json.get(field).is_none()), "{json}");
        let one = app.get(&format!("/api/rates/USD?base=eur&date={date}")).await.json();
        assert_eq!((&one["recorded_at"], &one["complete"]), (&recorded_at.into(), &true.into()));
        let expected = dollars / 65_223.37;
        assert!((one["value"].as_f64().unwrap() / expected - 1.0).abs() < 1e-12, "{one}");
        assert!(one["change_24h"].is_null() && one["change_24h_source"].is_null(), "{one}");
        assert!(OF_NOW.iter().all(|field| one.get(field).is_none()), "{one}");
    }
    let now = app.get("/api/rates").await.json();
    assert!(OF_NOW.iter().all(|field| now.get(field).is_some()), "{now}");
    for field in ["recorded_at", "complete", "backfilled"] {
        assert!(now.get(field).is_none(), "{field}");
    }
}

#[tokio::test]
async fn rates_of_a_date_are_selected_and_written_as_those_of_now() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let app = with_a_history(folder.path()).await;
    let query = format!("date={FIRST}&base=usd&symbols=eur,btc&sort=symbols&quote=direct");
    let json = app.get(&format!("/api/rates?{query}")).await;
    let codes: Vec<_> = json.json()["rates"].as_object().unwrap().keys().cloned().collect();
    assert_eq!((codes.len(), &json.json()["quote"]), (2, &"direct".into()));
    assert_eq!(json.json()["rates"]["btc"]["value"], 70_000.0);
    assert!(json.text().find("\"eur\"").unwrap() < json.text().find("\"btc\"").unwrap());
    let csv = app.get(&format!("/api/rates.csv?{query}")).await;
    let lines: Vec<_> = csv.text().lines().collect();
    assert_eq!(lines[0], "code,name,type,unit,value,base,recorded_at,backfilled,quote");
    assert_eq!(lines[2], format!("btc,Bitcoin,crypto,BTC,70000,usd,{FIRST},false,direct"));
}

#[tokio::test]
async fn a_date_without_rates_is_a_problem_that_says_since_when_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let app = with_a_history(folder.path()).await;
    for (date, told) in [
        ("2026-11-22", FIRST),
        ("1970-01-01", FIRST),
        ("2026-11-23T08:22:29Z", "future"),
        ("2026-11-24", "future"),
        ("yesterday", "not a time"),
        ("", "not a time"),
    ] {
        for route in ["/api/rates", "/api/rates/usd", "/api/rates.csv"] {
            let answer = app.get(&format!("{route}?date={date}")).await;
            assert_eq!(answer.status.as_u16(), 400, "{route} {date}");
            let json = answer.json();
            assert_eq!(json["parameter"], "date", "{route} {date}");
            assert!(json["detail"].as_str().unwrap().contains(told), "{json}");
        }
    }
    let unknown = app.get(&format!("/api/rates/xyz?date={FIRST}")).await;
    assert_eq!(unknown.status.as_u16(), 404);
    let unknown = app.get(&format!("/api/rates?base=xyz&date={FIRST}")).await;
    assert_eq!(unknown.json()["parameter"], "base");
}

#[tokio::test]
async fn rates_of_a_date_may_be_kept_until_there_can_be_later_ones() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let app = with_a_history(folder.path()).await;
    for path in [
        "/api/rates?date=",
        "/api/rates/usd?date=",
        "/api/rates.csv?date=",
        "/api/convert?from=btc&to=usd&date=",
    ] {
        let first = app.get(&format!("{path}{FIRST}")).await;
        assert_eq!(first.header("cache-control"), "public, max-age=300, stale-if-error=86400");
        assert_eq!(first.header("age"), "100", "{path}");
        let tag = first.header("etag");
        assert!(tag.starts_with("\"20261122T092128Z-"), "{path} {tag}");
        let again = app.get_with(&format!("{path}{FIRST}"), &[("if-none-match", tag)]).await;
        assert_eq!(again.status.as_u16(), 304, "{path}");
        let second = app.get(&format!("{path}{SECOND}")).await;
        assert_ne!(second.header("etag"), tag, "{path}");
    }
}

#[tokio::test]
async fn a_tag_outlives_the_rates_of_now() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store), ("CACHE_DURATION", "1")];
    let started = tokio::time::Instant::now();
    let clock = Arc::new(move || NOW + started.elapsed());
    let app = App::start_with_clock(Reply::rates(80_000.0), &variables, clock).await;
    let path = format!("/api/rates?date={FIRST}");
    let tag = app.get(&path).await.header("etag").to_owned();
    app.wait_until("there are new rates", async || {
        app.get("/api/rates/usd").await.json()["value"] == 80_000.0
    })
    .await;
    let again = app.get_with(&path, &[("if-none-match", &tag)]).await;
    assert_eq!(again.status.as_u16(), 304);
}

#[tokio::test]
async fn while_the_store_can_t_be_read_nothing_is_claimed() {
    let folder = tempfile::tempdir().unwrap();
    // Another process has the file open.
    let _in_use = left_by_another(folder.path());
    let app = with_a_history(folder.path()).await;
    app.wait_for_rates().await;
    for route in ["/api/rates", "/api/rates/usd", "/api/rates.csv"] {
        let answer = app.get(&format!("{route}?date={FIRST}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "60"), "{route}");
    }
    let now = "date=2026-11-23T08:21:28Z";
    app.wait_until("what is in memory answers", async || {
        app.get(&format!("/api/rates?{now}")).await.status == 200
    })
    .await;
    for route in ["/api/rates", "/api/rates/usd"] {
        let answer = app.get(&format!("{route}?{now}")).await;
        assert_eq!(answer.json()["complete"], false, "{route}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{route}");
    }
    // A file has no place for that.
    assert_eq!(app.get(&format!("/api/rates.csv?{now}")).await.status.as_u16(), 503);
}
