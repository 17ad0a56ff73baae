//! What a process leaves to the next one, whatever happens to it or to the disk.

use std::{fs, path::Path, time::Duration};

use crate::{
    running::{Running, get, get_json, wait_until},
    standin::{Reply, Upstream},
};

fn url(folder: &Path) -> String {
    format!("file://{}", folder.display())
}

fn dollars(server: &Running) -> serde_json::Value {
    get_json(server.address, "/api/rates?symbols=usd")["rates"]["usd"]["value"].clone()
}

/// Waits until the rates are in the store, too: they are served before they are on the disk.
fn wait_for_record(server: &Running) {
    server.wait_for_rates();
    wait_until("a record is kept", || {
        let history = get_json(server.address, "/api/history?symbol=usd");
        history["points"].as_array().is_some_and(|points| !points.is_empty())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_its_rates_to_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    let mut first = Running::start(&variables);
    wait_for_record(&first);
    first.kill();

    // The rates are still fresh, so the upstream is not called again.
    upstream.set(Reply::Reset);
    let mut second = Running::start(&variables);
    assert!(get(second.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
    let rates = get_json(second.address, "/api/rates");
    assert_eq!(
        (&rates["cache_status"], &rates["data_source"]),
        (&"fresh".into(), &"coingecko".into())
    );
    assert_eq!(dollars(&second), 75_000.5);
    assert_eq!(get_json(second.address, "/health")["store"]["kind"], "file");
    assert_eq!(upstream.requests().len(), 1);
    second.signal("-TERM");
    assert!(second.wait().contains("the last good rates are there"));

    // Once they are too old, they are stale rather than gone.
    let impatient = [&variables[..], &[("CACHE_DURATION", "1"), ("API_TIMEOUT", "1")]].concat();
    let third = Running::start(&impatient);
    wait_until("the rates are stale", || {
        get_json(third.address, "/api/rates")["cache_status"] == "stale"
    });
    assert_eq!(dollars(&third), 75_000.5);
    let history = get_json(third.address, "/api/history?symbol=usd");
    assert_eq!(history["points"][0]["value"], 75_000.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn being_killed_again_and_again_damages_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", "1")];
    for round in 0..8 {
        let mut server = Running::start(&variables);
        if round > 0 {
            assert!(get(server.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
        }
        if round == 0 {
            wait_for_record(&server);
        }
        let calls = upstream.requests().len();
        while upstream.requests().len() == calls {
            std::thread::sleep(Duration::from_micros(200));
        }
        // Kills it anywhere between the answer and the end of the write, which must damage nothing.
        std::thread::sleep(Duration::from_millis(2 * round));
        server.kill();
    }
    let aside = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(aside, 1, "a file was set aside");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rates.redb");
    fs::write(&file, "somebody else's notes\n".repeat(5_000)).unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let mut server = Running::start(&[("STORE_URL", &store), ("COINGECKO_URL", &source)]);
    wait_for_record(&server);
    assert_eq!(get_json(server.address, "/health")["store"]["degraded"], false);
    server.signal("-TERM");
    let log = server.wait();
    assert!(log.contains("the store was damaged: begun anew"), "{log}");
    let aside = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| path.display().to_string().contains("set-aside"));
    let aside: Vec<_> = aside.collect();
    assert_eq!(aside.len(), 1);
    assert!(fs::read_to_string(&aside[0]).unwrap().starts_with("somebody else's notes"));
}

/// Checks that everything works from memory when there can be no store, and that this is reported.
fn works_in_memory(server: &mut Running) {
    works_in_memory_with(server, 75_000.5);
}

fn works_in_memory_with(server: &mut Running, value: f64) {
    wait_for_record(server);
    assert_eq!(dollars(server), value);
    assert_eq!(get_json(server.address, "/health")["store"]["degraded"], true);
    assert!(get(server.address, "/metrics", "").contains("rates_store_degraded 1"));
    server.signal("-TERM");
    let log = server.wait();
    assert_eq!(log.matches("the store does not work").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_can_not_be_made_costs_only_the_memory_of_it() {
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let source = upstream.url();
    let variables = [("STORE_URL", "file:///dev/null/rates"), ("COINGECKO_URL", &*source)];
    works_in_memory(&mut Running::start(&variables));
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    let small = Running::start_on_small_disk(folder.path(), &variables);
    // Not every machine lets a test mount a file system, but all have limits.
    works_in_memory(&mut small.unwrap_or_else(|| Running::start_limited("-f 16", &variables)));
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_a_quota() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    works_in_memory(&mut Running::start_limited("-f 16", &variables));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_disk_is_read() {
    let mode = |path: &Path, mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, permissions).unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", "2")];
    let mut first = Running::start(&variables);
    wait_for_record(&first);
    first.signal("-INT");
    first.wait();
    mode(&folder.path().join("rates.redb"), 0o444);
    mode(folder.path(), 0o555);
    upstream.set(Reply::rates(75_001.5));
    let mut second = Running::start_without_rights(&variables);
    assert!(get(second.address, "/health/ready", "").starts_with("HTTP/1.1 200"));
    wait_until("new rates are there", || dollars(&second) == 75_001.5);
    // Only what is on the disk, without what could not be written.
    let history = || get_json(second.address, "/api/history?symbol=usd");
    wait_until("new rates are in the history", || {
        history()["points"].as_array().unwrap().last().unwrap()["value"] == 75_001.5
    });
    assert_eq!(history()["points"][0]["low"], 75_000.5);
    assert_eq!(history()["complete"], true);
    works_in_memory_with(&mut second, 75_001.5);
    mode(folder.path(), 0o755);
}

/// As in a copy of a running process's file, restored by root.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_needs_a_repair_and_takes_none_is_left_alone() {
    let mode = |path: &Path, mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, permissions).unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    let mut first = Running::start(&variables);
    wait_for_record(&first);
    first.kill();
    mode(&folder.path().join("rates.redb"), 0o444);
    mode(folder.path(), 0o777);
    works_in_memory(&mut Running::start_without_rights(&variables));
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["rates.redb"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_folder_do_not_hurt_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source)];
    let first = Running::start(&variables);
    wait_for_record(&first);
    works_in_memory(&mut Running::start(&variables));
    assert_eq!(get_json(first.address, "/health")["store"]["degraded"], false);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_in_use_at_the_start_is_read_later() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (url(folder.path()), upstream.url());
    let variables = [("STORE_URL", &*store), ("COINGECKO_URL", &*source), ("CACHE_DURATION", "2")];
    let mut first = Running::start(&variables);
    wait_for_record(&first);
    upstream.set(Reply::Reset);
    let second = Running::start(&variables);
    assert!(get(second.address, "/health/ready", "").starts_with("HTTP/1.1 503"));
    first.kill();
    second.wait_for_rates();
    assert_eq!(dollars(&second), 75_000.5);
}
