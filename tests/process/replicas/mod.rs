//! Several processes on one Redis: one call for all, whatever becomes of the server or of the
//! process in charge.

mod in_charge;
mod server;

use std::time::Duration;

use serde_json::Value;

use crate::{
    running::{Running, get_json, wait_within},
    standin::Upstream,
};

/// A lease has run out, and another replica has noticed: ten seconds and two, and time for a busy
/// machine.
const FAILOVER: Duration = Duration::from_secs(72);
/// The server was silent for so long that a replica helps itself: two leases at most, and as much time.
const PATIENCE: Duration = Duration::from_secs(80);

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
