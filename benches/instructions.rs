//! What an answer costs in instructions, counted by Valgrind's Callgrind: the figure that is the same
//! on a busy machine as on a quiet one.
//!
//! `scripts/bench.sh` installs what it needs and runs it.

#![expect(unused_qualifications, reason = "the macros write them")]

use std::hint::black_box;

use axum::{body::Body, extract::Request, http::Response};
use crypto_rates_benches::{App, app, ask, body, refresh, request, state};
use gungraun::{library_benchmark, library_benchmark_group, main};

/// A server that has rates and was asked for `path` before.
fn warm(path: &str) -> (App, Request) {
    let (app, request_of_path) = cold(path);
    ask(&app, request(path));
    (app, request_of_path)
}

/// A server that has rates and was never asked for `path`.
fn cold(path: &str) -> (App, Request) {
    let state = state();
    refresh(&state, &body(76));
    let app = app(&state);
    // What is set up once for the whole program is no part of an answer.
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
