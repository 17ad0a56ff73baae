//! Several processes on one Redis: one call for all, whatever becomes of the server or of the
//! process in charge.

use std::{
    fs,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    redis::Redis,
    running::{Running, get, get_json, wait_until, wait_within},
    standin::{Reply, Upstream},
};

/// A lease has run out, and another replica has noticed.
const FAILOVER: Duration = Duration::from_secs(15);
/// The server was silent for so long that a replica helps itself: two leases at most.
const PATIENCE: Duration = Duration::from_secs(40);

/// `count` processes on this store and this upstream.
fn replicas(count: usize, store: &str, upstream: &Upstream, interval: &str) -> Vec<Running> {
    let source = upstream.url();
    let variables =
        [("STORE_URL", store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", interval)];
    (0..count).map(|_| Running::start(&variables)).collect()
}

fn role(server: &Running) -> String {
    get_json(server.address, "/health")["store"]["role"].as_str().unwrap().to_owned()
}

fn degraded(server: &Running) -> bool {
    get_json(server.address, "/health")["store"]["degraded"] == true
}

fn dollars(server: &Running) -> Value {
    get_json(server.address, "/api/rates?symbols=usd")["rates"]["usd"]["value"].clone()
}

/// Takes the one in charge from the rest.
fn in_charge(servers: &mut Vec<Running>) -> Running {
    let found = servers.iter().position(|server| role(server) == "in_charge");
    servers.remove(found.expect("one is in charge"))
}

fn wait_for_one_in_charge(servers: &[Running]) {
    wait_within(PATIENCE, "one is in charge, and the others wait", || {
        let mut roles: Vec<_> = servers.iter().map(role).collect();
        roles.sort();
        roles[0] == "in_charge" && roles[1..].iter().all(|role| role == "waiting")
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_ask_once_and_all_have_the_answer() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let servers = replicas(3, &redis.url(), &upstream, "3");
    servers.iter().for_each(Running::wait_for_rates);
    wait_for_one_in_charge(&servers);
    let (calls, started) = (upstream.requests().len(), Instant::now());
    let mut delays = [75_001.5, 75_002.5, 75_003.5].map(|value| {
        upstream.set(Reply::rates(value));
        wait_until("somebody has it", || servers.iter().any(|server| dollars(server) == value));
        let first = Instant::now();
        wait_until("all have it", || servers.iter().all(|server| dollars(server) == value));
        first.elapsed()
    });
    // One may have been held up by what else runs on this machine.
    delays.sort();
    assert!(delays[1] < Duration::from_secs(1), "{delays:?}");
    let most = started.elapsed().as_secs() / 3 + 1;
    let calls = upstream.requests().len() - calls;
    assert!(u64::try_from(calls).unwrap() <= most, "{calls} calls, {most} intervals");
    // They tell the same of the refresh, too.
    upstream.set(Reply::status("500 Oops", "", ""));
    wait_until("all know of the failure", || {
        servers.iter().all(|server| {
            get_json(server.address, "/health")["refresh"]["last_failure"] == "bad_status"
        })
    });
    let metrics = servers.iter().map(|server| get(server.address, "/metrics", ""));
    assert_eq!(metrics.filter(|text| text.contains("\nrates_in_charge 1\n")).count(), 1);
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
    in_charge(&mut servers).kill();
    upstream.set(Reply::rates(75_001.5));
    // The lease is still held: nobody asks in its place.
    let calls = upstream.requests().len();
    sleep(Duration::from_secs(4));
    assert_eq!(upstream.requests().len(), calls);
    wait_within(FAILOVER, "the others have new rates", || {
        servers.iter().all(|server| dollars(server) == 75_001.5)
    });
    wait_for_one_in_charge(&servers);
    // Told to stop, it hands over at once.
    let mut second = in_charge(&mut servers);
    second.signal("-TERM");
    wait_within(Duration::from_secs(5), "the last is in charge", || {
        role(&servers[0]) == "in_charge"
    });
    second.wait(Duration::from_secs(5));
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
    // Its patience must outlast its sleep, or the answer would not count for that reason.
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
    let Reply::Bytes(late) = Reply::rates(70_000.5) else { unreachable!() };
    upstream.set(Reply::Late(Duration::from_secs(1), late));
    wait_until("it is in a call", || upstream.requests().len() > calls);
    // The answer waits for it while it sleeps.
    asleep.signal("-STOP");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_absent_at_the_start_is_found_later() {
    let mut redis = Redis::absent();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let mut servers = replicas(2, &redis.url(), &upstream, "3");
    servers.iter().for_each(Running::wait_for_rates);
    wait_until("it is told", || {
        servers.iter().all(|server| role(server) == "alone" && degraded(server))
    });
    wait_until("the history is kept in memory", || {
        let history = get_json(servers[0].address, "/api/history?symbol=usd");
        history["points"].as_array().unwrap().len() > 1
    });
    redis.start_again();
    wait_for_one_in_charge(&servers);
    wait_until("it is told that all is well", || !servers.iter().any(degraded));
    // What they have kept meanwhile is for all now.
    wait_until("the history is in the store", || {
        redis.cli(&["ZCARD", "{crypto-rates:1}:records"]).trim().parse::<u32>().unwrap() >= 3
    });
    let log = {
        servers[0].signal("-INT");
        servers[0].wait(Duration::from_secs(5))
    };
    assert_eq!(log.matches("the store does not work").count(), 1, "{log}");
    assert_eq!(log.matches("the store works again").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_and_comes_back_empty_costs_only_the_history() {
    let mut redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let mut servers = replicas(2, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    redis.kill();
    upstream.set(Reply::rates(75_001.5));
    wait_within(PATIENCE, "each helps itself", || {
        servers.iter().all(|server| role(server) == "alone" && dollars(server) == 75_001.5)
    });
    wait_until("it is told", || servers.iter().all(degraded));
    redis.start_again();
    wait_for_one_in_charge(&servers);
    wait_until("the last good rates are there for the next start", || {
        redis.cli(&["GET", "{crypto-rates:1}:latest"]).contains("75001.5")
    });
    wait_until("it is told that all is well", || !servers.iter().any(degraded));
    // Emptied while it runs.
    redis.cli(&["FLUSHALL"]);
    wait_until("they are there again", || {
        redis.cli(&["GET", "{crypto-rates:1}:latest"]).contains("75001.5")
    });
    wait_for_one_in_charge(&servers);
    // A process that joins has them before it listens.
    let late = replicas(1, &redis.url(), &upstream, "3").remove(0);
    assert!(get(late.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
    servers.push(late);
    wait_for_one_in_charge(&servers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_holds_no_reader_up() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let servers = replicas(2, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    // Who waits for its turn may not have been told yet.
    servers.iter().for_each(Running::wait_for_rates);
    redis.stall();
    upstream.set(Reply::rates(75_001.5));
    let mut slow = 0;
    wait_within(PATIENCE, "each helps itself", || {
        servers.iter().all(|server| {
            let asked = Instant::now();
            assert!(get(server.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
            let dollars = dollars(server);
            slow += u32::from(asked.elapsed() > Duration::from_millis(900));
            dollars == 75_001.5
        })
    });
    // Hundreds are asked; what else runs on this machine may hold one up.
    assert!(slow < 3, "{slow}");
    // Nor a start.
    let started = Instant::now();
    let late = replicas(1, &redis.url(), &upstream, "3").remove(0);
    late.wait_for_rates();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    redis.wake();
    wait_for_one_in_charge(&servers.into_iter().chain([late]).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_still_passes_rates_on() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let mut servers = replicas(2, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    servers.iter().for_each(Running::wait_for_rates);
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    assert!(redis.cli(&["SET", "a", "b"]).contains("OOM"));
    upstream.set(Reply::rates(75_001.5));
    wait_until("all have new rates", || servers.iter().all(|server| dollars(server) == 75_001.5));
    let mut first = in_charge(&mut servers);
    wait_until("it is told", || degraded(&first));
    assert!(get(first.address, "/metrics", "").contains("rates_store_degraded 1"));
    // What is there can be read, and the lease handed over.
    assert_eq!(get_json(first.address, "/api/history?symbol=usd")["complete"], true);
    first.signal("-TERM");
    let second = &servers[0];
    wait_until("the other is in charge", || role(second) == "in_charge");
    upstream.set(Reply::status("500 Oops", "", ""));
    let refresh = |server: &Running| get_json(server.address, "/health")["refresh"].clone();
    wait_until("it fails", || refresh(second)["last_failure"] == "bad_status");
    let late = replicas(1, &redis.url(), &upstream, "3").remove(0);
    wait_until("who joins is told", || refresh(&late)["last_failure"] == "bad_status");
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    upstream.set(Reply::rates(75_002.5));
    wait_until("it is over", || !degraded(second) && dollars(&late) == 75_002.5);
    first.wait(Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_talks_rubbish_is_no_server() {
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    // It answers in HTTP.
    let rubbish = format!("redis://{}/", upstream.address);
    let server = replicas(1, &rubbish, &upstream, "3").remove(0);
    wait_until("it works alone", || {
        role(&server) == "alone" && degraded(&server) && dollars(&server) == 75_000.5
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_on_the_server_is_set_aside() {
    let redis = Redis::start();
    for key in ["latest", "records", "lease", "fence", "report"] {
        redis.cli(&["RPUSH", &format!("{{crypto-rates:1}}:{key}"), "somebody else's"]);
    }
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let servers = replicas(2, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    servers.iter().for_each(Running::wait_for_rates);
    wait_until("it is told that all is well", || !servers.iter().any(degraded));
    let aside = redis.cli(&["KEYS", "*:set-aside-*"]);
    assert_eq!(aside.lines().count(), 5, "{aside}");
    // And what somebody else says in our channel, or for us, puts nothing off.
    let far = r#"{"token":9000000000000000,"next_refresh":18446744073709551615}"#;
    redis.cli(&["PUBLISH", "crypto-rates:1:0", "rubbish"]);
    redis.cli(&["PUBLISH", "crypto-rates:1:0", &serde_json::json!({ "report": far }).to_string()]);
    wait_for_one_in_charge(&servers);
    upstream.set(Reply::rates(75_001.5));
    redis.cli(&["SET", "{crypto-rates:1}:lease", "of nobody, and for ever"]);
    wait_within(FAILOVER, "all go on", || servers.iter().all(|server| dollars(server) == 75_001.5));
    wait_for_one_in_charge(&servers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_ask_for_tls_and_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("leaf.ext"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    for command in [
        format!("{new} -x509 -subj /CN=ca -keyout {} -out {}", at("ca.key"), at("ca.crt")),
        format!("{new} -subj /CN=redis -keyout {} -out {}", at("leaf.key"), at("leaf.csr")),
        format!(
            "x509 -req -in {} -CA {} -CAkey {} -CAcreateserial -days 2 -extfile {} -out {}",
            at("leaf.csr"),
            at("ca.crt"),
            at("ca.key"),
            at("leaf.ext"),
            at("leaf.crt")
        ),
    ] {
        let made = Command::new("openssl").args(command.split(' ')).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    let tls = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let redis = Redis::start_with(&[
        "--requirepass",
        "geheim",
        "--tls-port",
        &tls.to_string(),
        "--tls-cert-file",
        &at("leaf.crt"),
        "--tls-key-file",
        &at("leaf.key"),
        "--tls-ca-cert-file",
        &at("ca.crt"),
        "--tls-auth-clients",
        "no",
    ]);
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (source, store) = (upstream.url(), format!("rediss://:geheim@127.0.0.1:{tls}/1"));
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    let ca = at("ca.crt");
    let trusting = [&variables[..], &[("SSL_CERT_FILE", &ca)]].concat();
    let mut server = Running::start(&trusting);
    wait_until("it is in charge", || role(&server) == "in_charge");
    wait_until("the rates are on the server", || {
        redis.cli(&["-n", "1", "GET", "{crypto-rates:1}:latest"]).contains("75000.5")
    });
    server.signal("-INT");
    let log = server.wait(Duration::from_secs(5));
    assert!(!log.contains("geheim"), "{log}");
    // A certificate that nobody vouches for is none, and neither is a server without its password.
    for (store, trusted) in [
        (store.clone(), "/etc/ssl/certs/ca-certificates.crt"),
        (format!("redis://127.0.0.1:{}/1", redis.port()), "/etc/ssl/certs/ca-certificates.crt"),
    ] {
        let variables =
            [("STORE_URL", &*store), ("COINGECKO_URL", &*source), ("SSL_CERT_FILE", trusted)];
        let server = Running::start(&variables);
        wait_until("it works alone", || role(&server) == "alone" && degraded(&server));
    }
}
