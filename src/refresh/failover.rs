//! Decides which of the live sources is asked.
//!
//! The first is the primary, the others are fallbacks. When the primary has failed in
//! [`FAIL_OVER_AFTER`] intervals in a row, the next source that answers takes over. It hands back when
//! the primary has answered in [`FAIL_BACK_AFTER`] intervals in a row. Sources differ a little, so rates
//! that switched at each hiccup would look like news. While nothing is published yet, a fallback is asked
//! at once. A source that sent Retry-After is left alone for that long.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::time::Instant;

use super::{
    quarantine::{Quarantine, has_outliers, some},
    references::References,
};
use crate::{
    rates::{Code, Snapshot, SourceName},
    sources::{Archive, Fetched, RateSource, SourceError},
    state::AppState,
};

/// Failed intervals of the primary after which a fallback takes over.
const FAIL_OVER_AFTER: u32 = 2;

/// Intervals in which the primary must answer before the fallback hands back.
const FAIL_BACK_AFTER: u32 = 2;

/// The live sources in their order, the primary first.
pub struct Failover {
    list: Vec<Upstream>,
    /// Intervals in a row in which the primary failed.
    silent: u32,
    /// Intervals in a row in which the primary answered while a fallback was in use.
    returning: u32,
    /// The currencies whose next jump is believed.
    announced: Vec<Code>,
    /// What tells whether a jump is believed.
    pub references: References,
}

struct Upstream {
    source: Box<dyn RateSource>,
    /// When it may be asked again, by its Retry-After.
    rested: Instant,
    quarantine: Quarantine,
    /// How many entries of its last answer were left out.
    dropped: usize,
    /// The outcome of its last call, if that failed.
    failure: Option<&'static str>,
}

impl Failover {
    pub fn new(
        sources: Vec<Box<dyn RateSource>>,
        announced: Vec<Code>,
        references: References,
    ) -> Self {
        let list = sources.into_iter().map(Upstream::new).collect();
        Self { list, silent: 0, returning: 0, announced, references }
    }

    /// Notes that an answer is published: what was announced has happened, and is believed no second time.
    pub fn accepted(&mut self, fetched: &Fetched) {
        if !fetched.announced.is_empty() {
            let (source, codes) = (fetched.snapshot.source(), some(&fetched.announced));
            tracing::warn!(%source, codes, "an announced jump is believed");
            self.announced.retain(|code| !fetched.announced.contains(code));
        }
    }

    /// Makes try number `tries` of an interval. No try asks a source twice.
    pub async fn ask(&mut self, state: &AppState, tries: u32) -> Result<Fetched, SourceError> {
        if self.has_failed_over(state) {
            return self.ask_all(state, tries).await;
        }
        let answer = self.ask_primary(state).await;
        if answer.is_err() && !state.has_live_rates() {
            return self.ask_fallbacks(state).await.or(answer);
        }
        answer
    }

    /// Ends an interval in which all tries failed. Returns a fallback's answer if it may take over now.
    pub async fn take_over(&mut self, state: &AppState) -> Option<Fetched> {
        // In both cases each try has already asked the fallbacks.
        if self.has_failed_over(state) || !state.has_live_rates() {
            return None;
        }
        self.silent += 1;
        // The primary may have failed for longer than this process has been running.
        let longest = FAIL_OVER_AFTER * state.config.schedule().interval;
        let last = state.published().snapshot().map(|snapshot| snapshot.confirmed());
        let recent = |last| state.now().seconds_since(last) <= longest.as_secs();
        if self.silent < FAIL_OVER_AFTER && last.is_some_and(recent) {
            return None;
        }
        self.ask_fallbacks(state).await.ok()
    }

    /// Returns when the first source may be asked again.
    pub fn rested(&self) -> Instant {
        first_rested(&self.list)
    }

    /// Returns when another try in the same interval has a source to ask.
    pub fn rested_for_another_try(&self, state: &AppState) -> Instant {
        let primary = self.list.len().min(1);
        first_rested(if !state.has_live_rates() {
            &self.list
        } else if self.has_failed_over(state) {
            &self.list[primary..]
        } else {
            &self.list[..primary]
        })
    }

    /// Returns the upstream that knows past rates.
    pub fn archive(&self) -> Option<(SourceName, &dyn Archive)> {
        self.list.iter().find_map(|it| Some((it.source.name(), it.source.archive()?)))
    }

    /// Returns when that upstream may be asked again.
    pub fn archive_rested(&self) -> Option<Instant> {
        self.list.iter().find(|it| it.source.archive().is_some()).map(|it| it.rested)
    }

    /// Lets that upstream rest, also from refreshes: it has asked for it.
    pub fn let_archive_rest(&mut self, until: Instant) {
        for upstream in self.list.iter_mut().filter(|it| it.source.archive().is_some()) {
            upstream.rested = upstream.rested.max(until);
        }
    }

    /// Returns whether the published rates are a fallback's.
    fn has_failed_over(&self, state: &AppState) -> bool {
        let published = state.published();
        let source = published.snapshot().map(|snapshot| snapshot.source());
        self.list.iter().skip(1).any(|fallback| Some(fallback.source.name()) == source)
    }

    async fn ask_primary(&mut self, state: &AppState) -> Result<Fetched, SourceError> {
        let Some(primary) = self.list.first_mut() else { return Err(SourceError::NoRates) };
        let answer = primary.ask(state, false, &self.announced, &mut self.references).await;
        if answer.is_ok() {
            self.silent = 0;
        }
        answer
    }

    /// Asks the fallbacks in turn until one answers. The error is that of the last.
    async fn ask_fallbacks(&mut self, state: &AppState) -> Result<Fetched, SourceError> {
        let mut failure = SourceError::NoRates;
        for fallback in self.list.iter_mut().skip(1) {
            match fallback.ask(state, true, &self.announced, &mut self.references).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Asks the fallbacks, and once per interval the primary, which may be back.
    async fn ask_all(&mut self, state: &AppState, tries: u32) -> Result<Fetched, SourceError> {
        if tries == 1 {
            match self.ask_primary(state).await {
                Ok(fetched) => {
                    self.returning += 1;
                    // If all fallbacks fail, one answer of the primary is enough.
                    if self.returning < FAIL_BACK_AFTER
                        && let Ok(other) = self.ask_fallbacks(state).await
                    {
                        tracing::info!(source = %fetched.snapshot.source(), "answers again");
                        return Ok(other);
                    }
                    self.returning = 0;
                    return Ok(fetched);
                }
                Err(_) => self.returning = 0,
            }
        }
        self.ask_fallbacks(state).await
    }
}

fn first_rested(list: &[Upstream]) -> Instant {
    list.iter().map(|upstream| upstream.rested).min().unwrap_or_else(Instant::now)
}

impl Upstream {
    fn new(source: Box<dyn RateSource>) -> Self {
        let (rested, quarantine) = (Instant::now(), Quarantine::default());
        Self { source, rested, quarantine, dropped: 0, failure: None }
    }

    /// Asks once, unless it wants no calls yet. Carries forward what the answer lacks.
    async fn ask(
        &mut self,
        state: &AppState,
        fallback: bool,
        announced: &[Code],
        references: &mut References,
    ) -> Result<Fetched, SourceError> {
        let rest = self.rested.saturating_duration_since(Instant::now());
        if !rest.is_zero() {
            return Err(SourceError::RateLimited { retry_after: Some(rest), reason: None });
        }
        let answer = fetch(state, &*self.source).await;
        let doubtful = |fetched| has_outliers(fetched, &state.published(), announced);
        if answer.as_ref().is_ok_and(doubtful) {
            references.ask_about_outliers(state).await;
        }
        let published = state.published();
        let answer = answer
            .and_then(|fetched| self.quarantine.check(fetched, &published, fallback, announced));
        self.report(state, &answer);
        if let Err(error) = &answer {
            self.rested = Instant::now() + error.retry_after().unwrap_or_default();
        }
        answer.map(|fetched| self.carry_forward(fetched, state, fallback))
    }

    /// Counts a call, and logs each change of state once.
    fn report(&mut self, state: &AppState, answer: &Result<Fetched, SourceError>) {
        let source = self.source.name();
        let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
        state.metrics.source_called(source, outcome);
        match answer {
            Ok(Fetched { dropped, .. }) => {
                state.metrics.entries_dropped(source, *dropped);
                if *dropped > self.dropped {
                    tracing::warn!(%source, dropped, "left entries out");
                }
                self.dropped = *dropped;
                self.failure = None;
            }
            Err(error) if self.failure.replace(outcome) != Some(outcome) => {
                let published = state.published();
                let last_good = published.snapshot().map(|good| good.last_updated().to_string());
                tracing::warn!(%source, %error, last_good, "the refresh failed");
            }
            Err(error) => tracing::debug!(%source, %error, "a source failed"),
        }
    }

    /// Carries forward the rates that the answer has no usable value for, and dates it. Those that the
    /// primary has not had for a day are delisted. A fallback delists nothing, since it may have fewer than
    /// the primary.
    fn carry_forward(&self, fetched: Fetched, state: &AppState, fallback: bool) -> Fetched {
        let published = state.published();
        let Some(old) = published.snapshot().filter(|old| old.source() != SourceName::Sample)
        else {
            return fetched;
        };
        let Fetched { snapshot, dropped, announced } = fetched;
        let away = state.config.delist_after;
        let delisted = if fallback { Vec::new() } else { snapshot.lacking_for(away, old) };
        let source = self.source.name();
        state.metrics.delisted(source, delisted.len());
        if !delisted.is_empty() {
            let codes = some(&delisted);
            tracing::warn!(%source, rates = delisted.len(), codes, "delisted what is not sent any more");
        }
        let snapshot = snapshot.carry_forward(old, |code| !delisted.contains(code));
        Fetched { snapshot: dated(snapshot, old), dropped, announced }
    }
}

/// Returns the snapshot with the time at which its rates were new.
///
/// Rates that have not moved are as old as before. Those that have were new after the last answer, whatever
/// the upstream says of their age, and never in the future.
fn dated(snapshot: Snapshot, old: &Snapshot) -> Snapshot {
    let arrived = snapshot.confirmed();
    let new = if snapshot.has_the_values_of(old) {
        old.last_updated()
    } else {
        snapshot.last_updated().max(old.confirmed()).min(arrived)
    };
    snapshot.dated(new, arrived)
}

/// Asks a source once.
pub async fn fetch(state: &AppState, source: &dyn RateSource) -> Result<Fetched, SourceError> {
    let published = state.published().snapshot().cloned();
    let now = || state.now();
    // A panic would end the refresh loop.
    let fetch = AssertUnwindSafe(source.fetch(&now, published.as_deref()));
    fetch.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(source = %source.name(), "a source panicked");
        Err(SourceError::Fault)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        refresh::simulation::Scripted,
        sources::{Sample, sample},
        state::system_clock,
        test_support,
    };

    #[tokio::test]
    async fn a_source_that_panics_is_a_failure_and_no_end() {
        let state = test_support::state(system_clock());
        let broken = || -> Box<dyn RateSource> {
            let answer = || std::panic::resume_unwind(Box::new("as told"));
            Box::new(Scripted(SourceName::Coinbase, answer))
        };
        let failover = |sources| Failover::new(sources, Vec::new(), References::new(Vec::new()));
        let mut sources = failover(vec![broken(), Box::new(Sample)]);
        let fetched = sources.ask(&state, 1).await.unwrap();
        assert_eq!(fetched.snapshot.source(), SourceName::Sample);
        let mut sources = failover(vec![broken()]);
        assert_eq!(sources.ask(&state, 1).await, Err(SourceError::Fault));
    }

    #[test]
    fn rates_that_have_moved_are_newer_than_the_last_answer() {
        let at = |seconds| sample::TAKEN + Duration::from_secs(seconds);
        let old = test_support::live(at(1_000)).confirmed_at(at(1_300));
        let answer = |dollars, age| {
            let snapshot = test_support::with_dollars(at(1_600), dollars);
            let aged = Fetched { snapshot, dropped: 0, announced: Vec::new() };
            let aged = aged.aged(Duration::from_secs(age)).snapshot;
            let dated = dated(aged, &old);
            assert_eq!(dated.confirmed(), at(1_600));
            dated.last_updated().seconds_since(at(0))
        };
        let same = old.get(&"usd".parse().unwrap()).unwrap().value;
        assert_eq!([0, 100, 9_000].map(|age| answer(same, age)), [1_000; 3]);
        assert_eq!([0, 100, 9_000].map(|age| answer(same + 0.001, age)), [1_600, 1_500, 1_300]);
        // A clock that was set back.
        let old = test_support::live(at(9_000));
        let new = test_support::with_dollars(at(1_600), same + 0.001);
        assert_eq!(dated(new, &old).last_updated(), at(1_600));
    }
}
