//! `/api/history` and `/api/sparklines`: the recorded values, in any base and in steps.

use std::{path::Path, sync::Arc, time::Duration};

use crypto_rates::{
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::sample,
    store::{FileStore, Store},
};

use crate::{app::App, standin::Reply};

async fn points(app: &App, query: &str) -> Vec<serde_json::Value> {
    let answer = app.get(&format!("/api/history?{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["points"].as_array().unwrap().clone()
}

#[tokio::test]
async fn values_are_kept_and_told_in_steps() {
    let app = App::start_with(Reply::rates(80_000.0), &[("CACHE_DURATION", "1")]).await;
    app.wait_for_rates().await;
    app.wait_until("a first point", async || {
        points(&app, "symbol=usd&step=90s").await.iter().any(|point| point["value"] == 80_000.0)
    })
    .await;
    app.upstream.set(Reply::rates(70_000.0));
    app.wait_until("a second point", async || {
        let points = points(&app, "symbol=usd&step=90s").await;
        points.last().unwrap()["value"] == 70_000.0
    })
    .await;
    // Steps begin at `from`, so with a day before, two seconds never fall into different hours.
    let hour = points(&app, "symbol=usd&from=24h&step=25h").await;
    assert_eq!(hour.len(), 1);
    assert_eq!((&hour[0]["low"], &hour[0]["high"]), (&70_000.0.into(), &80_000.0.into()));
    assert_eq!(hour[0]["value"], 70_000.0);
    // In dollars, bitcoin moved in the other direction.
    let bitcoin = points(&app, "symbol=btc&base=usd&step=25h").await;
    assert_eq!(bitcoin[0]["low"], 1.0 / 80_000.0);
    // A direct quote is the price of the symbol: the same, asked the other way round.
    let direct = points(&app, "symbol=usd&quote=direct&step=25h").await;
    for value in ["value", "low", "high"] {
        assert_eq!(direct[0][value], bitcoin[0][value], "{value}");
    }
    assert_eq!(points(&app, "symbol=usd&to=1h").await.len(), 0);
    let answer = app.get("/api/history?symbol=USD&from=7d").await.json();
    assert_eq!((&answer["symbol"], &answer["base"]), (&"usd".into(), &"btc".into()));
    assert_eq!(answer["quote"], "inverse");
    assert_eq!(answer["step_seconds"], 606);
}

#[tokio::test]
async fn a_time_is_understood_with_its_plus_and_as_a_date() {
    let app = App::start().await;
    for (query, from, to) in [
        (
            "from=2026-11-01T00:00:00+01:00&to=2026-11-01T02:00:00%2B01:00",
            "2026-10-31T23:00:00Z",
            "2026-11-01T01:00:00Z",
        ),
        ("from=2026-11-01&to=2026-11-02", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
    ] {
        let json = app.get(&format!("/api/history?symbol=usd&{query}")).await.json();
        assert_eq!((&json["from"], &json["to"]), (&from.into(), &to.into()), "{query}");
    }
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let app = App::start().await;
    for (query, parameter) in [
        ("", "symbol"),
        ("symbol=xyz", "symbol"),
        ("symbol=usd&base=xyz", "base"),
        ("symbol=usd&from=soon", "from"),
        ("symbol=usd&from=1h&to=2026-01-01T00:00:00Z&to=1h", "to"),
        ("symbol=usd&to=%FF", "to"),
        ("symbol=usd&from=30d&step=1s", "step"),
        ("symbol=usd&limit=5", "limit"),
        ("symbol=usd&quote=both", "quote"),
    ] {
        let answer = app.get(&format!("/api/history?{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn sparklines_show_a_day_of_every_rate() {
    let app = App::start_with(Reply::rates(80_000.5), &[("CACHE_DURATION", "2")]).await;
    app.wait_for_rates().await;
    let sparklines = async |query: &str| {
        let answer = app.get(&format!("/api/sparklines{query}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        answer.json()
    };
    let json = sparklines("").await;
    let series = json["series"].as_object().unwrap();
    assert_eq!((series.len(), &json["complete"]), (76, &true.into()));
    let line =
        |json: &serde_json::Value, code: &str| json["series"][code].as_array().unwrap().clone();
    let dollars = line(&json, "usd");
    assert_eq!((dollars.len(), &dollars[47]), (48, &80_000.5.into()));
    assert!(dollars[..46].iter().all(serde_json::Value::is_null), "{dollars:?}");
    // The line ends with the published rates, without delay.
    app.upstream.set(Reply::rates(70_000.5));
    app.wait_until("new rates are up", async || {
        app.get("/api/rates/usd").await.json()["value"] == 70_000.5
    })
    .await;
    assert_eq!(line(&sparklines("").await, "usd")[47], 70_000.5);
    let bitcoin = line(&sparklines("?base=USD").await, "btc");
    assert_eq!(bitcoin[47], 1.42856e-5);
    let direct = sparklines("?quote=direct").await;
    assert_eq!(
        (&line(&direct, "usd")[47], &direct["quote"]),
        (&1.42856e-5.into(), &"direct".into())
    );
    let wrong = app.get("/api/sparklines?symbol=usd").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["parameter"]), (400, &"symbol".into()));
}

pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_422_088); // 2026-11-23T08:21:28Z

/// Writes the store of an earlier process: one bitcoin at 70 000 dollars a day ago, and at 71 000 lately.
pub fn left_by_another(folder: &Path) -> FileStore {
    left_with(folder, &[(23 * 3_600, 70_000.0), (100, 71_000.0)])
}

/// Writes one with the dollars of so many seconds ago.
pub fn left_with(folder: &Path, records: &[(u64, f64)]) -> FileStore {
    let store = FileStore::open(folder).unwrap();
    for &(ago, dollars) in records {
        let rates = sample::snapshot().rates().to_vec().into_iter();
        let rates = rates.map(|rate| match rate.code.as_str() {
            "usd" => Rate { value: dollars, ..rate },
            _ => rate,
        });
        let time = NOW - Duration::from_secs(ago);
        let snapshot = Snapshot::new(SourceName::Coingecko, time, rates.collect()).unwrap();
        store.put(&snapshot, NOW - Duration::from_secs(2 * 86_400)).unwrap();
    }
    store
}

/// Returns the dollar's steps that have a value, and whether the answer is complete.
async fn dollars(app: &App) -> (Vec<(usize, f64)>, bool) {
    let json = app.get("/api/sparklines").await.json();
    let line = json["series"]["usd"].as_array().unwrap().clone();
    let values = line.iter().enumerate().filter_map(|(step, value)| Some((step, value.as_f64()?)));
    (values.collect(), json["complete"].as_bool().unwrap())
}

#[tokio::test]
async fn sparklines_are_there_at_once_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_by_another(folder.path()));
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await;
    assert_eq!(dollars(&app).await, (vec![(1, 70_000.0), (47, 71_000.0)], true));
    let answer = app.get("/api/sparklines").await;
    assert_eq!(answer.json()["to"], "2026-11-23T08:30:00Z");
    assert_eq!(
        (answer.header("cache-control"), answer.header("age")),
        ("public, max-age=300, stale-if-error=86400", "100")
    );
}

#[tokio::test]
async fn a_currency_that_is_gone_has_a_history_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = left_by_another(folder.path());
    let whole = store.latest().unwrap().unwrap();
    let part = whole.without(&["eur".parse().unwrap()]);
    let part = Snapshot::new(SourceName::Coingecko, NOW, part.rates().to_vec()).unwrap();
    store.put(&part, NOW - Duration::from_secs(86_400)).unwrap();
    drop(store);
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await;
    assert_eq!(app.get("/api/rates/eur").await.status.as_u16(), 404);
    let euros = points(&app, "symbol=eur").await;
    assert_eq!((euros.len(), &euros[1]["value"]), (2, &65_223.37.into()));
    assert_eq!(points(&app, "symbol=usd&base=eur").await.len(), 2);
    // But not where there is none of it.
    for (query, parameter) in
        [("symbol=eur&to=1h&from=1h", "symbol"), ("symbol=usd&base=eur&to=1h&from=1h", "base")]
    {
        let answer = app.get(&format!("/api/history?{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn a_day_that_could_not_be_read_at_the_start_is_read_later() {
    let folder = tempfile::tempdir().unwrap();
    let in_use = left_by_another(folder.path());
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store), ("CACHE_DURATION", "1")];
    let reply = Reply::rates(80_000.0);
    let app = App::start_with_clock(reply, &variables, Arc::new(|| NOW)).await;
    app.wait_for_rates().await;
    assert_eq!(dollars(&app).await, (vec![(47, 80_000.0)], false));
    assert_eq!(app.get("/api/sparklines").await.header("cache-control"), "no-cache");
    drop(in_use);
    app.wait_until("the day is read", async || dollars(&app).await.1).await;
    assert_eq!(dollars(&app).await.0, [(1, 70_000.0), (47, 80_000.0)]);
}
