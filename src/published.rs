//! The published state: the current snapshot and the answers made from it.
//!
//! A published state never changes: the next one replaces it behind an atomic pointer. Readers never wait,
//! never block the refresh loop, and never cause a call to an upstream. Answers are made when first
//! asked for, and dropped with the state.

use std::{convert::Infallible, sync::Arc, time::Duration};

use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::{
    cache::{Representation, Representations, ResponseCache},
    history::{ChartKey, PATIENCE, RecentHistory},
    rates::{
        CacheStatus, Chart, Code, Quotation, RefreshSchedule, Snapshot, SourceName, Timestamp,
        Trends,
    },
    sources::SourceError,
};

/// The state of the service as its readers see it.
pub struct Published {
    snapshot: Option<Arc<Snapshot>>,
    /// The failures since the snapshot was taken.
    failure: Option<Failure>,
    next_refresh: Timestamp,
    schedule: RefreshSchedule,
    recent_history: Arc<RecentHistory>,
    representations: Representations,
    responses: Arc<ResponseCache>,
    trends: Cache<(Code, Quotation), Arc<Trends>>,
    charts: Cache<ChartKey, Arc<Chart>>,
}

/// The most charts kept. Each takes about 3 KB.
const MOST_CHARTS: usize = 512;

/// The most bases whose trends are kept, each direction for itself. One takes about 15 KB.
const MOST_TRENDS: usize = 48;

/// The failures since the last good refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// At least 1.
    pub consecutive: u32,
    /// [`SourceError::outcome`] of the last one.
    pub outcome: String,
    /// [`SourceError::reason`] of the last one. A leader of 0.1.0 does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Published {
    /// Returns the state before the first refresh.
    pub fn empty(now: Timestamp, schedule: RefreshSchedule) -> Self {
        Self::new(None, None, now, schedule, Arc::new(RecentHistory::empty(now)))
    }

    fn new(
        snapshot: Option<Arc<Snapshot>>,
        failure: Option<Failure>,
        next_refresh: Timestamp,
        schedule: RefreshSchedule,
        recent_history: Arc<RecentHistory>,
    ) -> Self {
        Self {
            snapshot,
            failure,
            next_refresh,
            schedule,
            recent_history,
            representations: Representations::default(),
            responses: Arc::default(),
            trends: Cache::new(MOST_TRENDS),
            charts: Cache::new(MOST_CHARTS),
        }
    }

    /// Returns the state that follows this one, with the same recent history.
    #[must_use]
    pub fn updated(
        &self,
        snapshot: Option<Arc<Snapshot>>,
        failure: Option<Failure>,
        next_refresh: Timestamp,
    ) -> Self {
        Self::new(snapshot, failure, next_refresh, self.schedule, Arc::clone(&self.recent_history))
    }

    /// Returns the state after a successful refresh.
    #[must_use]
    pub fn refreshed(&self, snapshot: Snapshot, next_refresh: Timestamp) -> Self {
        self.updated(Some(Arc::new(snapshot)), None, next_refresh)
    }

    /// Returns the state after a failed refresh. The last good snapshot stays.
    #[must_use]
    pub fn failed(&self, error: &SourceError, next_refresh: Timestamp) -> Self {
        let consecutive = self.consecutive_failures().saturating_add(1);
        let (outcome, reason) = (error.outcome().to_owned(), error.reason().map(str::to_owned));
        let failure = Failure { consecutive, outcome, reason };
        self.updated(self.snapshot.clone(), Some(failure), next_refresh)
    }

    /// Returns this state with a snapshot from elsewhere.
    #[must_use]
    pub fn with_snapshot(&self, snapshot: Snapshot, next_refresh: Timestamp) -> Self {
        let snapshot = Some(Arc::new(snapshot));
        self.updated(snapshot, self.failure.clone(), next_refresh)
    }

    /// Returns this state with another time for the next refresh.
    #[must_use]
    pub fn with_next_refresh(&self, next_refresh: Timestamp) -> Self {
        self.updated(self.snapshot.clone(), self.failure.clone(), next_refresh)
    }

    /// Returns this state with the history that was `read` from the store, or `None` if it adds nothing.
    pub fn with_recent_history(&self, read: &RecentHistory, now: Timestamp) -> Option<Self> {
        let joined = self.recent_history.joined(read, now);
        let new = !joined.shows_the_same_as(&self.recent_history);
        let recent_history = Arc::new(joined);
        new.then(|| Self { recent_history, ..self.with_next_refresh(self.next_refresh) })
    }

    /// Returns this state as it is published `now`: the recent history ends with its own rates.
    #[must_use]
    pub fn recorded_at(self, now: Timestamp) -> Self {
        let recent_history = Arc::new(match &self.snapshot {
            Some(snapshot) => self.recent_history.with(snapshot, now),
            None => self.recent_history.at(now),
        });
        Self { recent_history, ..self }
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

    /// Returns when the refresh loop will ask a source again.
    pub fn next_refresh(&self) -> Timestamp {
        self.next_refresh
    }

    pub fn schedule(&self) -> RefreshSchedule {
        self.schedule
    }

    /// Returns how far `snapshot` can be trusted to be current.
    pub fn status(&self, snapshot: &Snapshot, now: Timestamp) -> CacheStatus {
        if snapshot.source() == SourceName::Sample {
            return CacheStatus::Stale;
        }
        let (age, unchanged) = (snapshot.age(now), snapshot.unchanged());
        CacheStatus::of(age, unchanged, self.schedule, self.failure.is_some())
    }

    /// Returns since when the source has answered with the same rates, if it has done so in more than one
    /// interval.
    pub fn unchanged_since(&self) -> Option<Timestamp> {
        let snapshot = self.snapshot.as_ref()?;
        (snapshot.unchanged() >= self.schedule.interval).then(|| snapshot.last_updated())
    }

    /// Returns whether the source has answered with the same rates for so long that they count as stale.
    pub fn is_frozen(&self) -> bool {
        let frozen =
            |snapshot: &Arc<Snapshot>| snapshot.unchanged() >= self.schedule.unchanged_after;
        self.snapshot.as_ref().is_some_and(frozen)
    }

    /// Returns the last day, up to when this state was published.
    pub fn recent_history(&self) -> &RecentHistory {
        &self.recent_history
    }

    /// Returns how the rates have moved in a day. `None` without rates, or for an unknown base.
    pub fn trends(&self, base: &Code, quotation: Quotation) -> Option<Arc<Trends>> {
        let snapshot = self.snapshot.as_ref().filter(|snapshot| snapshot.get(base).is_some())?;
        let trends = || self.recent_history.trends(snapshot, base, quotation);
        let make = || Ok::<_, Infallible>(Arc::new(trends()));
        let Ok(trends) = self.trends.get_or_insert_with(&(base.clone(), quotation), make);
        Some(trends)
    }

    /// Returns a chart of these rates, read from the history by `read` if it is not cached. All open pages
    /// with a chart ask when new rates come, so one of them reads and the others wait.
    pub async fn chart(
        &self,
        key: &ChartKey,
        read: impl Future<Output = Option<Chart>>,
    ) -> Option<Arc<Chart>> {
        let known = self.charts.get_value_or_guard_async(key);
        match tokio::time::timeout(PATIENCE, known).await.ok()? {
            Ok(chart) => Some(chart),
            Err(guard) => {
                let chart = Arc::new(read.await?);
                // An incomplete chart is not kept: the store may be readable again soon.
                if chart.complete {
                    let _ = guard.insert(Arc::clone(&chart));
                }
                Some(chart)
            }
        }
    }

    /// Returns the cache of whole responses made from this state.
    pub fn responses(&self) -> &Arc<ResponseCache> {
        &self.responses
    }

    /// Returns the body for `key` if it is cached.
    pub fn cached_representation(
        &self,
        status: CacheStatus,
        key: &str,
    ) -> Option<Arc<Representation>> {
        self.representations.get(status, key)
    }

    /// Returns the body for `key`, made by `make` if it is not cached.
    ///
    /// The key must name everything that the body depends on, apart from this state and `status`.
    pub fn representation<E>(
        &self,
        status: CacheStatus,
        key: String,
        make: impl FnOnce() -> Result<Representation, E>,
    ) -> Result<Arc<Representation>, E> {
        if let Some(body) = self.cached_representation(status, &key) {
            return Ok(body);
        }
        // Without a lock: two readers may make the same body, but none waits for another.
        let body = Arc::new(make()?);
        self.representations.insert(status, key, &body);
        Ok(body)
    }

    /// Returns how long it is until a source is asked again.
    pub fn until_next_refresh(&self, now: Timestamp) -> Duration {
        Duration::from_secs(self.next_refresh.seconds_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sources::sample, test_support};

    const SCHEDULE: RefreshSchedule = RefreshSchedule {
        interval: Duration::from_secs(300),
        grace: Duration::from_secs(10),
        unchanged_after: Duration::from_secs(3_600),
    };

    fn live() -> Snapshot {
        test_support::live(sample::TAKEN)
    }

    fn published() -> Published {
        let taken = sample::TAKEN;
        Published::empty(taken, SCHEDULE).refreshed(live(), taken + SCHEDULE.interval)
    }

    /// Returns the state after a second refresh at this time.
    fn published_again(later: Timestamp) -> Published {
        let published = published().recorded_at(sample::TAKEN);
        let published = published.refreshed(test_support::live(later), later + SCHEDULE.interval);
        published.recorded_at(later)
    }

    #[test]
    fn a_failure_keeps_the_snapshot_and_counts() {
        let later = sample::TAKEN + Duration::from_secs(330);
        let published =
            published().failed(&SourceError::NoRates, later).failed(&SourceError::NoRates, later);
        assert_eq!(published.snapshot().unwrap().id(), live().id());
        assert_eq!(
            published.failure(),
            Some(&Failure { consecutive: 2, outcome: "no_rates".to_owned(), reason: None })
        );
        assert_eq!(published.status(&live(), later), CacheStatus::Stale);
        let published = published.refreshed(live(), later);
        assert_eq!(published.consecutive_failures(), 0);
        assert_eq!(published.status(&live(), sample::TAKEN), CacheStatus::Fresh);
        assert_eq!(published.status(&sample::snapshot(), sample::TAKEN), CacheStatus::Stale);
    }

    #[test]
    fn the_recent_history_goes_from_state_to_state() {
        let hours = |hours: u64| sample::TAKEN + Duration::from_secs(3_600 * hours);
        let published =
            published().recorded_at(sample::TAKEN).failed(&SourceError::NoRates, hours(1));
        let published =
            published.recorded_at(hours(1)).with_snapshot(live(), hours(2)).recorded_at(hours(2));
        assert_eq!(published.recent_history().steps().iter().flatten().count(), 1);
        // The trends are made once.
        let trends = published.trends(&Code::btc(), Quotation::Inverse).unwrap();
        assert_eq!(trends.since, Some(sample::TAKEN));
        assert!(Arc::ptr_eq(&trends, &published.trends(&Code::btc(), Quotation::Inverse).unwrap()));
        assert_eq!(published.trends(&"xyz".parse().unwrap(), Quotation::Inverse), None);
        assert_eq!(
            Published::empty(hours(0), SCHEDULE).trends(&Code::btc(), Quotation::Inverse),
            None
        );
        // A refresh does not move the beginning of a new history.
        let later = sample::TAKEN + Duration::from_secs(300);
        let next = published_again(later);
        assert_eq!(
            next.trends(&Code::btc(), Quotation::Inverse).unwrap().since,
            Some(sample::TAKEN)
        );
        // A read that adds nothing makes no new state.
        let read = RecentHistory::empty(hours(2));
        assert!(published.with_recent_history(&read, hours(2)).is_none());
        assert!(published.with_recent_history(&read, hours(3)).is_some());
    }

    #[test]
    fn an_answer_is_made_once() {
        let (published, mut made) = (published(), 0);
        let mut ask = |key: &str| {
            let answer = published.representation(CacheStatus::Fresh, key.to_owned(), || {
                made += 1;
                Ok::<_, Infallible>(Representation::new("text/plain", "x"))
            });
            answer.unwrap();
            made
        };
        assert_eq!((ask("one"), ask("one"), ask("other")), (1, 1, 2));
    }
}
