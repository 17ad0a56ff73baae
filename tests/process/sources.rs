//! The lines that the log has about sources.

use crate::{
    running::{Running, wait_until},
    standin::{Reply, Upstream},
};

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
