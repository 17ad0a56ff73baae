//! What every reader reads: the current snapshot and the answers already made from it.
//!
//! A board never changes. The refresh loop puts a new one up behind one atomic pointer; readers
//! never wait, never lock out the loop, and never cause a call to an upstream. Answers are made when
//! first asked for, kept with the board, and go with it.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    answers::{Answers, Representation},
    rates::{CacheStatus, Snapshot, SourceName, Timestamp},
    source::SourceError,
};

/// The state of the service as its readers see it.
pub struct Board {
    snapshot: Option<Arc<Snapshot>>,
    /// Why and how often in a row the refresh has failed since the snapshot was taken.
    failure: Option<Failure>,
    next_refresh: Timestamp,
    schedule: Schedule,
    answers: Answers,
}

/// The failures since the last good refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// At least 1.
    pub consecutive: u32,
    /// [`SourceError::outcome`] of the last one.
    pub outcome: String,
}

/// When a snapshot is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From one refresh to the next.
    pub interval: Duration,
    /// How long a refresh may take before a snapshot past its interval counts as stale.
    pub grace: Duration,
}

impl Board {
    /// The board before the first refresh.
    pub fn empty(now: Timestamp, schedule: Schedule) -> Self {
        Self::new(None, None, now, schedule)
    }

    fn new(
        snapshot: Option<Arc<Snapshot>>,
        failure: Option<Failure>,
        next_refresh: Timestamp,
        schedule: Schedule,
    ) -> Self {
        Self { snapshot, failure, next_refresh, schedule, answers: Answers::default() }
    }

    /// The board after a refresh that worked.
    #[must_use]
    pub fn refreshed(&self, snapshot: Snapshot, next_refresh: Timestamp) -> Self {
        Self::new(Some(Arc::new(snapshot)), None, next_refresh, self.schedule)
    }

    /// The board after a refresh that failed: the last good snapshot stays.
    #[must_use]
    pub fn failed(&self, error: &SourceError, next_refresh: Timestamp) -> Self {
        let consecutive = self.consecutive_failures().saturating_add(1);
        let failure = Failure { consecutive, outcome: error.outcome().to_owned() };
        Self::new(self.snapshot.clone(), Some(failure), next_refresh, self.schedule)
    }

    /// The board with a stand-in for the snapshot that could not be had.
    #[must_use]
    pub fn standing_in(&self, snapshot: Snapshot, next_refresh: Timestamp) -> Self {
        let snapshot = Some(Arc::new(snapshot));
        Self::new(snapshot, self.failure.clone(), next_refresh, self.schedule)
    }

    /// The board of a replica that is told what another has got.
    #[must_use]
    pub fn told(
        &self,
        snapshot: Option<Arc<Snapshot>>,
        failure: Option<Failure>,
        next_refresh: Timestamp,
    ) -> Self {
        Self::new(snapshot, failure, next_refresh, self.schedule)
    }

    /// The same board, with another time for the next refresh.
    #[must_use]
    pub fn standing(&self, next_refresh: Timestamp) -> Self {
        Self::new(self.snapshot.clone(), self.failure.clone(), next_refresh, self.schedule)
    }

    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    pub fn consecutive_failures(&self) -> u32 {
        self.failure.as_ref().map_or(0, |failure| failure.consecutive)
    }

    /// When the refresh loop will ask a source again.
    pub fn next_refresh(&self) -> Timestamp {
        self.next_refresh
    }

    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Whole seconds since `snapshot` was taken.
    pub fn age(snapshot: &Snapshot, now: Timestamp) -> Duration {
        Duration::from_secs(now.seconds_since(snapshot.last_updated()))
    }

    /// How far `snapshot` can be trusted to be current.
    pub fn status(&self, snapshot: &Snapshot, now: Timestamp) -> CacheStatus {
        if snapshot.source() == SourceName::Sample {
            return CacheStatus::Stale;
        }
        let Schedule { interval, grace } = self.schedule;
        CacheStatus::of(Self::age(snapshot, now), interval, grace, self.failure.is_some())
    }

    /// The whole answers that are kept.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The answer that goes by `key`, if it is there already.
    pub fn made(&self, status: CacheStatus, key: &str) -> Option<Arc<Representation>> {
        self.answers.made(status, key)
    }

    /// The answer that goes by `key`, made by `make` if it is not there yet.
    ///
    /// The key must name everything that the answer depends on, apart from the board and `status`.
    pub fn answer<E>(
        &self,
        status: CacheStatus,
        key: String,
        make: impl FnOnce() -> Result<Representation, E>,
    ) -> Result<Arc<Representation>, E> {
        if let Some(answer) = self.made(status, &key) {
            return Ok(answer);
        }
        // Under no lock: two readers may make the same answer, and none waits for another.
        let answer = Arc::new(make()?);
        self.answers.keep(status, key, &answer);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::source::sample;

    const SCHEDULE: Schedule =
        Schedule { interval: Duration::from_secs(300), grace: Duration::from_secs(10) };

    fn live() -> Snapshot {
        let rates = sample::snapshot().rates().to_vec();
        Snapshot::new(SourceName::Coingecko, sample::TAKEN, rates).unwrap()
    }

    fn board() -> Board {
        let taken = sample::TAKEN;
        Board::empty(taken, SCHEDULE).refreshed(live(), taken + SCHEDULE.interval)
    }

    #[test]
    fn a_failure_keeps_the_snapshot_and_counts() {
        let later = sample::TAKEN + Duration::from_secs(330);
        let board =
            board().failed(&SourceError::NoRates, later).failed(&SourceError::NoRates, later);
        assert_eq!(board.snapshot().unwrap().id(), live().id());
        assert_eq!(
            board.failure(),
            Some(&Failure { consecutive: 2, outcome: "no_rates".to_owned() })
        );
        assert_eq!(board.status(&live(), later), CacheStatus::Stale);
        let board = board.refreshed(live(), later);
        assert_eq!(board.consecutive_failures(), 0);
        assert_eq!(board.status(&live(), sample::TAKEN), CacheStatus::Fresh);
        assert_eq!(board.status(&sample::snapshot(), sample::TAKEN), CacheStatus::Stale);
    }

    #[test]
    fn an_answer_is_made_once() {
        let (board, mut made) = (board(), 0);
        let mut ask = |key: &str| {
            let answer = board.answer(CacheStatus::Fresh, key.to_owned(), || {
                made += 1;
                Ok::<_, Infallible>(Representation::new("text/plain", "x"))
            });
            answer.unwrap();
            made
        };
        assert_eq!((ask("one"), ask("one"), ask("other")), (1, 1, 2));
    }
}
