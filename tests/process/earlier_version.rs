//! Data left by an earlier version is read and continued: `tests/fixtures/README.md` says which.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    redis::Redis,
    running::{Running, get_json, text, wait_until},
    standin::{Reply, Upstream},
};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fs::read(folder.join(name)).unwrap()
}

/// Returns what that version answered from its data.
fn told(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// Returns the points between two times, in steps so short that each record is one.
fn history(server: &Running, code: &str, from: &Value, to: &Value) -> Value {
    let (from, to) = (from.as_str().unwrap(), to.as_str().unwrap());
    let path = format!("/api/history?symbol={code}&from={from}&to={to}&step=1s");
    get_json(server.address, &path)["points"].clone()
}

/// Sends commands in their wire format; each must succeed.
fn pipe(redis: &Redis, commands: &[u8]) {
    let mut command = Command::new("redis-cli");
    command.args(["-p", &redis.port().to_string(), "--pipe"]);
    let mut piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(commands).unwrap();
    let output = piped.wait_with_output().unwrap();
    let said = text(&output.stdout);
    assert!(output.status.success() && said.contains("errors: 0"), "{said}");
}

/// Starts on the data at `store`, gets new rates, and starts again.
async fn goes_on(store: &str, told: &Value) {
    let upstream = Upstream::start(Reply::Stall).await;
    let source = upstream.url();
    let variables = [
        ("STORE_URL", store),
        ("COINGECKO_URL", &*source),
        ("CACHE_DURATION", "1"),
        ("API_TIMEOUT", "1"),
        // Older records are deleted, and the fixtures get older.
        ("HISTORY_DAYS", "3650"),
    ];
    let mut server = Running::start(&variables);
    let mut rates = get_json(server.address, "/api/rates");
    // Only their age has changed.
    assert_eq!(rates.as_object_mut().unwrap().remove("cache_status"), Some("stale".into()));
    // Earlier answers did not tell it.
    assert_eq!(rates.as_object_mut().unwrap().remove("quote"), Some("inverse".into()));
    for rate in rates["rates"].as_object_mut().unwrap().values_mut() {
        rate.as_object_mut().unwrap().remove("cache_status");
    }
    assert_eq!(rates, told["rates"]);
    // One rate of the last source, and one carried forward from the source before, with its own time.
    let (usd, eur) = (&rates["rates"]["usd"], &rates["rates"]["eur"]);
    assert_eq!((&rates["data_source"], &usd["value"]), (&"coinbase".into(), &75_010.5.into()));
    assert_eq!((&eur["data_source"], &eur["value"]), (&"coingecko".into(), &65_223.37.into()));
    assert!(eur["last_updated"].as_str() < rates["last_updated"].as_str(), "{eur}");
    for code in ["usd", "eur"] {
        let points = history(&server, code, &told["from"], &told["to"]);
        assert_eq!(points, told["history"][code], "{code}");
        assert!(points.as_array().unwrap().len() >= 3, "{code}: {points}");
    }
    assert_eq!(get_json(server.address, "/health")["store"]["degraded"], false);

    // New records are added, and the old ones stay.
    upstream.set(Reply::rates(80_000.5));
    wait_until("new rates are in the history", || {
        let points = get_json(server.address, "/api/history?symbol=usd&from=1h&step=1m");
        let points = points["points"].as_array().unwrap();
        points.last().is_some_and(|point| point["value"] == 80_000.5)
    });
    server.kill();
    upstream.set(Reply::Stall);
    let server = Running::start(&variables);
    let rates = get_json(server.address, "/api/rates");
    assert_eq!(
        (&rates["data_source"], &rates["rates"]["usd"]["value"]),
        (&"coingecko".into(), &80_000.5.into())
    );
    assert_eq!(history(&server, "usd", &told["from"], &told["to"]), told["history"]["usd"]);
    assert_eq!(get_json(server.address, "/health")["store"]["degraded"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(&*fixture("rates.redb.gz")).read_to_end(&mut file).unwrap();
    fs::write(folder.path().join("rates.redb"), file).unwrap();
    goes_on(&format!("file://{}", folder.path().display()), &told("file.json")).await;
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["rates.redb"], "it was set aside");
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_what_lies_in_redis() {
    let redis = Redis::start();
    pipe(&redis, &fixture("redis.commands"));
    goes_on(&redis.url(), &told("redis.json")).await;
    assert_eq!(redis.cli(&["KEYS", "*:set-aside-*"]).trim(), "");
}
