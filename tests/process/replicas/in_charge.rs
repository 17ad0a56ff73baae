//! Which replica calls the upstream, and what happens when it can't.

use std::time::Instant;

use super::{FAILOVER, PATIENCE, dollars, in_charge, replicas, role, wait_for_one_in_charge};
use crate::{
    redis::Redis,
    running::{Running, get, get_json, wait_until, wait_within},
    standin::{Reply, Upstream},
};

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_ask_once_and_all_have_the_answer() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let servers = replicas(3, &redis.url(), &upstream, "3");
    servers.iter().for_each(Running::wait_for_rates);
    wait_for_one_in_charge(&servers);
    let (started, calls) = (Instant::now(), upstream.requests().len());
    // That replicas are notified and need not poll is tested where the store is full.
    for value in [75_001.5, 75_002.5, 75_003.5] {
        upstream.set(Reply::rates(value));
        wait_until("all have it", || servers.iter().all(|server| dollars(server) == value));
    }
    // A slow machine makes fewer calls in that time, not more. The first one may have been in flight.
    let calls = upstream.requests().len() - calls;
    let most = (started.elapsed().as_secs() + 1) / 3 + 1;
    assert!(u64::try_from(calls).unwrap() <= most, "{calls} calls, {most} intervals");
    // All report the same state of the refresh, too.
    upstream.set(Reply::status("500 Oops", "", "<h1>Try later</h1>"));
    wait_until("all know of the failure", || {
        servers.iter().all(|server| {
            let refresh = get_json(server.address, "/health")["refresh"].clone();
            refresh["last_failure"] == "bad_status" && refresh["last_failure_reason"] == "Try later"
        })
    });
    let metrics = servers.iter().map(|server| get(server.address, "/metrics", ""));
    assert_eq!(metrics.filter(|text| text.contains("\nrates_in_charge 1\n")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_know_that_nothing_has_changed() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5).frozen()).await;
    let mut servers = replicas(2, &redis.url(), &upstream, "3");
    servers.iter().for_each(Running::wait_for_rates);
    wait_for_one_in_charge(&servers);
    let checked = |server: &Running| {
        let snapshot = get_json(server.address, "/health")["snapshot"].clone();
        assert!(
            snapshot["unchanged_since"].is_null()
                || snapshot["unchanged_since"] == snapshot["last_updated"]
        );
        (!snapshot["unchanged_since"].is_null()).then(|| snapshot["last_checked"].to_string())
    };
    let all_later = |servers: &[Running], than: &Option<String>| {
        servers.iter().all(|server| checked(server) > *than)
    };
    wait_until("all know", || all_later(&servers, &None));
    let first = servers.iter().filter_map(checked).max();
    wait_until("it is confirmed again", || all_later(&servers, &first));
    let id = |server: &Running| get_json(server.address, "/api/rates")["snapshot_id"].clone();
    assert_eq!(id(&servers[0]), id(&servers[1]));
    // One that takes over, and one that starts, know it from the store.
    in_charge(&mut servers).kill();
    upstream.set(Reply::Stall);
    servers.extend(replicas(1, &redis.url(), &upstream, "3"));
    wait_until("it knows", || all_later(&servers[1..], &first));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_one_in_charge_is_killed_in_a_call_another_takes_over() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let mut servers = replicas(3, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    servers.iter().for_each(Running::wait_for_rates);
    let calls = upstream.requests().len();
    upstream.set(Reply::Stall);
    wait_until("it is in a call", || upstream.requests().len() > calls);
    let killed = holder(&redis);
    in_charge(&mut servers).kill();
    upstream.set(Reply::rates(75_001.5));
    // While the lease is held, for at most ten seconds, no other replica calls the upstream.
    let calls = upstream.requests().len();
    assert!((0..=10_000).contains(&lease_lasts(&redis)), "{}", lease_lasts(&redis));
    wait_until("the lease is over", || {
        let so_far = upstream.requests().len();
        let held = holder(&redis) == killed;
        assert!(!held || so_far == calls, "{so_far} calls, {calls} before");
        !held
    });
    wait_within(FAILOVER, "the others have new rates", || {
        servers.iter().all(|server| dollars(server) == 75_001.5)
    });
    wait_for_one_in_charge(&servers);
    // On SIGTERM, the leader gives up its lease, so that nobody waits until it expires.
    let run_out = leases_run_out(&redis);
    let mut second = in_charge(&mut servers);
    second.signal("-TERM");
    wait_within(FAILOVER, "the last is in charge", || role(&servers[0]) == "in_charge");
    assert_eq!(leases_run_out(&redis), run_out);
    second.wait();
}

/// Returns the name of the lease's holder.
fn holder(redis: &Redis) -> String {
    redis.cli(&["GET", "{crypto-rates:1}:lease"])
}

/// Returns the milliseconds until the lease expires, if it is not renewed.
fn lease_lasts(redis: &Redis) -> i64 {
    redis.cli(&["PTTL", "{crypto-rates:1}:lease"]).trim().parse().unwrap()
}

/// Counts the leases that expired without being given up: nothing else in the store expires.
fn leases_run_out(redis: &Redis) -> String {
    let stats = redis.cli(&["INFO", "stats"]);
    stats.lines().find(|line| line.starts_with("expired_keys:")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_way_out_is_cut_lets_another_try() {
    let redis = Redis::start();
    let (cut, open) =
        (Upstream::start(Reply::Reset).await, Upstream::start(Reply::rates(75_000.5)).await);
    let first = replicas(1, &redis.url(), &cut, "3").remove(0);
    wait_until("it is in charge", || role(&first) == "in_charge");
    let second = replicas(1, &redis.url(), &open, "3").remove(0);
    wait_within(PATIENCE, "both have rates", || {
        [&first, &second]
            .iter()
            .all(|server| get(server.address, "/health/ready", "").starts_with("HTTP/1.1 200"))
    });
    assert_eq!((role(&first), role(&second)), ("waiting".to_owned(), "in_charge".to_owned()));
    assert_eq!(dollars(&first), 75_000.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_asleep_while_its_lease_ran_out_overwrites_nothing() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (redis.url(), upstream.url());
    // The timeout must outlast its sleep, or the answer would be refused because of it.
    let variables = [
        ("STORE_URL", &*store),
        ("COINGECKO_URL", &*source),
        ("CACHE_DURATION", "3"),
        ("API_TIMEOUT", "120"),
    ];
    let mut servers = vec![Running::start(&variables), Running::start(&variables)];
    wait_for_one_in_charge(&servers);
    let asleep = in_charge(&mut servers);
    let fence = || redis.cli(&["GET", "{crypto-rates:1}:fence"]).trim().parse::<u64>().unwrap();
    let before = fence();
    let calls = upstream.requests().len();
    let Reply::Bytes(late) = Reply::rates(70_000.5).frozen() else { unreachable!() };
    upstream.set(Reply::HeldBack(late));
    wait_until("it is in a call", || upstream.requests().len() > calls);
    // The answer arrives while it sleeps.
    asleep.signal("-STOP");
    upstream.let_go();
    upstream.set(Reply::rates(75_001.5));
    wait_within(FAILOVER, "the other is in charge", || role(&servers[0]) == "in_charge");
    assert!(fence() > before);
    wait_until("and has new rates", || dollars(&servers[0]) == 75_001.5);
    asleep.signal("-CONT");
    wait_within(FAILOVER, "the first waits", || {
        assert_eq!(dollars(&servers[0]), 75_001.5);
        role(&asleep) == "waiting"
    });
    wait_until("and has the other's rates", || dollars(&asleep) == 75_001.5);
    assert_eq!(role(&servers[0]), "in_charge");
    let history = get_json(servers[0].address, "/api/history?symbol=usd&step=1d");
    assert_ne!(history["points"][0]["low"], 70_000.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_live_rates_each_shows_the_sample() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::Reset).await;
    let (store, source) = (redis.url(), upstream.url());
    let variables = [
        ("STORE_URL", &*store),
        ("COINGECKO_URL", &*source),
        ("CACHE_DURATION", "3"),
        ("RATES_SOURCES", "coingecko,sample"),
    ];
    let first = Running::start(&variables);
    wait_until("it is in charge", || role(&first) == "in_charge");
    first.wait_for_rates();
    let second = Running::start(&variables);
    second.wait_for_rates();
    assert_eq!(get_json(second.address, "/api/rates")["data_source"], "sample");
    upstream.set(Reply::rates(75_000.5));
    wait_until("live rates take its place", || dollars(&second) == 75_000.5);
}
