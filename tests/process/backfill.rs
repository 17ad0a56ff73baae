//! A history that is filled backwards, over restarts and by several replicas on one Redis.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{
    redis::Redis,
    running::{Running, get_json, wait_until},
    standin::{Reply, Upstream},
};

const LIST: &str = "/simple/supported_vs_currencies";

/// Starts an upstream that knows the past of these currencies.
async fn upstream(codes: &[&str]) -> Upstream {
    let upstream = Upstream::start(Reply::rates(80_000.0)).await;
    let sample: serde_json::Value =
        serde_json::from_str(include_str!("../../src/sources/sample.json")).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for code in codes {
        let value = sample["rates"][code]["value"].as_f64().unwrap();
        let chart = Reply::market_chart(now, 720, |_| value);
        upstream.set_side(&format!("market_chart?vs_currency={code}&"), chart);
    }
    let listed: Vec<&str> = ["btc"].into_iter().chain(codes.iter().copied()).collect();
    upstream.set_side(LIST, Reply::currencies(&listed));
    upstream
}

/// How often each currency was asked for, in order of the first time.
fn asked(upstream: &Upstream) -> Vec<(String, usize)> {
    let mut asked: Vec<(String, usize)> = Vec::new();
    for address in upstream.side_requests() {
        let Some((_, rest)) = address.split_once("market_chart?vs_currency=") else { continue };
        let code = rest.split('&').next().unwrap().to_owned();
        match asked.iter_mut().find(|(other, _)| *other == code) {
            Some((_, count)) => *count += 1,
            None => asked.push((code, 1)),
        }
    }
    asked
}

fn filled(server: &Running, code: &str) -> usize {
    let history = get_json(server.address, &format!("/api/history?symbol={code}&from=31d&step=1h"));
    let points = history["points"].as_array().cloned().unwrap_or_default();
    points.iter().filter(|point| point["backfilled"] == true).count()
}

/// What is filled when a process is killed is not asked for again by the next.
async fn is_resumed(store: &str) {
    let codes = ["usd", "eur", "jpy", "gbp", "eth"];
    let upstream = upstream(&codes).await;
    let source = upstream.url();
    let variables = [("STORE_URL", store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", "1")];
    let mut first = Running::start(&variables);
    wait_until("two are filled", || filled(&first, "eur") > 700);
    first.kill();
    let before = asked(&upstream);
    let second = Running::start(&variables);
    wait_until("all are filled", || codes.iter().all(|code| filled(&second, code) > 700));
    let asked = asked(&upstream);
    let order: Vec<&str> = asked.iter().map(|(code, _)| &**code).collect();
    assert_eq!(order, codes);
    // The call that was under way when it was killed, if any, was lost.
    let twice = asked.iter().filter(|(_, count)| *count > 1).count();
    assert!(twice <= 1 && asked[..2].iter().all(|(_, count)| *count == 1), "{before:?} {asked:?}");
    // The day's change is ours.
    let usd = get_json(second.address, "/api/rates/usd");
    assert_eq!(usd["change_24h_source"], "history", "{usd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_file_it_is_resumed_where_a_killed_process_stopped() {
    let folder = tempfile::tempdir().unwrap();
    is_resumed(&format!("file://{}", folder.path().display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_redis_the_leader_alone_asks_and_the_next_one_goes_on() {
    let redis = Redis::start();
    let codes = ["usd", "eur", "jpy", "gbp"];
    let upstream = upstream(&codes).await;
    let (store, source) = (redis.url(), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", "1")];
    let mut servers: Vec<_> = (0..3).map(|_| Running::start(&variables)).collect();
    let leads =
        |server: &Running| get_json(server.address, "/health")["store"]["role"] == "in_charge";
    wait_until("one is in charge", || servers.iter().any(leads));
    wait_until("dollars are filled", || filled(&servers[0], "usd") > 700);
    let leader = servers.iter().position(leads).unwrap();
    let leader = servers.remove(leader);
    leader.signal("-TERM");
    wait_until("all are filled, for all", || {
        servers.iter().all(|server| codes.iter().all(|code| filled(server, code) > 700))
    });
    let asked = asked(&upstream);
    assert!(asked.iter().filter(|(_, count)| *count > 1).count() <= 1, "{asked:?}");
    assert_eq!(asked[0], ("usd".to_owned(), 1));
}
