//! The time of single steps: reading an upstream's answer, converting, publishing and answering, for the real
//! number of currencies and for more.
//!
//! `cargo bench -p crypto-rates-benches --bench parts`; criterion prints the difference from the previous
//! run.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use crypto_rates::{
    rates::{Digits, SourceName, Timestamp},
    sources::coingecko,
};
use crypto_rates_benches::{SIZES, app, ask, body, refresh, request, state};

fn parse_and_convert(c: &mut Criterion) {
    let now = Timestamp::from_unix_seconds(1_795_422_088);
    let (from, to) = ("eur".parse().unwrap(), "usd".parse().unwrap());
    for size in SIZES {
        let body = body(size);
        let parse =
            || coingecko::parse(black_box(body.as_bytes()), SourceName::Coingecko, now).unwrap();
        c.bench_function(&format!("parse/{size}"), |b| b.iter(parse));
        let snapshot = parse().snapshot;
        c.bench_function(&format!("convert/{size}"), |b| {
            b.iter(|| {
                let rate = snapshot.get(black_box(&to)).unwrap();
                snapshot
                    .per(black_box(&from))
                    .unwrap()
                    .quote(rate)
                    .times(250.0)
                    .written(Digits::Usual)
            });
        });
    }
}

/// From a received body to published rates, including everything made in advance for readers.
fn published(c: &mut Criterion) {
    let state = state();
    for size in SIZES {
        let body = body(size);
        c.bench_function(&format!("refresh/{size}"), |b| b.iter(|| refresh(&state, &body)));
    }
}

/// One request, from its head to the head of its answer.
fn answer(c: &mut Criterion) {
    let mut group = c.benchmark_group("answer");
    for size in SIZES {
        let state = state();
        refresh(&state, &body(size));
        let app = app(&state);
        for (name, path) in [("rates_ready", "/api/rates"), ("page_ready", "/")] {
            ask(&app, request(path));
            group.bench_function(BenchmarkId::new(name, size), |b| {
                b.iter(|| ask(&app, request(black_box(path))));
            });
        }
        let mut amount = 0_u32;
        group.bench_function(BenchmarkId::new("page_rendered", size), |b| {
            b.iter(|| {
                amount += 1;
                let path = format!("/?base=eur&type=fiat&sort=name&amount={amount}");
                ask(&app, request(&path))
            });
        });
        let codes: Vec<_> = state.published().snapshot().unwrap().rates().to_vec();
        let mut codes = codes.windows(3).cycle();
        group.bench_function(BenchmarkId::new("rates_selected", size), |b| {
            b.iter(|| {
                let [a, b, c] = codes.next().unwrap() else { unreachable!() };
                let (a, b, c) = (&a.code, &b.code, &c.code);
                ask(&app, request(&format!("/api/convert?from={a}&to={b}&amount=250")));
                ask(&app, request(&format!("/api/rates?base=eur&symbols={a},{b},{c}")))
            });
        });
    }
}

criterion_group!(benches, parse_and_convert, published, answer);
criterion_main!(benches);
