//! What the replicas do when the Redis server is away, slow, full, or something else.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use super::{
    FAILOVER, PATIENCE, degraded, dollars, in_charge, replicas, role, wait_for_one_in_charge,
};
use crate::{
    redis::Redis,
    running::{Running, get, get_json, wait_until, wait_within},
    standin::{Reply, Upstream},
};

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
    // The records kept meanwhile are now in the store for all.
    wait_until("the history is in the store", || {
        redis.cli(&["ZCARD", "{crypto-rates:1}:records"]).trim().parse::<u32>().unwrap() >= 3
    });
    let log = {
        servers[0].signal("-INT");
        servers[0].wait()
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
    // Emptied while the replicas run.
    redis.cli(&["FLUSHALL"]);
    wait_until("they are there again", || {
        redis.cli(&["GET", "{crypto-rates:1}:latest"]).contains("75001.5")
    });
    wait_for_one_in_charge(&servers);
    // A process that joins has the rates before it listens.
    let late = replicas(1, &redis.url(), &upstream, "3").remove(0);
    assert!(get(late.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
    servers.push(late);
    wait_for_one_in_charge(&servers);
}

/// How long the program waits for an answer of the server.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_holds_no_reader_up() {
    let redis = Redis::start();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let servers = replicas(2, &redis.url(), &upstream, "3");
    wait_for_one_in_charge(&servers);
    // A follower may not have been notified yet.
    servers.iter().for_each(Running::wait_for_rates);
    redis.stall();
    upstream.set(Reply::rates(75_001.5));
    let (mut asked, mut held_up) = (0, 0);
    wait_within(PATIENCE, "each helps itself", || {
        servers.iter().all(|server| {
            let began = Instant::now();
            assert!(get(server.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
            let dollars = dollars(server);
            asked += 1;
            held_up += u32::from(began.elapsed() > STORE_TIMEOUT);
            dollars == 75_001.5
        })
    });
    // If readers waited for the server, each would wait for its timeout. Other programs on this machine delay
    // a few of hundreds.
    assert!(10 * held_up < asked, "{held_up} of {asked}");
    // Nor is a start held up: it completes before the server is back.
    let late = replicas(1, &redis.url(), &upstream, "3").remove(0);
    late.wait_for_rates();
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
    // The data can be read, and the lease handed over.
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
    first.wait();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_talks_rubbish_is_no_server() {
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    // This server speaks HTTP.
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
    // Messages of others in the channel, even ones in our format, don't delay anything.
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
    let log = server.wait();
    assert!(!log.contains("geheim"), "{log}");
    // An untrusted certificate is refused, and so is a server without its password.
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
