//! The HTTP surface, as a caller sees it: the real router on its own port, a stand-in upstream over real
//! HTTP, and every JSON answer checked against the OpenAPI document.

mod app;
#[path = "../standin/mod.rs"]
#[expect(dead_code, reason = "the tests of the processes use the rest of it")]
mod standin;

mod assets;
mod backfill;
mod bad_requests;
mod base_path;
mod caching;
mod changes;
mod convert;
mod day;
mod day_changes;
mod docs;
mod frozen;
mod health;
mod history;
mod languages;
mod metrics;
mod missing;
mod page;
mod past;
mod rates;
mod references;
mod server_fn;
mod stream;
mod tasks;
mod tile;
mod upstream;
