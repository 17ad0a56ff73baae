//! The cost of an answer in instructions, counted by Valgrind's Callgrind. It is the same on a busy machine
//! and on a quiet one.
//!
//! `scripts/bench.sh` installs what this needs, and runs it.

#![expect(unused_qualifications, reason = "the macros write them")]

use std::hint::black_box;

use axum::{body::Body, extract::Request, http::Response};
use crypto_rates_benches::{App, app, ask, body, refresh, request, state};
use gungraun::{library_benchmark, library_benchmark_group, main};

/// Returns a server with rates that was asked for `path` before.
fn warm(path: &str) -> (App, Request) {
    let (app, request_of_path) = cold(path);
    ask(&app, request(path));
    (app, request_of_path)
}

/// Returns a server with rates that was never asked for `path`.
fn cold(path: &str) -> (App, Request) {
    let state = state();
    refresh(&state, &body(76));
    let app = app(&state);
    // Sets up what is set up once per process, which is not part of an answer's cost.
    ask(&app, request("/api/rates/usd"));
    ask(&app, request("/?sort=code"));
    (app, request(path))
}

#[library_benchmark]
#[bench::rates(args = ("/api/rates"), setup = warm)]
#[bench::page(args = ("/"), setup = warm)]
fn ready((app, request): (App, Request)) -> (App, Response<Body>) {
    let response = black_box(ask(&app, request));
    (app, response)
}

#[library_benchmark]
#[bench::rates(args = ("/api/rates?base=eur&symbols=usd,gbp"), setup = cold)]
#[bench::page(args = ("/?base=eur&type=fiat&sort=name"), setup = cold)]
fn made((app, request): (App, Request)) -> (App, Response<Body>) {
    let response = black_box(ask(&app, request));
    (app, response)
}

library_benchmark_group!(name = answers; benchmarks = ready, made);
main!(library_benchmark_groups = answers);
