//! Crypto Rates: what one bitcoin, euro or ounce of gold is worth, on a page that a team leaves
//! open and over a JSON API.
//!
//! # Map of the house
//!
//! | module | what is in it | where it runs |
//! |---|---|---|
//! | [`rates`] | the domain: [`rates::Rate`], [`rates::Snapshot`], conversion, number formatting; no I/O | server and browser |
//! | [`app`] | the Leptos page, a component a file | server and browser |
//! | [`query`] | reading and writing the query part of an address | server and browser |
//! | [`server_fn`] | what the browser may call on the server | server and browser |
//! | [`source`] | the upstreams: each answers with a validated snapshot or an error that says what kind it is | server |
//! | [`refresh`] | the loop that alone calls the sources | server |
//! | [`replicas`] | who of several processes runs that loop, and how the others get what it gets | server |
//! | [`store`] | the last good snapshot and the history: in memory, in a file, or on a server that replicas share | server |
//! | [`day`] | the last day of records in memory, and the trends drawn from it | server |
//! | [`board`] | the current snapshot and everything made from it, behind one atomic pointer | server |
//! | [`answers`] | what is made once and sent many times: encodings, `ETag`, conditional requests, whole answers by address | server |
//! | [`server`] | configuration, router, API, health, metrics, assets, start and stop | server |
//!
//! The way of a rate: source ──▶ refresh loop ──▶ board ──▶ page, server function, API, metrics.
//! Dependencies point one way: everything may use `rates`, and `rates` uses nothing of ours.
//!
//! The server half exists under the feature `ssr`, the browser's under `hydrate`; the wasm entry
//! point is the package in `frontend/`.

pub mod app;
pub mod query;
pub mod rates;
pub mod server_fn;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod cache;
#[cfg(feature = "ssr")]
pub mod cluster;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod health_check;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod logging;
#[cfg(feature = "ssr")]
pub mod metrics;
#[cfg(feature = "ssr")]
pub mod published;
#[cfg(feature = "ssr")]
pub mod refresh;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod sources;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod store;

// A real server for the tests of the shared store.
#[cfg(all(test, feature = "ssr"))]
#[path = "../tests/standin/redis.rs"]
#[expect(dead_code, reason = "the tests of the whole program use the rest of it")]
mod redis_server;
