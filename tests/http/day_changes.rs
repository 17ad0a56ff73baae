//! Changes over a day from the first snapshot on, by CoinGecko's own account, until the history can tell them.

use std::sync::Arc;

use crypto_rates::rates::Timestamp;

use crate::{app::App, standin::Reply};

/// 2026-11-23T16:39:45Z
const NOW: u64 = 1_795_451_985;
const VARIABLES: [(&str, &str); 2] = [("CACHE_DURATION", "1"), ("HISTORY_BACKFILL", "1d")];
const LIST: &str = "/simple/supported_vs_currencies";
const PRICE: &str = "/simple/price?";

/// As CoinGecko documents it.
const CHANGES: &str = r#"{"bitcoin":{"usd":80000,"usd_24h_change":10.0,"eur":65000.5,"eur_24h_change":-20.0,
    "chf_24h_change":null}}"#;

const COINGECKO_S_OWN: &str = "Changes over 24 hours are CoinGecko’s own";

async fn start(side: &[(&str, Reply)]) -> App {
    let started = tokio::time::Instant::now();
    let clock = Arc::new(move || Timestamp::from_unix_seconds(NOW) + started.elapsed());
    let app = App::start_with_clock(Reply::Stall, &VARIABLES, clock).await;
    app.upstream.set_side(LIST, Reply::currencies(&["btc", "usd", "eur", "chf"]));
    for (part, reply) in side {
        app.upstream.set_side(part, reply.clone());
    }
    app.upstream.set(Reply::rates(80_000.0));
    app
}

/// Returns the change of a day and who tells it.
async fn told(app: &App, path: &str) -> (Option<f64>, Option<String>) {
    let answer = app.get(&format!("/api/rates/{path}")).await.json();
    let source = answer["change_24h_source"].as_str().map(str::to_owned);
    (answer["change_24h"].as_f64(), source)
}

fn by(source: &str, change: f64) -> (Option<f64>, Option<String>) {
    (Some(change), Some(source.to_owned()))
}

#[tokio::test]
async fn the_source_tells_them_until_the_history_can() {
    // Dollars have a history from the second call on; the first fails.
    let side = [
        (PRICE, Reply::json(CHANGES)),
        ("market_chart?vs_currency=usd&", Reply::status("500 Oops", "", "")),
    ];
    let app = start(&side).await;
    let coingecko = |change| by("coingecko", change);
    app.wait_until("changes are told", async || told(&app, "usd").await == coingecko(10.0)).await;
    assert_eq!(told(&app, "eur?base=usd").await, coingecko(-27.27));
    assert_eq!(told(&app, "eur?base=usd&quote=direct").await, coingecko(37.5));
    assert_eq!(told(&app, "sats?base=usd").await, coingecko(-9.09));
    assert_eq!(told(&app, "chf").await, (None, None));
    // Row, tile and chart tell the same.
    let page = app.get("/").await;
    assert!(page.text().contains("<td>+10.00\u{a0}%</td>"));
    assert!(page.text().contains(COINGECKO_S_OWN));
    assert!(app.get("/?view=rate&symbol=usd").await.text().contains("+10.00\u{a0}%"));
    let latest = app.get("/fn/latest?base=btc&symbol=usd&span=24h").await.json();
    assert_eq!(latest["chart"]["change"], 10.0);
    let request = app.upstream.side_requests();
    let request = request.iter().find(|address| address.contains(PRICE)).unwrap();
    assert!(request.starts_with("/api/v3/simple/price?ids=bitcoin&vs_currencies="), "{request}");
    assert!(request.ends_with("&include_24hr_change=true"), "{request}");
    let query = request.split_once("vs_currencies=").unwrap().1.split('&').next().unwrap();
    assert_eq!(query.split(',').count(), 3, "only what is listed: {query}");

    let chart = Reply::market_chart(NOW, 24, |_| 64_000.0 * 1.25);
    app.upstream.set_side("market_chart?vs_currency=usd&", chart);
    app.wait_until("ours takes over", async || told(&app, "usd").await == by("history", 0.0)).await;
    assert_eq!(told(&app, "eur").await, coingecko(-20.0));
    let latest = app.get("/fn/latest?base=btc&symbol=usd&span=24h").await.json();
    assert_eq!(latest["chart"]["change"], 0.0);
    // Of euros it is CoinGecko's still, and the page goes on to say so, until there are no others.
    assert!(app.get("/").await.text().contains(COINGECKO_S_OWN));
    let chart = Reply::market_chart(NOW, 24, |_| 65_000.0);
    for part in ["market_chart?vs_currency=eur&", "market_chart?vs_currency=chf&"] {
        app.upstream.set_side(part, chart.clone());
    }
    app.wait_until("ours takes over", async || {
        told(&app, "eur").await.1.as_deref() == Some("history")
    })
    .await;
    app.wait_until("the page says so no more", async || {
        !app.get("/").await.text().contains(COINGECKO_S_OWN)
    })
    .await;
}

async fn tells_nothing(failure: Reply, outcome: &str) {
    let app = start(&[(PRICE, failure)]).await;
    let counted = format!(r#"rates_source_calls_total{{source="coingecko",outcome="{outcome}"}}"#);
    app.wait_until("it is counted", async || app.get("/metrics").await.text().contains(&counted))
        .await;
    assert_eq!(told(&app, "usd").await, (None, None));
    // Readers and refreshes notice nothing.
    let calls = app.upstream.requests().len();
    app.wait_until("it goes on", async || app.upstream.requests().len() > calls + 2).await;
    assert_eq!(app.get("/health").await.json()["refresh"]["consecutive_failures"], 0);
}

macro_rules! failures {
    ($($name:ident: $reply:expr => $outcome:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                tells_nothing($reply, $outcome).await;
            }
        )*
    };
}

const LIMIT: &str =
    r#"{"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit"}}"#;
const ABSURD: &str = r#"{"bitcoin":{"usd_24h_change":900,"eur_24h_change":900}}"#;

failures! {
    too_many_requests: Reply::status("429 Too Many Requests", "", LIMIT) => "rate_limited";
    an_error_with_200: Reply::json(LIMIT) => "rate_limited";
    cut_off_json: Reply::json(&CHANGES[..60]) => "not_json";
    values_that_cannot_be_right: Reply::json(ABSURD) => "absurd";
}
