//! Whom the loop asks: the live sources in their order, each left alone as long as it asked, and none
//! believed beyond reason.
//!
//! The first source is in charge. When it has given nothing in [`TAKE_OVER`] intervals in a row, the
//! next one that answers takes its place, and gives it back when the first has answered in
//! [`HAND_BACK`] intervals in a row: sources differ a little, and rates that jump between two at
//! each hiccup would look like news. Where nothing is on the screen, nobody waits.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::time::Instant;

use crate::{
    rates::{Code, Snapshot, SourceName, outliers::COMPARABLE},
    sources::{Fetched, Source, SourceError},
    state::AppState,
};

/// Intervals without the first source after which another takes its place.
const TAKE_OVER: u32 = 2;

/// Intervals in which the first source must answer to get its place back.
const HAND_BACK: u32 = 2;

/// In how many intervals a source must send the same absurd rates to be believed.
const CONVINCING: u32 = 3;

/// One of so many rates may be absurd after those of another source: the two can differ in what a
/// code means, and in what they do with a currency that is no longer traded. A stand-in's odd ones
/// are left out.
const ODD_ONES: usize = 10;

/// The live sources in their order.
pub struct Upstreams {
    list: Vec<Upstream>,
    /// Intervals in a row in which the first gave nothing.
    silent: u32,
    /// Intervals in a row in which it answered while another was in charge.
    returning: u32,
}

struct Upstream {
    source: Source,
    /// Until when it asked to be left alone.
    rested: Instant,
    doubt: Option<Quarantine>,
    /// How many entries of its last answer were left out.
    dropped: usize,
}

/// Absurd rates that a source goes on sending.
struct Quarantine {
    /// The last of them.
    snapshot: Snapshot,
    /// When they last counted.
    since: Instant,
    /// In how many intervals they were refused.
    intervals: u32,
}

impl Upstreams {
    pub fn new(sources: Vec<Source>) -> Self {
        let rested = Instant::now();
        let upstream = |source| Upstream { source, rested, doubt: None, dropped: 0 };
        Self { list: sources.into_iter().map(upstream).collect(), silent: 0, returning: 0 }
    }

    /// Makes try number `tries` of an interval; no source is asked twice in it.
    pub async fn ask(&mut self, state: &AppState, tries: u32) -> Result<Fetched, SourceError> {
        if self.others_are_in_charge(state) {
            return self.ask_others_and_the_first(state, tries).await;
        }
        let answer = self.ask_first(state).await;
        if answer.is_err() && !state.has_live_rates() {
            return self.ask_others(state).await.or(answer);
        }
        answer
    }

    /// The end of an interval in which no try has worked: another source may take over now.
    pub async fn take_over(&mut self, state: &AppState) -> Option<Fetched> {
        // Then the others have been asked in each try.
        if self.others_are_in_charge(state) || !state.has_live_rates() {
            return None;
        }
        self.silent += 1;
        // Rates of an earlier process may have been without the first for longer.
        let published = state.published().snapshot().map(|rates| rates.age(state.now()));
        let long = published.is_none_or(|age| age > TAKE_OVER * state.config.schedule().interval);
        if self.silent < TAKE_OVER && !long {
            return None;
        }
        self.ask_others(state).await.ok()
    }

    /// When the first of them may be asked.
    pub fn rested(&self) -> Instant {
        self.list.iter().map(|upstream| upstream.rested).min().unwrap_or_else(Instant::now)
    }

    /// When another try in the same interval has somebody to ask.
    pub fn rested_for_another_try(&self, state: &AppState) -> Instant {
        let others = self.others_are_in_charge(state);
        let asked = if !state.has_live_rates() {
            &self.list[..]
        } else if others {
            self.list.get(1..).unwrap_or_default()
        } else {
            self.list.get(..1).unwrap_or_default()
        };
        asked.iter().map(|upstream| upstream.rested).min().unwrap_or_else(Instant::now)
    }

    /// Whether the rates on the board are of another than the first.
    fn others_are_in_charge(&self, state: &AppState) -> bool {
        let published = state.published();
        let in_charge = published.snapshot().map(|snapshot| snapshot.source());
        let others = self.list.get(1..).unwrap_or_default();
        others.iter().any(|other| Some(other.source.name()) == in_charge)
    }

    async fn ask_first(&mut self, state: &AppState) -> Result<Fetched, SourceError> {
        let Some(first) = self.list.first_mut() else { return Err(SourceError::NoRates) };
        let answer = first.ask(state, false).await;
        if answer.is_ok() {
            self.silent = 0;
        }
        answer
    }

    /// Each once, until one answers; the error is the last one's.
    async fn ask_others(&mut self, state: &AppState) -> Result<Fetched, SourceError> {
        let mut failure = SourceError::NoRates;
        for other in self.list.iter_mut().skip(1) {
            match other.ask(state, true).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Asks the first once in an interval to see whether it is back.
    async fn ask_others_and_the_first(
        &mut self,
        state: &AppState,
        tries: u32,
    ) -> Result<Fetched, SourceError> {
        if tries == 1 {
            match self.ask_first(state).await {
                Ok(fetched) => {
                    self.returning += 1;
                    // When the others fail, one answer is enough.
                    if self.returning < HAND_BACK
                        && let Ok(other) = self.ask_others(state).await
                    {
                        return Ok(other);
                    }
                    self.returning = 0;
                    return Ok(fetched);
                }
                Err(_) => self.returning = 0,
            }
        }
        self.ask_others(state).await
    }
}

impl Upstream {
    /// Asks once, unless it wants to be left alone. What it lacks is held from the rates before.
    async fn ask(&mut self, state: &AppState, stands_in: bool) -> Result<Fetched, SourceError> {
        let rest = self.rested.saturating_duration_since(Instant::now());
        if !rest.is_zero() {
            return Err(SourceError::RateLimited { retry_after: Some(rest) });
        }
        let answer = fetch(state, &self.source).await;
        let answer = answer.and_then(|fetched| self.believe(fetched, state, stands_in));
        let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
        state.metrics.source_called(self.source.name(), outcome);
        match &answer {
            Ok(Fetched { dropped, .. }) => {
                state.metrics.entries_dropped(self.source.name(), *dropped);
                if *dropped > self.dropped {
                    tracing::warn!(source = %self.source.name(), dropped, "left entries out");
                }
                self.dropped = *dropped;
            }
            Err(error) => {
                tracing::debug!(source = %self.source.name(), %error, "a source failed");
                self.rested = Instant::now() + error.retry_after().unwrap_or_default();
            }
        }
        answer.map(|fetched| hold(fetched, state, stands_in))
    }

    /// Refuses rates that can't follow from the last good ones, until the source has said the same
    /// in [`CONVINCING`] intervals: then it is the last good ones that were wrong.
    fn believe(
        &mut self,
        fetched: Fetched,
        state: &AppState,
        stands_in: bool,
    ) -> Result<Fetched, SourceError> {
        let published = state.published();
        let old = published.snapshot().filter(|old| {
            let fresh = fetched.snapshot.last_updated().seconds_since(old.last_updated());
            let comparable = COMPARABLE.max(3 * published.schedule().interval);
            old.source() != SourceName::Sample && fresh < comparable.as_secs()
        });
        let absurd = old.map(|old| fetched.snapshot.outliers_after(old)).unwrap_or_default();
        let given = fetched.snapshot.given().count();
        // An answer that has lost most of its rates says nothing of those it still has.
        let other = old.is_some_and(|old| old.source() != fetched.snapshot.source());
        let shrunk = old.is_some_and(|old| match (stands_in, other) {
            // It need not have all that the first has.
            (true, true) => false,
            (true, false) => 2 * given < old.given().count(),
            (false, _) => 2 * given < old.rates().len(),
        });
        let codes: Vec<_> = absurd.iter().take(5).map(Code::as_str).collect();
        let codes = if codes.is_empty() { "most are missing".to_owned() } else { codes.join(", ") };
        let Fetched { snapshot, dropped, broken } = fetched;
        let few = absurd.len() * ODD_ONES <= given && !absurd.contains(&Code::btc());
        if !shrunk && (absurd.is_empty() || (few && (stands_in || other))) {
            self.doubt = None;
            let odd = if stands_in { &absurd[..] } else { &[] };
            let dropped = dropped + odd.len();
            return Ok(Fetched { snapshot: snapshot.without(odd), dropped, broken });
        }
        let same =
            self.doubt.take().filter(|doubt| snapshot.outliers_after(&doubt.snapshot).is_empty());
        let interval = state.config.schedule().interval;
        let (since, intervals) = match same {
            // The tries of one interval count once.
            Some(doubt) if doubt.since.elapsed() < interval.mul_f64(0.9) => {
                (doubt.since, doubt.intervals)
            }
            Some(doubt) => (Instant::now(), doubt.intervals + 1),
            None => (Instant::now(), 1),
        };
        if intervals >= CONVINCING {
            tracing::warn!(source = %snapshot.source(), codes, "absurd values are believed now");
            return Ok(Fetched { snapshot, dropped, broken });
        }
        self.doubt = Some(Quarantine { snapshot, since, intervals });
        Err(SourceError::Absurd(codes))
    }
}

/// Rows stay on the screen that an answer has no usable value for: all that a stand-in lacks, and
/// what the first source names but has broken. What the first no longer names is gone.
fn hold(fetched: Fetched, state: &AppState, stands_in: bool) -> Fetched {
    let published = state.published();
    let Some(old) = published.snapshot().filter(|old| old.source() != SourceName::Sample) else {
        return fetched;
    };
    let Fetched { snapshot, dropped, broken } = fetched;
    let snapshot = snapshot.holding(old, |code| stands_in || broken.contains(code));
    Fetched { snapshot, dropped, broken }
}

/// Asks a source once.
pub async fn fetch(state: &AppState, source: &Source) -> Result<Fetched, SourceError> {
    let published = state.published().snapshot().cloned();
    // A panic would end the loop, and with it every refresh to come.
    let fetch = source.fetch(|| state.now(), published.as_deref());
    AssertUnwindSafe(fetch).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(source = %source.name(), "a source panicked");
        Err(SourceError::Fault)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_that_panics_is_a_failure_and_no_end() {
        let config = crate::config::Config::read(|_| None).unwrap();
        let state = AppState::new(config, crate::state::system_clock());
        let broken = || {
            Source::Scripted(
                SourceName::Coinbase,
                Box::new(|| std::panic::resume_unwind(Box::new("as told"))),
            )
        };
        let mut upstreams = Upstreams::new(vec![broken(), Source::Sample]);
        let fetched = upstreams.ask(&state, 1).await.unwrap();
        assert_eq!(fetched.snapshot.source(), SourceName::Sample);
        let mut upstreams = Upstreams::new(vec![broken()]);
        assert_eq!(upstreams.ask(&state, 1).await, Err(SourceError::Fault));
    }
}
