//! Asks other upstreams for rates to compare those of the source in charge with.
//!
//! Nothing waits for a reference, and one that fails changes nothing: its rates grow old, and then say nothing any
//! more. Each is asked at its own pace, between two refreshes. Only when a source has sent values that can't follow
//! from the last good ones are they asked at once, before it is decided whether these are believed. After a failure
//! the pauses double, and a Retry-After counts. Only who is in charge of the refresh makes any call.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::join_all};
use rand::RngExt;
use tokio::time::{Instant, timeout_at};

use crate::{
    rates::{ReferenceName, ReferenceRates},
    sources::{Reference, SourceError},
    state::AppState,
};

/// The time between two calls of a reference, at least.
const PACE: Duration = Duration::from_secs(60);

/// The time between two calls of one that has new rates once a day, and the longest pause after failures.
const FOUR_TIMES_A_DAY: Duration = Duration::from_secs(6 * 3_600);

/// The references, each with its own time.
pub struct References(Vec<Upstream>);

struct Upstream {
    reference: Box<dyn Reference>,
    /// No call begins before.
    rested: Instant,
    /// Failed calls in a row.
    failures: u32,
    /// The outcome of the last call, if that failed.
    failure: Option<&'static str>,
}

impl References {
    pub fn new(references: Vec<Box<dyn Reference>>) -> Self {
        Self(references.into_iter().map(Upstream::new).collect())
    }

    /// Returns when the next one is to be asked, if there is room before the next `refresh`.
    pub fn next(&self, state: &AppState, refresh: Instant) -> Option<Instant> {
        if !is_well(state) {
            return None;
        }
        let now = Instant::now();
        let due = self.0.iter().filter_map(|upstream| upstream.due(state, now)).min()?;
        (due + quiet(state) <= refresh).then_some(due)
    }

    /// Asks those that are due. The calls end when the next `refresh` is due.
    pub async fn ask(&mut self, state: &AppState, refresh: Instant) {
        let now = Instant::now();
        let deadline = refresh.min(now + state.config.api_timeout);
        let due = |upstream: &&mut Upstream| upstream.due(state, now).is_some_and(|due| due <= now);
        join_all(self.0.iter_mut().filter(due).map(|it| it.ask(state, deadline))).await;
    }

    /// Asks all at once whose rates may have changed meanwhile: a source has sent values that may be wrong.
    pub async fn ask_about_outliers(&mut self, state: &AppState) {
        let now = Instant::now();
        let deadline = now + state.config.api_timeout;
        let may_tell =
            |it: &&mut Upstream| it.rested <= now && it.is_older_than(state, it.pace(state));
        join_all(self.0.iter_mut().filter(may_tell).map(|it| it.ask(state, deadline))).await;
    }
}

impl Upstream {
    fn new(reference: Box<dyn Reference>) -> Self {
        Self { reference, rested: Instant::now(), failures: 0, failure: None }
    }

    /// Returns the published rates of this reference, which another replica may have asked for.
    fn published(&self, state: &AppState) -> Option<Arc<ReferenceRates>> {
        let published = state.published();
        let references = published.snapshot()?.references();
        references.iter().find(|rates| rates.name() == self.reference.name()).cloned()
    }

    /// Returns the time between two calls.
    fn every(&self, state: &AppState) -> Duration {
        let interval = state.config.schedule().interval;
        match self.reference.name() {
            ReferenceName::Frankfurter => FOUR_TIMES_A_DAY.max(interval),
            ReferenceName::Kraken => interval,
        }
    }

    /// Returns the shortest time between two calls.
    fn pace(&self, state: &AppState) -> Duration {
        let shortest = match self.reference.name() {
            ReferenceName::Frankfurter => Duration::from_secs(3_600),
            ReferenceName::Kraken => PACE,
        };
        shortest.min(state.config.schedule().interval)
    }

    fn is_older_than(&self, state: &AppState, age: Duration) -> bool {
        let asked = self.published(state).map(|rates| rates.asked());
        asked.is_none_or(|asked| state.now().seconds_apart(asked) >= age.as_secs())
    }

    /// Returns when it is to be asked again. `None` while its rates are those in charge.
    fn due(&self, state: &AppState, now: Instant) -> Option<Instant> {
        let source = state.published().snapshot().map(|snapshot| snapshot.source());
        if source.is_some_and(|source| self.reference.name().is(source)) {
            return None;
        }
        let wait = self.published(state).map_or(Duration::ZERO, |rates| {
            let age = Duration::from_secs(state.now().seconds_apart(rates.asked()));
            self.every(state).saturating_sub(age)
        });
        Some(self.rested.max(now + wait))
    }

    /// Asks once, and publishes the answer.
    async fn ask(&mut self, state: &AppState, deadline: Instant) {
        let now = || state.now();
        // A panic would end the refresh loop.
        let call = AssertUnwindSafe(self.reference.ask(&now)).catch_unwind();
        let answer = match timeout_at(deadline, call).await {
            Ok(answer) => answer.unwrap_or(Err(SourceError::Fault)),
            Err(_) => Err(SourceError::Timeout(state.config.api_timeout)),
        };
        self.report(state, &answer);
        if let Ok(rates) = answer
            && state.is_in_charge()
        {
            let rates = Arc::new(rates);
            state.publish(|published| {
                let snapshot = published.snapshot()?.as_ref().clone().with_reference(rates);
                Some(published.with_snapshot(snapshot, published.next_refresh()))
            });
        }
    }

    /// Counts a call, logs each change of state once, and says when the next may be.
    fn report(&mut self, state: &AppState, answer: &Result<ReferenceRates, SourceError>) {
        let reference = self.reference.name();
        let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
        state.metrics.upstream_called(reference.as_str(), outcome);
        match answer {
            Ok(_) if self.failures > 0 => tracing::info!(%reference, "a reference answers again"),
            Err(error) if self.failure != Some(outcome) => {
                tracing::warn!(%reference, %error, "a reference failed: rates are not compared with it");
            }
            _ => {}
        }
        let pace = self.pace(state);
        let (failures, pause) = match answer {
            Ok(_) => (0, pace),
            Err(error) => {
                let failures = self.failures.saturating_add(1);
                let pause = pace.saturating_mul(2_u32.saturating_pow(failures));
                // Of random length, so that many copies of this program do not ask in step.
                let pause =
                    pause.min(FOUR_TIMES_A_DAY).mul_f64(rand::rng().random_range(0.5..=1.0));
                (failures, pause.max(pace).max(error.retry_after().unwrap_or_default()))
            }
        };
        self.failures = failures;
        self.failure = answer.is_err().then_some(outcome);
        self.rested = Instant::now() + pause;
    }
}

/// Returns whether there are rates to compare. While refreshes fail, what would be compared grows old.
fn is_well(state: &AppState) -> bool {
    state.published().failure().is_none() && state.has_live_rates()
}

/// Returns how far a call stays away from the next refresh.
fn quiet(state: &AppState) -> Duration {
    state.config.api_timeout.min(state.config.schedule().interval / 4)
}
