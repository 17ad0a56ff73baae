//! Several processes on one Redis: one call for all, whatever happens to the server or to the leader.

mod in_charge;
mod server;

use std::time::Duration;

use serde_json::Value;

use crate::{
    running::{Running, get_json, wait_within},
    standin::Upstream,
};

/// A lease has expired, and another replica has noticed: ten and two seconds, and time for a busy machine.
const FAILOVER: Duration = Duration::from_secs(72);
/// The server was silent until a replica acts alone: at most two leases, and as much time.
const PATIENCE: Duration = Duration::from_secs(80);

/// Starts `count` processes with this store and this upstream.
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

/// Removes the leader from the list.
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
