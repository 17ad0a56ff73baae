//! A history of one year and of five: how large its file is, and what questions about it take.
//!
//! It is written as in life, day by day, so that old records are thinned out on the way. Prints rows of a table.

use std::{
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use crypto_rates::{
    config::Config,
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::sample,
    state::AppState,
    store::Record,
};
use crypto_rates_benches::{app, ask, request};

const DAY: u64 = 86_400;
const INTERVAL: u64 = 300;
const NOW: Timestamp = sample::TAKEN;

/// What is asked for, and how the question is put for the n-th time: a date is another one each time, because the
/// answer is kept.
type Question = (&'static str, fn(u64) -> String);

const QUESTIONS: [Question; 4] = [
    ("a chart of 30 days", |_| "/api/history?symbol=usd&from=30d".to_owned()),
    ("a chart of a year", |_| "/api/history?symbol=usd&from=365d&step=12h".to_owned()),
    ("a chart of five years", |_| "/api/history?symbol=usd&from=1825d&step=2d".to_owned()),
    ("all rates of 300 days ago", |n| {
        format!("/api/rates?date={}", NOW - Duration::from_secs(300 * DAY + n))
    }),
];

fn main() {
    for years in [1, 5] {
        let folder =
            std::env::temp_dir().join(format!("crypto-rates-bench-{}", std::process::id()));
        let state = state(&folder, 365 * years);
        write(&state, 365 * years);
        let size = fs::metadata(folder.join("rates.redb")).map_or(0, |file| file.len());
        println!("| {years} years: the file (MB) | {} |", size / 1_000_000);
        let app = app(&state);
        for (what, path) in QUESTIONS {
            let mut took: Vec<Duration> = (0..9)
                .map(|n| {
                    let begun = Instant::now();
                    black_box(ask(&app, request(&path(n))));
                    begun.elapsed()
                })
                .collect();
            took.sort();
            println!("| {years} years: {what} (ms) | {:.1} |", took[4].as_secs_f64() * 1e3);
        }
        let _ = fs::remove_dir_all(folder);
    }
}

/// Returns a service that keeps so many days in `folder`, at [`NOW`].
fn state(folder: &Path, days: u64) -> Arc<AppState> {
    let config = Config::read(|name| match name {
        "STORE_URL" => Some(format!("file://{}", folder.display())),
        "HISTORY_DAYS" => Some(days.to_string()),
        _ => None,
    });
    AppState::new(config.expect("the configuration is valid"), Arc::new(|| NOW))
}

/// Writes the history up to [`NOW`], and publishes its last rates.
fn write(state: &AppState, days: u64) {
    let first = (NOW - Duration::from_secs(days * DAY)).unix_seconds();
    let per_day = DAY / INTERVAL;
    for day in 0..days {
        let at = |n: u64| Timestamp::from_unix_seconds(first + day * DAY + n * INTERVAL);
        let records: Vec<Record> = (1..per_day).map(|n| Record::of(&snapshot(at(n)))).collect();
        state.store.add(&records, at(per_day)).expect("the folder takes writes");
        state.store.put(&snapshot(at(per_day)), at(per_day));
    }
    let next = NOW + Duration::from_secs(INTERVAL);
    state.publish(|published| Some(published.refreshed(snapshot(NOW), next)));
}

/// Returns rates that differ from one time to another, each in its own way.
fn snapshot(time: Timestamp) -> Snapshot {
    let moved = |(n, rate): (u32, &Rate)| {
        let step = u32::try_from(time.unix_seconds() / INTERVAL % 10_007).unwrap_or_default();
        let wave = f64::from(step.wrapping_mul(7_919 + 2 * n) % 1_000) / 100_000.0;
        let value = if rate.code.is_constant() { rate.value } else { rate.value * (1.0 + wave) };
        Rate { value, ..rate.clone() }
    };
    let sample = sample::snapshot();
    let rates = (0..).zip(sample.rates()).map(moved).collect();
    Snapshot::new(SourceName::Coingecko, time, rates).expect("bitcoin is among them")
}
