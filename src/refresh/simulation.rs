//! Hours of refreshes in a second: the real loop and state, with a simulated clock and scripted sources.

mod announced;
mod failover;
mod failures;
mod frozen;
mod missing;
mod references;
mod replicas;
mod side_calls;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use prometheus_client::encoding::text::encode_registry;
use tokio::time::Instant;

use super::run;
use crate::{
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::{Fetched, Fetching, Now, RateSource, Reference, SourceError},
    state::AppState,
    test_support,
};

const START: Timestamp = Timestamp::from_unix_seconds(1_795_422_000);
const INTERVAL: u64 = 300;
const TWO_HOURS: u64 = 7_200;

/// The currency that moves at each call.
const MOVING: &str = "idr";
/// The factor of values that do not move.
const FROZEN: f64 = -1.0;

/// Returns what a source does at this second. `Ok` has the factor for each value, 0 for a rate that it
/// does not have.
type Script = fn(u64) -> Result<fn(&Rate) -> f64, SourceError>;

/// A source that answers at once with what a test wants.
pub struct Scripted<F>(pub SourceName, pub F);

impl<F: Fn() -> Result<Fetched, SourceError> + Send + Sync> RateSource for Scripted<F> {
    fn name(&self) -> SourceName {
        self.0
    }

    fn fetch<'a>(&'a self, _: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        Box::pin(async { (self.1)() })
    }
}

/// A running refresh loop, and the calls that it has made so far with their seconds.
struct Simulation {
    state: Arc<AppState>,
    started: Instant,
    calls: Arc<Mutex<Vec<(SourceName, u64)>>>,
}

impl Simulation {
    fn start(scripts: &[(SourceName, Script)]) -> Self {
        Self::start_with(scripts, &[])
    }

    /// Starts with these variables.
    fn start_with(scripts: &[(SourceName, Script)], variables: &[(&str, &str)]) -> Self {
        Self::start_compared(scripts, variables, |_| Vec::new())
    }

    /// Starts with references, made for the moment at which it starts.
    fn start_compared(
        scripts: &[(SourceName, Script)],
        variables: &[(&str, &str)],
        references: impl FnOnce(Instant) -> Vec<Box<dyn Reference>>,
    ) -> Self {
        let started = Instant::now();
        let clock = Arc::new(move || START + started.elapsed());
        let state = test_support::state_with(clock, variables);
        let calls = Arc::new(Mutex::new(Vec::new()));
        let source = |&(name, script): &(SourceName, Script)| {
            let calls = Arc::clone(&calls);
            let answer = move || {
                let now = started.elapsed().as_secs();
                calls.lock().unwrap().push((name, now));
                let factor = script(now)?;
                let time = START + Duration::from_secs(now);
                // Unless it is frozen, one value moves by its last digits, as markets do.
                #[expect(clippy::cast_precision_loss, reason = "seconds of some days")]
                let moved = |rate: &Rate| {
                    if rate.code.as_str() == MOVING { now as f64 * 0.001 } else { 0.0 }
                };
                let value = |rate: &Rate| match factor(rate) {
                    factor if factor > 0.0 => rate.value * factor + moved(rate),
                    factor => rate.value * factor.abs(),
                };
                let snapshot = test_support::snapshot(name, time, value);
                Ok(Fetched { snapshot, dropped: 0, announced: Vec::new() })
            };
            Box::new(Scripted(name, answer)) as Box<dyn RateSource>
        };
        let sources = scripts.iter().map(source).collect();
        tokio::spawn(run(Arc::clone(&state), sources, references(started)));
        Self { state, started, calls }
    }

    /// Lets the clock run to this second.
    async fn until(&self, second: u64) {
        tokio::time::sleep_until(self.started + Duration::from_secs(second)).await;
    }

    /// Returns the source of the published rates, and when they were taken.
    fn shown(&self) -> (SourceName, u64) {
        let published = self.state.published();
        let snapshot = published.snapshot().unwrap();
        (snapshot.source(), snapshot.last_updated().seconds_since(START))
    }

    /// Returns the seconds of the calls to one source in this time.
    fn calls(&self, source: SourceName, from: u64, to: u64) -> Vec<u64> {
        let calls = self.calls.lock().unwrap();
        let calls = calls.iter().filter(|(name, at)| *name == source && (from..to).contains(at));
        calls.map(|(_, at)| *at).collect()
    }

    /// Returns how many calls have this outcome in the metrics.
    fn counted(&self, outcome: &str) -> usize {
        let mut text = String::new();
        encode_registry(&mut text, self.state.metrics.registry()).unwrap();
        let line =
            format!(r#"rates_source_calls_total{{source="coingecko",outcome="{outcome}"}} "#);
        let mut lines = text.lines();
        lines.find_map(|found| found.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
    }
}

fn everything(_: &Rate) -> f64 {
    1.0
}

fn next_to_nothing(rate: &Rate) -> f64 {
    if ["btc", "usd", "eur"].contains(&rate.code.as_str()) { 1.0 } else { 0.0 }
}

fn oops<T>() -> Result<T, SourceError> {
    Err(SourceError::Status { status: 500, retry_after: None, reason: None })
}
