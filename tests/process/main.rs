//! The program as an operator sees it: real processes, real signals.

#[path = "../standin/mod.rs"]
mod standin;

mod alerts;
mod backfill;
mod earlier_version;
#[path = "../standin/receiver.rs"]
mod receiver;
#[path = "../standin/redis.rs"]
#[expect(dead_code, reason = "the simulation of replicas uses the rest of it")]
mod redis;
mod replicas;
mod running;
mod sources;
mod store;
mod thinning;

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::ffi::OsStrExt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use running::{Running, get, output, text};
use standin::{Reply, Upstream};

/// Every setting's variable, with an invalid value and what is allowed instead.
const WRONG: [(&str, &str, &str); 26] = [
    ("HOST", "localhost", "an IP address"),
    ("PORT", "80a", "a number from 0 to 65535"),
    ("WORKERS", "0", "a number from 1 to 1024"),
    ("CACHE_DURATION", "5m", "a number of seconds from 1 to 86400"),
    ("API_TIMEOUT", "-1", "a number of seconds from 1 to 300"),
    ("RATES_SOURCES", "coinbase,coinbase", SOURCES),
    ("RATES_REFERENCES", "coinbase", REFERENCES),
    ("DELIST_AFTER", "1d", "a number of seconds from 1 to 2592000"),
    ("UNCHANGED_AFTER", "0", "a number of seconds from 1 to 86400"),
    ("ACCEPT_OUTLIERS", "lbp;vef", CODES),
    ("COINGECKO_URL", "ftp://example.org", URL),
    ("COINBASE_URL", "example.org", URL),
    ("KRAKEN_URL", "example.org", URL),
    ("FRANKFURTER_URL", "ftp://example.org", URL),
    ("COINGECKO_API_KEY", "two words", "up to 256 printable ASCII characters without spaces"),
    ("COINGECKO_API_PLAN", "free", "demo or pro"),
    ("STORE_URL", "sqlite:", STORES),
    ("HISTORY_DAYS", "3651", "a number from 1 to 3650"),
    ("HISTORY_BACKFILL", "30", "0, or days from 1d to 90d"),
    ("ALERT_RULES", "/nowhere/alerts.toml", RULES),
    ("ALERT_WEBHOOK_URL", "chat.example.org", "an http or https address without user or fragment"),
    ("ALERT_WEBHOOK_SECRET", "geheim", "whsec_ and base64 of 24 to 64 bytes"),
    ("METRICS_ADDR", "9090", "an IP address and port, such as 127.0.0.1:9090"),
    ("APP_VERSION", "1.0 beta", "up to 64 printable ASCII characters without spaces"),
    ("RUST_LOG", "crypto_rates=loud", "a list of filters such as info,crypto_rates=debug"),
    ("LOG_FORMAT", "xml", "text or json"),
];

const CODES: &str = "a list of currency codes such as lbp,vef, separated by commas";
const RULES: &str = "a file of alert rules in TOML; No such file or directory (os error 2)";
const SOURCES: &str = "an ordered list of coingecko, coinbase, kraken, sample, separated by commas, \
                       each at most once";
const REFERENCES: &str = "a list of frankfurter, kraken, separated by commas, each at most once";
const URL: &str = "an http or https address without user, query or fragment";
const STORES: &str = "memory:, file:///folder, redis://host or rediss://host with user, password, \
                      port and database if need be";

fn flag(variable: &str) -> String {
    format!("--{}", variable.to_lowercase().replace('_', "-"))
}

#[test]
fn help_lists_every_setting() {
    // Empty values are named, and secret ones are not shown.
    let variables = [("PORT", ""), ("COINGECKO_API_KEY", "geheim")];
    for argument in ["--help", "-h"] {
        let help = output(&[argument], &variables);
        assert!(help.status.success());
        let help = text(&help.stdout);
        for (name, ..) in WRONG {
            assert!(help.contains(&format!("[env: {name}]")), "{name}");
            assert!(help.contains(&format!("\n      {} <{name}>\n", flag(name))), "{name}");
        }
        assert!(!help.contains("geheim"), "{help}");
    }
    for argument in ["--version", "-V"] {
        let version = output(&[argument], &[]);
        assert_eq!(
            text(&version.stdout),
            concat!("crypto-rates ", env!("CARGO_PKG_VERSION"), "\n")
        );
    }
    let refused = output(&["--hlep"], &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(text(&refused.stderr), "crypto-rates: unknown argument: --hlep (see --help)\n");
}

#[test]
fn every_wrong_value_is_named_as_it_was_given() {
    for (name, value, allowed) in WRONG {
        let secret = ["KEY", "SECRET", "WEBHOOK_URL"].iter().any(|end| name.ends_with(end));
        let shown = if secret { "(not shown)" } else { value };
        let flag = flag(name);
        for (refused, given) in [
            (output(&[], &[(name, value)]), name),
            (output(&[&format!("{flag}={value}")], &[]), &*flag),
        ] {
            assert_eq!(refused.status.code(), Some(1));
            let expected =
                format!("crypto-rates: {given}={shown} is not valid: it must be {allowed}\n");
            assert_eq!(text(&refused.stderr), expected);
        }
    }
    // Neither a number nor valid Unicode.
    let mut command = running::program(&[]);
    let output = command.env("PORT", std::ffi::OsStr::from_bytes(b"80\xff")).output().unwrap();
    let error = text(&output.stderr);
    assert!(error.starts_with("crypto-rates: PORT=80\u{fffd} is not valid: it must"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn a_flag_wins_over_its_variable() {
    let variables = [("CACHE_DURATION", "soon"), ("API_TIMEOUT", " "), ("WORKERS", " 2 ")];
    let checked = output(&["--check-config", "--cache-duration", "60"], &variables);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = output(&["--port", &port], &[("PORT", "0")]);
    assert!(text(&refused.stderr).contains(&format!("127.0.0.1:{port}")), "{refused:?}");
}

#[test]
fn a_wrong_value_stops_the_start_with_one_line() {
    for arguments in [&[][..], &["--check-config"]] {
        let refused = output(arguments, &[("CACHE_DURATION", "soon")]);
        assert_eq!(refused.status.code(), Some(1));
        let expected = "crypto-rates: CACHE_DURATION=soon is not valid: it must be a number of \
                        seconds from 1 to 86400\n";
        assert_eq!(text(&refused.stderr), expected);
    }
    let key = [("COINGECKO_URL", "https://example.org/?x_cg_demo_api_key=geheim")];
    let refused = output(&["--check-config"], &key);
    assert!(!text(&refused.stderr).contains("geheim"), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).starts_with("crypto-rates: COINGECKO_URL="));
    let checked = output(&["--check-config"], &[("PORT", "8080")]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

/// The health check that a container engine runs, because the image has no shell.
#[tokio::test(flavor = "multi_thread")]
async fn it_can_ask_how_it_is() {
    let upstream = Upstream::start(Reply::status("500 Internal Server Error", "", "")).await;
    let source = upstream.url();
    let mut server = Running::start(&[("COINGECKO_URL", &source), ("CACHE_DURATION", "1")]);
    let port = server.address.port().to_string();
    // Proxy and certificates are only for the upstream.
    let around =
        [("PORT", &*port), ("HTTP_PROXY", "http://127.0.0.1:1"), ("SSL_CERT_FILE", "none")];
    let asked = || output(&["--health"], &around);
    let unready = asked();
    assert_eq!(unready.status.code(), Some(1));
    let expected =
        format!("crypto-rates: http://127.0.0.1:{port}/health/ready answered 503: no rates yet\n");
    assert_eq!(text(&unready.stderr), expected);
    upstream.set(Reply::rates(1.0));
    server.wait_for_rates();
    assert!(asked().status.success(), "{:?}", asked());
    let live = format!("http://{}/health/live", server.address);
    assert!(output(&["--health", &live], &[]).status.success());
    server.kill();
    let away = asked();
    assert_eq!(away.status.code(), Some(1));
    assert!(text(&away.stderr).contains("did not answer: Connection refused"), "{away:?}");
    for wrong in ["https://127.0.0.1", "127.0.0.1:5000", "http://127.0.0.1:0/", "", "file:///etc"] {
        let refused = output(&["--health", wrong], &[]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains("it must be an http address"), "{refused:?}");
    }
    assert!(!output(&["--health", &live, &live], &[]).status.success());
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = output(&[], &[("PORT", &port)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains(&format!("127.0.0.1:{port}")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_signals_stop_it_at_once_when_nothing_is_under_way() {
    let upstream = Upstream::start(Reply::Stall).await;
    for signal in ["-TERM", "-INT"] {
        let mut server = Running::start(&[("COINGECKO_URL", &upstream.url())]);
        // An idle connection must not delay the end.
        let _idle = TcpStream::connect(server.address).unwrap();
        assert!(get(server.address, "/health/live", "").ends_with("live\n"));
        server.signal(signal);
        // The log would say if it had waited until the deadline. It also says whether it gives notice, which
        // somebody at a keyboard need not wait for.
        let log = server.wait();
        assert!(log.contains("\"stopped\""), "{log}");
        assert_eq!(log.contains("requests are still taken"), signal == "-TERM", "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_does_not_keep_it_up() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let mut server = Running::start(&[("COINGECKO_URL", &upstream.url())]);
    server.wait_for_rates();
    let mut unfinished = TcpStream::connect(server.address).unwrap();
    unfinished.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    server.signal("-TERM");
    // This is the deadline of the drain, ten seconds. That of a request's head is longer, and would leave
    // only `stopped` in the log. The seconds are real, because a process has no clock that a test could set.
    let log = server.wait();
    assert!(log.contains("stopped at the deadline"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_is_cut_off() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let server = Running::start(&[("COINGECKO_URL", &upstream.url())]);
    server.wait_for_rates();
    let mut client = TcpStream::connect(server.address).unwrap();
    client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    // More answers than all buffers in between can hold.
    let requests = "GET /api/rates HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5_000);
    let _ = client.write(requests.as_bytes());
    // The deadline is 30 seconds; until then it just gets no more answers. The seconds are real, because the
    // kernel counts them (TCP_USER_TIMEOUT).
    let started = Instant::now();
    running::wait_within(Duration::from_secs(150), "it is cut off", || {
        let cut_off = client.write(b"G").err().map(|error| error.kind());
        matches!(cut_off, Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe))
    });
    assert!(started.elapsed() > Duration::from_secs(20), "{:?}", started.elapsed());
}

/// Does what a load balancer does: it checks readiness, and sends requests only where it holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_update_fails_no_request() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let mut server = Running::start(&[("COINGECKO_URL", &upstream.url())]);
    server.wait_for_rates();
    let (address, ready) = (server.address, Arc::new(AtomicBool::new(true)));
    let mut clients = Vec::new();
    for _ in 0..4 {
        let (ready, answered) = (Arc::clone(&ready), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&answered);
        let client = thread::spawn(move || {
            while ready.load(Ordering::Relaxed) {
                let answer = get(address, "/api/rates", "");
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        clients.push((client, answered));
    }
    let all_are_answered_more = |what: &str| {
        let so_far: Vec<_> = clients.iter().map(|(_, n)| n.load(Ordering::Relaxed)).collect();
        running::wait_until(what, || {
            let mut pairs = clients.iter().zip(&so_far);
            pairs.all(|((client, n), before)| {
                n.load(Ordering::Relaxed) > before + 2 || client.is_finished()
            })
        });
    };
    all_are_answered_more("requests are under way");
    let told = Instant::now();
    server.signal("-TERM");
    running::wait_until("readiness fails", || {
        !get(address, "/health/ready", "").starts_with("HTTP/1.1 200")
    });
    all_are_answered_more("they are answered after the signal, too");
    ready.store(false, Ordering::Relaxed);
    for (client, _) in clients {
        client.join().unwrap();
    }
    // Requests are accepted for three seconds, so that a balancer that asks every second notices. A slow
    // machine makes that longer, never shorter.
    running::wait_until("no more are taken", || TcpStream::connect(address).is_err());
    assert!(told.elapsed() >= Duration::from_secs(3), "{:?}", told.elapsed());
    assert!(server.wait().contains("\"stopped\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_connections_does_not_keep_it_from_its_upstream() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let source = upstream.url();
    let internal = free_address();
    let metrics = internal.to_string();
    let variables =
        [("COINGECKO_URL", &*source), ("CACHE_DURATION", "1"), ("METRICS_ADDR", &*metrics)];
    let server = Running::start_limited("-n 96", &variables);
    server.wait_for_rates();
    let flood: Vec<_> = (0..150)
        .map(|_| {
            let mut client = TcpStream::connect(server.address).unwrap();
            client.write_all(b"GET / HTTP/1.1\r\nhost: ").unwrap();
            client
        })
        .collect();
    let calls = upstream.requests().len();
    running::wait_until("it goes on asking", || upstream.requests().len() > calls + 2);
    // The internal listener has its own places, so it answers during the flood.
    assert!(get(internal, "/health/live", "").ends_with("live\n"));
    assert!(get(internal, "/metrics", "").contains("process_open_fds"));
    flood[0].set_nonblocking(true).unwrap();
    let open = (&flood[0]).read(&mut [0]).unwrap_err().kind();
    assert_eq!(open, ErrorKind::WouldBlock, "the flood was over");
    drop(flood);
    running::wait_until("it answers again", || {
        get(server.address, "/health", "").contains(r#""status":"healthy""#)
    });
}

/// Returns an address that is free at the moment.
fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_are_json_and_carry_the_request_s_id() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let variables = [("COINGECKO_URL", &*upstream.url()), ("RUST_LOG", "info,crypto_rates=debug")];
    let mut server = Running::start(&variables);
    server.wait_for_rates();
    let answer = get(server.address, "/api/rates?base=xyz", "x-request-id: from-the-proxy-1\r\n");
    assert!(answer.contains("\r\nx-request-id: from-the-proxy-1\r\n"), "{answer}");
    let forged = get(server.address, "/api/nothing", "x-request-id: a b\\n{}\r\n");
    let id = forged.split("x-request-id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    server.signal("-TERM");
    let log = server.wait();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for (id, status) in [("from-the-proxy-1", 400), (&*id, 404)] {
        let found = lines.iter().find(|line| line["span"]["id"] == id);
        let found = found.unwrap_or_else(|| panic!("{id} is not in {log}"));
        assert_eq!(found["status"], status, "{found}");
    }
}

/// As a container has it where IPv6 is switched off, and where there is nothing else.
#[test]
fn one_address_serves_both_internets() {
    let running = Running::start(&[("HOST", "::"), ("RATES_SOURCES", "sample")]);
    let port = running.address.port();
    for host in ["127.0.0.1", "::1"] {
        let address = SocketAddr::new(host.parse().unwrap(), port);
        assert!(get(address, "/health/live", "").starts_with("HTTP/1.1 200"), "{address}");
    }
    running.wait_for_rates();
    let healthy = output(&["--health"], &[("HOST", "::"), ("PORT", &port.to_string())]);
    assert!(healthy.status.success(), "{}", text(&healthy.stderr));
}
