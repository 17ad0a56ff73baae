//! The lines that the log has about sources and references, and what a restart and other replicas know of these.

use std::time::SystemTime;

use crypto_rates::rates::Timestamp;

use crate::{
    redis::Redis,
    running::{Running, get_json, wait_until},
    standin::{Reply, Upstream},
};

const TICKER: &str = "/ticker?";
const ECB: &str = "providers=ecb";

fn wait_for_calls(upstream: &Upstream) {
    let calls = upstream.requests().len();
    wait_until("it is asked", || upstream.requests().len() > calls + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_source_that_fails_is_named_once_for_each_reason() {
    let first = Upstream::start(Reply::status("500 Oops", "", "")).await;
    let second = Upstream::start(Reply::status("404 Not Found", "", "")).await;
    let (coingecko, coinbase) = (first.url(), second.url());
    let mut server = Running::start(&[
        ("RATES_SOURCES", "coingecko,coinbase"),
        ("COINGECKO_URL", &coingecko),
        ("COINBASE_URL", &coinbase),
        ("CACHE_DURATION", "1"),
        ("STORE_URL", "memory:"),
    ]);
    wait_for_calls(&second);
    second.set(Reply::Reset);
    wait_for_calls(&second);
    let rates = r#"{"data":{"currency":"BTC","rates":{"BTC":"1","USD":"75001.5"}}}"#;
    second.set(Reply::json(rates));
    server.wait_for_rates();
    wait_for_calls(&first);
    server.signal("-INT");
    let log = server.wait();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<serde_json::Value> =
        lines.filter(|line: &serde_json::Value| line["source"].is_string()).collect();
    let word = |line: &serde_json::Value, field: &str| {
        line[field].as_str().unwrap_or_default().split(':').next().unwrap().to_owned()
    };
    let lines: Vec<_> =
        lines.iter().map(|line| ["source", "message", "error"].map(|f| word(line, f))).collect();
    let expected = [
        ["coingecko", "the refresh failed", "answered with status 500"],
        ["coinbase", "the refresh failed", "answered with status 404"],
        ["coinbase", "the refresh failed", "could not be reached"],
        ["coinbase", "rates are fresh", ""],
    ];
    assert_eq!(lines, expected, "{log}");
}

/// Starts an upstream that has the rates of today, at the ECB and at Kraken.
async fn references() -> Upstream {
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let today = Timestamp::from(SystemTime::now()).to_string()[..10].to_owned();
    upstream.set_side(ECB, Reply::ecb(&today, |_| 1.0));
    upstream.set_side(TICKER, Reply::ticker(|_| 1.0));
    upstream
}

fn compared_with<'a>(url: &'a str, store: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("COINGECKO_URL", url),
        ("KRAKEN_URL", url),
        ("FRANKFURTER_URL", url),
        ("RATES_REFERENCES", "kraken,frankfurter"),
        ("HISTORY_BACKFILL", "0"),
        ("CACHE_DURATION", "1"),
        ("STORE_URL", store),
    ]
}

/// Returns how many values each reference has in common with the rates that are served.
fn compared(server: &Running) -> [u64; 2] {
    let health = get_json(server.address, "/health");
    [0, 1].map(|number| health["references"][number]["compared"].as_u64().unwrap())
}

fn calls(upstream: &Upstream, part: &str) -> usize {
    upstream.side_requests().iter().filter(|address| address.contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_knows_what_it_was_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let (upstream, store) = (references().await, format!("file://{}", folder.path().display()));
    let url = upstream.url();
    let variables = compared_with(&url, &store);
    let mut first = Running::start(&variables);
    wait_until("both are compared", || compared(&first) == [6, 6]);
    // What is compared is stored with the rates of the next refresh.
    wait_for_calls(&upstream);
    first.kill();
    let second = Running::start(&variables);
    assert_eq!(compared(&second)[1], 6, "at once");
    wait_for_calls(&upstream);
    assert_eq!(calls(&upstream, ECB), 1);
    assert!(calls(&upstream, TICKER) > 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_replicas_tell_the_deviations_and_one_of_them_asks() {
    let (redis, upstream) = (Redis::start(), references().await);
    let (store, url) = (redis.url(), upstream.url());
    let variables = compared_with(&url, &store);
    let servers: Vec<_> = (0..3).map(|_| Running::start(&variables)).collect();
    wait_until("all compare", || servers.iter().all(|server| compared(server) == [6, 6]));
    assert_eq!(calls(&upstream, ECB), 1);
    let [tickers, refreshes] = [calls(&upstream, TICKER), upstream.requests().len()];
    assert!(tickers <= refreshes, "{tickers} calls beside {refreshes} refreshes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_fails_is_named_once_for_each_reason() {
    let upstream = references().await;
    upstream.set_side(TICKER, Reply::status("500 Oops", "", ""));
    let url = upstream.url();
    let mut server = Running::start(&compared_with(&url, "memory:"));
    wait_until("it fails", || calls(&upstream, TICKER) > 1);
    upstream.set_side(TICKER, Reply::Reset);
    let failed = calls(&upstream, TICKER);
    wait_until("it fails again", || calls(&upstream, TICKER) > failed);
    upstream.set_side(TICKER, Reply::ticker(|_| 1.0));
    wait_until("it is compared", || compared(&server) == [6, 6]);
    server.signal("-INT");
    let log = server.wait();
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let lines: Vec<_> = lines.filter(|line| line["reference"] == "kraken").collect();
    let errors: Vec<_> =
        lines.iter().map(|line| line["error"].as_str().unwrap_or_default()).collect();
    let [first, second, last] = errors[..] else { panic!("{log}") };
    assert_eq!((first, last), ("answered with status 500", ""));
    assert!(second.starts_with("could not be reached"), "{second}");
    assert_eq!(lines[2]["message"], "a reference answers again");
}
