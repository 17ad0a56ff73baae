//! Alerts: each crossing is told once, whoever stops in between.

use std::{collections::BTreeSet, fs, io::Write, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    receiver::Receiver,
    redis::Redis,
    running::{Running, get, get_json, output, text, wait_until, wait_within},
    standin::{Reply, Upstream},
};

const RULES: &str = r#"
    [[alert]]
    name = "Bitcoin above 80,000"
    base = "btc"
    quote = "usd"
    above = 80_000
"#;

/// A lease has run out, another replica has it and its message is taken: time for a busy machine.
const FAILOVER: Duration = Duration::from_secs(90);

/// An upstream, a receiver, and the settings that lead to both.
struct Scene {
    upstream: Upstream,
    receiver: Receiver,
    rules: tempfile::NamedTempFile,
    secret: String,
    store: String,
}

impl Scene {
    /// Begins with bitcoin below the threshold, and a receiver that answers with this status.
    async fn new(store: &str, status: u16) -> Self {
        let mut rules = tempfile::NamedTempFile::new().unwrap();
        rules.write_all(RULES.as_bytes()).unwrap();
        let secret = format!("whsec_{}", STANDARD.encode("geheim, and long enough for a key"));
        Self {
            upstream: Upstream::start(Reply::rates(79_000.0)).await,
            receiver: Receiver::start(status).await,
            rules,
            secret,
            store: store.to_owned(),
        }
    }

    fn start(&self) -> Running {
        Running::start(&[
            ("STORE_URL", &self.store),
            ("COINGECKO_URL", &self.upstream.url()),
            ("CACHE_DURATION", "1"),
            ("ALERT_RULES", self.rules.path().to_str().unwrap()),
            ("ALERT_WEBHOOK_URL", &self.receiver.url()),
            ("ALERT_WEBHOOK_SECRET", &self.secret),
            // Also what the client logs must not show where it sends to.
            ("RUST_LOG", "info,reqwest=debug"),
        ])
    }

    fn bitcoin_costs(&self, dollars: f64) {
        self.upstream.set(Reply::rates(dollars));
    }

    /// Waits until another crossing was told, which shows that nothing else was until then.
    fn another_crossing(&self, servers: &[Running]) {
        let before = self.receiver.taken().len();
        self.bitcoin_costs(79_000.0);
        wait_until("the rule is armed again", || servers.iter().any(|it| rules(it, "armed") == 1));
        self.bitcoin_costs(81_000.0);
        wait_until("the next crossing is told", || self.receiver.taken().len() > before);
    }

    /// Waits until one crossing was told, and another that has shown that this was all, and returns their ids.
    fn two_are_taken(&self, servers: &[Running]) -> [String; 2] {
        self.another_crossing(servers);
        let taken: [String; 2] = self.receiver.taken().try_into().expect("one for each crossing");
        assert_ne!(taken[0], taken[1]);
        taken
    }
}

/// Returns the value of a series of this process, 0 without one.
fn metric(server: &Running, series: &str) -> usize {
    let metrics = get(server.address, "/metrics", "");
    let value = |line: &str| line.strip_prefix(series)?.trim().parse().ok();
    metrics.lines().find_map(value).unwrap_or(0)
}

fn rules(server: &Running, state: &str) -> usize {
    metric(server, &format!("crypto_app_alert_rules{{state=\"{state}\"}} "))
}

fn sent(server: &Running, outcome: &str) -> usize {
    metric(server, &format!("crypto_app_alerts_sent_total{{outcome=\"{outcome}\"}} "))
}

fn file(folder: &tempfile::TempDir) -> String {
    format!("file://{}", folder.path().display())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crossing_is_told_once_and_signed_and_a_failure_is_tried_again() {
    let scene = Scene::new("memory:", 500).await;
    let mut server = scene.start();
    wait_until("the rule is armed", || rules(&server, "armed") == 1);
    scene.bitcoin_costs(80_123.0);
    let came = || scene.receiver.messages().len();
    wait_until("it is tried again", || came() >= 3);
    wait_until("it is counted", || {
        sent(&server, "bad_status") >= 3 && metric(&server, "crypto_app_alerts_waiting ") == 1
    });
    scene.receiver.answer(204);
    wait_until("it is taken", || scene.receiver.taken().len() == 1);
    // Within the hysteresis nothing is told, whatever happens at the threshold.
    for dollars in [79_900.0, 80_200.0, 79_700.0, 80_300.0] {
        scene.bitcoin_costs(dollars);
        let refreshes = scene.upstream.requests().len();
        wait_until("it is seen", || scene.upstream.requests().len() > refreshes + 1);
    }
    let servers = [server];
    let [first, _] = scene.two_are_taken(&servers);
    [server] = servers;
    let messages = scene.receiver.messages();
    let tries: Vec<_> = messages.iter().filter(|message| message.id() == first).collect();
    assert!(tries.len() >= 4, "{}", tries.len());
    for message in &messages {
        // By the library that receivers take for it.
        let receiver = standardwebhooks::Webhook::new(&scene.secret).unwrap();
        receiver.verify(&message.body, &message.headers).unwrap();
        assert_eq!(message.headers["content-type"], "application/json");
    }
    let told = tries[0].json();
    assert_eq!((&told["rule"], &told["value"]), (&"Bitcoin above 80,000".into(), &80_123.0.into()));
    let start = "Bitcoin above 80,000: 1 BTC = 80,123.00 USD, above 80,000.00. CoinGecko, ";
    assert!(told["text"].as_str().unwrap().starts_with(start), "{told}");
    // What readers are told of the service is the same with and without a receiver.
    assert_eq!(get_json(server.address, "/health")["status"], "healthy");
    server.signal("-INT");
    let log = server.wait();
    assert_eq!(log.matches("an alert rule has fired").count(), 2, "{log}");
    assert!(log.contains("answered with status 500: no_service for …"), "{log}");
    assert!(!log.contains("geheim"), "{log}");
}

/// Kills a process between decision and delivery, and the next one after the delivery.
async fn is_told_once_over_restarts(store: &str) {
    let scene = Scene::new(store, 200).await;
    scene.receiver.hold_back();
    let mut first = scene.start();
    wait_within(FAILOVER, "the rule is armed", || rules(&first, "armed") == 1);
    scene.bitcoin_costs(80_500.0);
    wait_until("it is being told", || scene.receiver.messages().len() == 1);
    first.kill();
    scene.receiver.answer(200);
    let mut second = scene.start();
    wait_within(FAILOVER, "it is told after the restart", || scene.receiver.taken().len() == 1);
    wait_until("that is noted", || {
        sent(&second, "ok") == 1 && metric(&second, "crypto_app_alerts_waiting ") == 0
    });
    second.kill();
    let third = scene.start();
    wait_within(FAILOVER, "the rule has fired", || rules(&third, "fired") == 1);
    let [told, _] = scene.two_are_taken(&[third]);
    // A receiver that had taken it before the kill can tell the repeat.
    assert_eq!(scene.receiver.messages()[0].id(), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_file_it_is_told_once_whenever_the_process_is_killed() {
    is_told_once_over_restarts(&file(&tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_redis_it_is_told_once_whenever_the_process_is_killed() {
    let redis = Redis::start();
    is_told_once_over_restarts(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_finishes_what_it_is_telling() {
    let (folder, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    for store in [file(&folder), redis.url()] {
        let scene = Scene::new(&store, 200).await;
        scene.receiver.hold_back();
        let mut first = scene.start();
        wait_within(FAILOVER, "the rule is armed", || rules(&first, "armed") == 1);
        scene.bitcoin_costs(80_500.0);
        wait_until("it is being told", || scene.receiver.messages().len() == 1);
        first.signal("-INT");
        // It listens no more: the end has begun.
        wait_until("it stops", || std::net::TcpStream::connect(first.address).is_err());
        scene.receiver.let_go();
        assert!(first.wait().contains("an alert was sent"));
        scene.receiver.answer(200);
        let second = scene.start();
        wait_within(FAILOVER, "the rule has fired", || rules(&second, "fired") == 1);
        scene.two_are_taken(&[second]);
        assert_eq!(scene.receiver.messages().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_replicas_one_tells_and_the_next_leader_goes_on() {
    let redis = Redis::start();
    let scene = Scene::new(&redis.url(), 503).await;
    let mut servers: Vec<_> = (0..3).map(|_| scene.start()).collect();
    let leads = |server: &Running| {
        get_json(server.address, "/health")["store"]["role"] == "in_charge"
            && rules(server, "armed") + rules(server, "fired") == 1
    };
    wait_within(FAILOVER, "one is in charge", || servers.iter().any(leads));
    scene.bitcoin_costs(80_500.0);
    wait_until("it is tried", || !scene.receiver.messages().is_empty());
    let leader = servers.iter().position(leads).unwrap();
    servers.remove(leader).kill();
    wait_within(FAILOVER, "another is in charge", || servers.iter().any(leads));
    scene.receiver.answer(200);
    wait_within(FAILOVER, "it is told by the next", || scene.receiver.taken().len() == 1);
    let [told, next] = scene.two_are_taken(&servers);
    let ids: BTreeSet<_> =
        scene.receiver.messages().iter().map(|message| message.id().to_owned()).collect();
    assert_eq!(ids, BTreeSet::from([told, next]));
    let told = servers.iter().filter(|server| sent(server, "ok") > 0).count();
    assert_eq!(told, 1, "only the leader tells");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_without_their_store_tell_nothing_until_it_is_back() {
    let mut redis = Redis::start();
    let scene = Scene::new(&redis.url(), 200).await;
    let servers = [scene.start(), scene.start()];
    let role = |server: &Running| get_json(server.address, "/health")["store"]["role"].to_string();
    wait_within(FAILOVER, "the rule is armed", || {
        servers.iter().any(|server| rules(server, "armed") == 1)
    });
    redis.kill();
    wait_within(FAILOVER, "each is alone", || servers.iter().all(|it| role(it) == "\"alone\""));
    scene.bitcoin_costs(80_500.0);
    wait_until("each has the rates", || {
        let rate = |it: &Running| get_json(it.address, "/api/rates/usd")["value"].clone();
        servers.iter().all(|it| rate(it) == 80_500.0)
    });
    assert_eq!(scene.receiver.messages().len(), 0);
    redis.start_again();
    wait_within(FAILOVER, "one of them tells it", || scene.receiver.taken().len() == 1);
    scene.two_are_taken(&servers);
}

#[test]
fn wrong_rules_are_one_line_with_file_line_and_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.toml");
    let refused = |rules: &str| {
        fs::write(&path, rules).unwrap();
        let variables = [
            ("ALERT_RULES", path.to_str().unwrap()),
            ("ALERT_WEBHOOK_URL", "https://chat.example.org/hooks/geheim"),
        ];
        let mut refusals = [&["--check-config"][..], &[]].map(|arguments| {
            let refused = output(arguments, &variables);
            assert_eq!(refused.status.code(), Some(1));
            text(&refused.stderr).to_owned()
        });
        assert_eq!(refusals[0], refusals[1]);
        std::mem::take(&mut refusals[0])
    };
    let misspelt = refused(&RULES.replace("above =", "abov ="));
    let start = format!("crypto-rates: ALERT_RULES={} is not valid: it must be", path.display());
    let expected = "a file of alert rules in TOML; line 6: unknown field `abov`, expected one of \
                    `name`, `base`, `quote`, `above`, `below`, `change`, `within`, `hysteresis`";
    assert_eq!(misspelt, format!("{start} {expected}\n"));
    let both = refused(&(RULES.to_owned() + "below = 70_000\n"));
    assert!(both.ends_with("line 2: an alert has one of above, below and change\n"), "{both}");
    // Rules that nobody hears of.
    fs::write(&path, RULES).unwrap();
    let alone = output(&["--check-config"], &[("ALERT_RULES", path.to_str().unwrap())]);
    let expected =
        "crypto-rates: ALERT_RULES is set, but ALERT_WEBHOOK_URL is not: nobody would be told\n";
    assert_eq!(text(&alone.stderr), expected);
}
