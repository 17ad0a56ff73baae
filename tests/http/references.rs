//! What the rates are compared with: shown, believed where two agree against one, and missed by nobody.

use std::time::SystemTime;

use crypto_rates::rates::Timestamp;
use serde_json::Value;

use crate::{
    app::App,
    standin::{Reply, Upstream},
};

const TICKER: &str = "/ticker?";
const ECB: &str = "providers=ecb";
/// As in the sample.
const DOLLARS: f64 = 75_817.765;

fn today() -> String {
    Timestamp::from(SystemTime::now()).to_string()[..10].to_owned()
}

/// Starts a server with both references, which answer this.
async fn start(ticker: Reply, ecb: Reply) -> (App, Upstream) {
    let references = Upstream::start(Reply::Stall).await;
    references.set_side(TICKER, ticker);
    references.set_side(ECB, ecb);
    let (kraken, frankfurter) = (
        format!("http://{}/0/public", references.address),
        format!("http://{}/v2", references.address),
    );
    let variables = [
        ("RATES_REFERENCES", "frankfurter,kraken"),
        ("KRAKEN_URL", &*kraken),
        ("FRANKFURTER_URL", &*frankfurter),
        ("CACHE_DURATION", "1"),
        ("HISTORY_BACKFILL", "0"),
    ];
    let app = App::start_with(Reply::rates(DOLLARS), &variables).await;
    app.wait_for_rates().await;
    (app, references)
}

/// Returns each reference with its deviation of a value, in tenths of a percent.
async fn deviations(app: &App, code: &str) -> Vec<(String, f64)> {
    let answer = app.get(&format!("/api/rates/{code}")).await.json();
    let each = |deviation: &Value| {
        let reference = deviation["reference"].as_str().unwrap().to_owned();
        (reference, (deviation["ratio"].as_f64().unwrap() * 1_000.0).round())
    };
    let mut deviations: Vec<_> =
        answer["deviations"].as_array().map_or_else(Vec::new, |all| all.iter().map(each).collect());
    deviations.sort_by(|(a, _), (b, _)| a.cmp(b));
    deviations
}

fn both(frankfurter: f64, kraken: f64) -> Vec<(String, f64)> {
    vec![("frankfurter".to_owned(), frankfurter), ("kraken".to_owned(), kraken)]
}

#[tokio::test]
async fn the_rates_are_compared_and_everybody_can_see_it() {
    // Bitcoin costs two percent more at Kraken, and Swiss francs five percent more than that.
    let ticker = Reply::ticker(|code| if code == "chf" { 1.02 * 1.05 } else { 1.02 });
    let ecb = Reply::ecb(&today(), |code| if code == "sek" { 1.1 } else { 1.0 });
    let (app, references) = start(ticker, ecb).await;
    app.wait_until("both are asked", async || deviations(&app, "chf").await == both(0.0, 48.0))
        .await;
    assert_eq!(deviations(&app, "usd").await, both(0.0, 0.0));
    assert_eq!(deviations(&app, "sek").await, [("frankfurter".to_owned(), 91.0)]);
    assert_eq!(deviations(&app, "btc").await, [("kraken".to_owned(), 20.0)]);
    assert!(deviations(&app, "xau").await.is_empty());
    let answer = app.get("/api/rates/sek").await.json();
    assert_eq!(answer["deviations"][0]["as_of"], format!("{}T00:00:00Z", today()));

    let health = app.get("/health").await.json();
    let [frankfurter, kraken] = [0, 1].map(|number| &health["references"][number]);
    assert_eq!(
        (&health["status"], &frankfurter["name"]),
        (&"healthy".into(), &"frankfurter".into())
    );
    let largest = |it: &Value| (it["compared"].as_u64(), it["largest_deviation_code"].clone());
    assert_eq!(largest(frankfurter), (Some(6), "sek".into()));
    assert_eq!(largest(kraken), (Some(6), "chf".into()));
    assert!(kraken["as_of"].is_string() && kraken["last_checked"].is_string(), "{kraken}");

    let metrics = app.get("/metrics").await.text().to_owned();
    let series = |reference, code| {
        let labels = format!(r#"source="coingecko",reference="{reference}",code="{code}""#);
        let name = format!("rates_source_deviation_ratio{{{labels}}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok())
    };
    assert!(
        series("kraken", "chf").is_some_and(|ratio| (0.047..0.048).contains(&ratio)),
        "{metrics}"
    );
    assert!(series("frankfurter", "sek").is_some_and(|ratio| (0.09..0.1).contains(&ratio)));
    assert_eq!(series("kraken", "sek"), None);
    for source in ["kraken", "frankfurter"] {
        let calls = format!(r#"rates_source_calls_total{{source="{source}",outcome="ok"}}"#);
        assert!(metrics.contains(&calls), "{metrics}");
    }

    // Each is told exactly what is wanted. One of them has new rates once a day.
    let requests = references.side_requests();
    let pairs = "xbtusd,xbteur,xbtgbp,xbtcad,xbtjpy,xbtaud,xbtchf";
    assert!(requests.contains(&format!("/0/public/ticker?pair={pairs}")), "{requests:?}");
    app.wait_until("it goes on", async || references.side_requests().len() > 5).await;
    let requests = references.side_requests();
    let ecb: Vec<_> = requests.iter().filter(|address| address.contains(ECB)).collect();
    assert_eq!(ecb, ["/v2/rates?base=eur&providers=ecb"]);
}

#[tokio::test]
async fn without_references_there_is_nothing_to_see() {
    let app = App::start().await;
    assert!(app.get("/health").await.json()["references"].is_null());
    assert!(app.get("/api/rates/eur").await.json()["deviations"].is_null());
    assert!(!app.get("/metrics").await.text().contains("rates_source_deviation_ratio{"));
}

#[tokio::test]
async fn a_value_that_two_contradict_is_left_out_and_one_that_they_have_is_believed() {
    let same = || Reply::ticker(|_| 1.0);
    let (app, references) = start(same(), Reply::ecb(&today(), |_| 1.0)).await;
    app.wait_until("both are asked", async || deviations(&app, "usd").await == both(0.0, 0.0))
        .await;
    let usd = async || app.get("/api/rates/usd").await.json();
    let is_stale = async || usd().await["cache_status"] == "stale";
    app.upstream.set(Reply::rates(DOLLARS * 1_000.0));
    app.wait_until("it is left out", is_stale).await;
    // The good value is shown, and all others are fresh.
    assert_eq!(usd().await["value"], DOLLARS);
    assert_ne!(app.get("/api/rates/eur").await.json()["cache_status"], "stale");
    assert_eq!(app.get("/health").await.json()["refresh"]["consecutive_failures"], 0);
    app.upstream.set(Reply::rates(DOLLARS));
    app.wait_until("it is back", async || !is_stale().await).await;
    assert_eq!(usd().await["value"], DOLLARS);
    // A new dollar, everywhere.
    let jump = |code: &str| if code == "usd" { 1_000.0 } else { 1.0 };
    references.set_side(TICKER, Reply::ticker(jump));
    references.set_side(ECB, Reply::ecb(&today(), jump));
    // Asked a moment before, it would still have the old one, and each reference would say something else.
    let kraken = ("kraken".to_owned(), 999.0);
    app.wait_until("one knows", async || deviations(&app, "usd").await.contains(&kraken)).await;
    let calls = app.upstream.requests().len();
    app.upstream.set(Reply::rates(DOLLARS * 1_000.0));
    app.wait_until("it is believed", async || usd().await["value"] == DOLLARS * 1_000.0).await;
    assert!(app.upstream.requests().len() < calls + 10, "it is not worn down");
    assert!(!app.get("/metrics").await.text().contains(r#"outcome="absurd""#));
}

async fn changes_nothing(part: &str, failure: Reply, outcome: &str) {
    let (app, _references) = match part {
        TICKER => start(failure, Reply::ecb(&today(), |_| 1.0)).await,
        _ => start(Reply::ticker(|_| 1.0), failure).await,
    };
    let (source, other) =
        if part == TICKER { ("kraken", "frankfurter") } else { ("frankfurter", "kraken") };
    let counted = format!(r#"rates_source_calls_total{{source="{source}",outcome="{outcome}"}}"#);
    app.wait_until("it is counted", async || app.get("/metrics").await.text().contains(&counted))
        .await;
    app.wait_until("the other is compared", async || {
        deviations(&app, "usd").await == [(other.to_owned(), 0.0)]
    })
    .await;
    // Readers and refreshes notice nothing.
    let calls = app.upstream.requests().len();
    app.wait_until("it goes on", async || app.upstream.requests().len() > calls + 2).await;
    let health = app.get("/health").await.json();
    assert_eq!(
        (&health["status"], &health["refresh"]["consecutive_failures"]),
        (&"healthy".into(), &0.into())
    );
    let own = health["references"].as_array().unwrap().iter().find(|it| it["name"] == source);
    assert_eq!(own.unwrap()["compared"], 0);
}

macro_rules! failures {
    ($($name:ident: $part:ident, $reply:expr => $outcome:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                changes_nothing($part, $reply, $outcome).await;
            }
        )*
    };
}

const LIMIT: &str = r#"{"error":["EGeneral:Too many requests"]}"#;
const UNKNOWN: &str = r#"{"error":["EQuery:Unknown asset pair"]}"#;
const INVALID: &str = r#"{"status":422,"message":"invalid currency: XXX"}"#;

failures! {
    kraken_limits_under_a_200: TICKER, Reply::json(LIMIT) => "rate_limited";
    kraken_refuses_a_pair: TICKER, Reply::json(UNKNOWN) => "refused";
    kraken_is_cut_off: TICKER, Reply::json(r#"{"error":[],"result":{"XXBTZUSD":{"c":["75"#) => "not_json";
    kraken_has_nothing: TICKER, Reply::json(r#"{"error":[],"result":{}}"#) => "no_rates";
    kraken_is_down: TICKER, Reply::status("503 Service Unavailable", "", "") => "bad_status";
    kraken_hangs: TICKER, Reply::Stall => "timeout";
    kraken_resets: TICKER, Reply::Reset => "unreachable";
    frankfurter_does_not_know_the_ecb: ECB, Reply::status("422 Unprocessable Entity", "", INVALID) => "bad_status";
    frankfurter_is_of_last_year: ECB, Reply::ecb("2025-11-28", |_| 1.0) => "ok";
    frankfurter_has_nothing: ECB, Reply::json("[]") => "no_rates";
    frankfurter_is_html: ECB, Reply::json("<!DOCTYPE html><title>Just a moment…</title>") => "not_json";
    frankfurter_limits: ECB, Reply::status("429 Too Many Requests", "retry-after: 60\r\n", "") => "rate_limited";
    frankfurter_hangs: ECB, Reply::Stall => "timeout";
}

#[tokio::test]
async fn kraken_stands_in_as_a_source() {
    let kraken = Upstream::start(Reply::Stall).await;
    kraken.set_side(TICKER, Reply::ticker(|_| 1.0));
    let url = format!("http://{}/0/public", kraken.address);
    let variables = [("RATES_SOURCES", "coingecko,kraken"), ("KRAKEN_URL", &*url)];
    let app = App::start_with(Reply::Reset, &variables).await;
    app.wait_for_rates().await;
    let json = app.get("/api/rates").await.json();
    assert_eq!((&json["data_source"], &json["total_currencies"]), (&"kraken".into(), &6.into()));
    assert_eq!(json["rates"]["usd"]["value"], DOLLARS);
    let page = app.get("/").await;
    assert!(page.text().contains("Data provided by Kraken"), "{}", page.text());
    assert!(page.text().contains("https://www.kraken.com"));
}
