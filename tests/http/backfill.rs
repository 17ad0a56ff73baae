//! A history that is filled backwards, from an upstream that answers as CoinGecko documents it, and in the ways it
//! fails.

use std::sync::Arc;

use crypto_rates::rates::Timestamp;
use serde_json::Value;

use crate::{
    app::App,
    standin::{Reply, Upstream},
};

/// 2026-11-23T16:39:45Z
const NOW: u64 = 1_795_451_985;
const DAYS: u64 = 7;
const VARIABLES: [(&str, &str); 2] = [("CACHE_DURATION", "1"), ("HISTORY_BACKFILL", "7d")];

/// Starts a server whose clock goes on from [`NOW`], with an upstream that has `side` for it.
async fn start(side: &[(&str, Reply)], variables: &[(&str, &str)]) -> App {
    let started = tokio::time::Instant::now();
    let clock = Arc::new(move || Timestamp::from_unix_seconds(NOW) + started.elapsed());
    let app = App::start_with_clock(Reply::Stall, variables, clock).await;
    for (part, reply) in side {
        app.upstream.set_side(part, reply.clone());
    }
    app.upstream.set(Reply::rates(80_000.0));
    app
}

/// Prices that rise to 80 000 now.
fn chart() -> Reply {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a week")]
    Reply::market_chart(NOW, 24 * DAYS, |time| 80_000.0 - (NOW - time) as f64 / 100.0)
}

const LIST: &str = "/simple/supported_vs_currencies";
const DOLLARS: &str = "market_chart?vs_currency=usd&";
const EUROS: &str = "market_chart?vs_currency=eur&";

async fn points(app: &App, code: &str) -> Vec<Value> {
    let history = app.get(&format!("/api/history?symbol={code}&from=8d&step=1h")).await;
    history.json()["points"].as_array().cloned().unwrap_or_default()
}

async fn filled(app: &App, code: &str) {
    app.wait_until("the history is filled", async || points(app, code).await.len() > 100).await;
}

fn asked(upstream: &Upstream, part: &str) -> usize {
    upstream.side_requests().iter().filter(|address| address.contains(part)).count()
}

#[tokio::test]
async fn charts_and_changes_are_whole_and_say_what_was_filled_in() {
    let side = [(LIST, Reply::currencies(&["btc", "eth", "usd"])), (DOLLARS, chart())];
    let app = start(&side, &VARIABLES).await;
    filled(&app, "usd").await;
    let points = points(&app, "usd").await;
    assert_eq!(points[0]["backfilled"], true);
    assert_eq!(points[0]["time"], "2026-11-16T17:00:00Z");
    assert!(points.last().unwrap()["backfilled"].is_null(), "{points:?}");
    assert!(points.iter().filter(|point| point["backfilled"] == true).count() >= 167);
    let change = app.get("/api/rates/usd").await.json()["change_24h"].clone();
    // From the value of 17:00 the day before.
    assert_eq!(change, 1.08, "{change}");
    let past = app.get("/api/convert?from=btc&to=usd&date=2026-11-20T12:30:00Z").await.json();
    let filled_in = (&past["recorded_at"], &past["backfilled"]);
    assert_eq!(filled_in, (&"2026-11-20T12:00:00Z".into(), &true.into()), "{past}");
    let past = app.get("/api/rates?symbols=usd&date=2026-11-20T12:30:00Z").await.json();
    assert_eq!((&past["recorded_at"], &past["backfilled"]), filled_in, "{past}");
    let now = app.get("/api/convert?from=btc&to=usd").await.json();
    assert!(now["backfilled"].is_null(), "{now}");
    let latest = app.get("/fn/latest?base=btc&symbol=usd&span=7d").await.json();
    assert!(latest["chart"]["points"].as_array().unwrap().len() > 80);
    let sparklines = app.get("/api/sparklines").await.json();
    let line = sparklines["series"]["usd"].as_array().unwrap();
    assert!(line.iter().filter(|value| !value.is_null()).count() >= 24, "{line:?}");
    // What is not listed is not asked for, and what is listed only once.
    app.wait_until("ether is asked for", async || asked(&app.upstream, "=eth&") == 1).await;
    let calls = app.upstream.requests().len();
    app.wait_until("it goes on", async || app.upstream.requests().len() > calls + 2).await;
    let requests = app.upstream.side_requests();
    assert_eq!(asked(&app.upstream, "market_chart"), 2, "{requests:?}");
    assert_eq!(
        requests.iter().find(|address| address.contains("=usd&")).unwrap(),
        "/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=7"
    );
    let metrics = app.get("/metrics").await;
    assert!(metrics.text().contains(r#"coingecko_api_calls_total{status="success"}"#));
}

#[tokio::test]
async fn zero_asks_for_nothing() {
    let side = [(LIST, Reply::currencies(&["btc", "usd"])), (DOLLARS, chart())];
    let app = start(&side, &[VARIABLES[0], ("HISTORY_BACKFILL", "0")]).await;
    app.wait_until("it refreshes", async || app.upstream.requests().len() > 3).await;
    assert_eq!(asked(&app.upstream, "market_chart"), 0);
}

#[tokio::test]
async fn an_upstream_without_a_past_is_not_asked_for_it() {
    let side = [(LIST, Reply::currencies(&["btc", "usd"])), (DOLLARS, chart())];
    let coinbase = r#"{"data":{"currency":"BTC","rates":{"BTC":"1","USD":"80000"}}}"#;
    let coinbase = Upstream::start(Reply::json(coinbase)).await;
    let url = coinbase.url();
    let variables = [VARIABLES[0], ("RATES_SOURCES", "coinbase"), ("COINBASE_URL", &*url)];
    let app = start(&side, &variables).await;
    app.wait_until("it refreshes", async || coinbase.requests().len() > 3).await;
    assert_eq!(coinbase.side_requests().len() + app.upstream.side_requests().len(), 0);
}

/// Starts with a failure of the call for dollars, and checks that euros are filled all the same, that readers
/// notice nothing, and that dollars follow once the upstream is well.
async fn fails_for_a_while(failure: Reply, outcome: &str) {
    let side =
        [(LIST, Reply::currencies(&["btc", "usd", "eur"])), (DOLLARS, failure), (EUROS, euros())];
    let app = start(&side, &VARIABLES).await;
    filled(&app, "eur").await;
    assert!(asked(&app.upstream, DOLLARS) > 0);
    let backfilled = points(&app, "usd").await;
    assert!(backfilled.iter().all(|point| point["backfilled"].is_null()), "{outcome}");
    let health = app.get("/health").await.json();
    assert_eq!(health["refresh"]["consecutive_failures"], 0, "{health}");
    let counted = format!(r#"rates_source_calls_total{{source="coingecko",outcome="{outcome}"}}"#);
    let metrics = app.get("/metrics").await;
    assert!(metrics.text().contains(&counted), "{counted}: {}", metrics.text());
    app.upstream.set_side(DOLLARS, chart());
    filled(&app, "usd").await;
}

/// The same in euros.
fn euros() -> Reply {
    Reply::market_chart(NOW, 24 * DAYS, |_| 65_000.0)
}

macro_rules! failures {
    ($($name:ident: $reply:expr => $outcome:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                fails_for_a_while($reply, $outcome).await;
            }
        )*
    };
}

const LIMIT: &str =
    r#"{"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit"}}"#;

failures! {
    too_many_requests: Reply::status("429 Too Many Requests", "retry-after: 1\r\n", LIMIT) => "rate_limited";
    an_error_with_200: Reply::json(LIMIT) => "rate_limited";
    cut_off_json: Reply::json(r#"{"prices":[[1711843200000,69702.3"#) => "not_json";
    values_of_another_currency: Reply::market_chart(NOW, 24 * DAYS, |_| 7.5) => "absurd";
}

#[tokio::test]
async fn a_currency_that_the_upstream_does_not_know_is_asked_for_once() {
    let unknown = Reply::status("400 Bad Request", "", r#"{"error":"invalid vs_currency"}"#);
    let side =
        [(LIST, Reply::currencies(&["btc", "usd", "eur"])), (DOLLARS, unknown), (EUROS, euros())];
    let app = start(&side, &VARIABLES).await;
    filled(&app, "eur").await;
    let calls = app.upstream.requests().len();
    app.wait_until("it goes on", async || app.upstream.requests().len() > calls + 3).await;
    assert_eq!(asked(&app.upstream, DOLLARS), 1);
}
