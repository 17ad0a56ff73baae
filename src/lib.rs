//! Crypto Rates: what one bitcoin, euro or ounce of gold is worth, on a page that a team leaves
//! open and over a JSON API.
//!
//! # Map of the house
//!
//! Dependencies point one way, from each room to those above it in this table; `scripts/lint/arrows.py` fails
//! on an arrow that runs back, and where files use each other.
//!
//! | module | what is in it | where it runs |
//! |---|---|---|
//! | [`query`] | reading and writing the query of an address | server and browser |
//! | `words` | reading enums whose values each have a word | server and browser |
//! | [`language`] | the languages of the page | server and browser |
//! | [`rates`] | the domain: [`rates::Rate`], [`rates::Snapshot`], conversion, number formatting; no I/O | server and browser |
//! | [`alerts`] | alert rules: when somebody is told that a value has crossed a threshold; no I/O | server |
//! | [`store`] | the last good snapshot and the history: in memory, in a file, or on a server that replicas share | server |
//! | [`sources`] | the upstreams: each answers with a validated snapshot or an error that says what kind it is | server |
//! | [`webhook`] | one signed message to an address of somebody else's | server |
//! | [`metrics`] | what is counted as requests and refreshes happen | server |
//! | [`cache`] | bodies in every content coding under one `ETag`, and whole responses as a tower layer | server |
//! | [`history`] | what the rates were before now | server |
//! | [`published`] | the current snapshot and everything made from it | server |
//! | [`assets`] | the files of the site, embedded in the binary | server |
//! | [`config`] | every setting, declared once | server |
//! | [`state`] | [`state::AppState`]: what handlers and tasks share | server |
//! | [`server_fn`] | what the browser may call on the server | server and browser |
//! | [`app`] | the Leptos page, a component a file | server and browser |
//! | [`cluster`] | who of several processes refreshes, and how the others get what it gets | server |
//! | [`refresh`] | the loop that alone calls the sources | server |
//! | [`alerting`] | looks at each new snapshot for the rules, and sends what they say | server |
//! | [`http`] | router, extractors, API, pages, health, metrics | server |
//! | [`server`] | starts the tasks and stops in order | server |
//!
//! The way of a rate: source ──▶ refresh loop ──▶ published state ──▶ page, server function, API, metrics.
//!
//! The server half exists under the feature `ssr`, the browser's under `hydrate`; the wasm entry
//! point is the package in `frontend/`.

// The type of the page's view is as deep as the page: each element is a type of its own.
#![recursion_limit = "256"]

pub mod app;
pub mod language;
pub mod query;
pub mod rates;
pub mod server_fn;
mod words;

/// Takes over the server's page. The browser's entry point, `frontend/src/lib.rs`, calls it.
#[cfg(feature = "hydrate")]
pub use app::take_over;

#[cfg(feature = "ssr")]
pub mod alerting;
#[cfg(feature = "ssr")]
pub mod alerts;
#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod backoff;
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
#[cfg(feature = "ssr")]
mod tasks;
#[cfg(all(test, feature = "ssr"))]
mod test_support;
#[cfg(feature = "ssr")]
pub mod webhook;

// A real server for the tests of the shared store.
#[cfg(all(test, feature = "ssr"))]
#[path = "../tests/standin/redis.rs"]
#[expect(dead_code, reason = "the tests of the whole program use the rest of it")]
mod redis_server;
