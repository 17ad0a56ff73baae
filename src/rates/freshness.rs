//! How far a snapshot can be trusted to be current.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::words::from_words;

/// When a snapshot should be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshSchedule {
    /// From one refresh to the next.
    pub interval: Duration,
    /// How long a refresh may take before a snapshot past its interval counts as stale.
    pub grace: Duration,
    /// How long a source may answer with the same rates before they count as stale.
    pub unchanged_after: Duration,
}

/// The state of the snapshot being served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum CacheStatus {
    /// No older than one refresh interval.
    Fresh,
    /// Older than one refresh interval, and its replacement is on the way; or the source has answered with
    /// the same rates again.
    Cached,
    /// Older than one refresh interval, and the refresh that should have replaced it failed or
    /// is overdue; or the source has answered with the same rates for too long. The sample is always stale.
    Stale,
}

/// Error returned when a text is not the name of a [`CacheStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a status is one of fresh, cached, stale")]
pub struct UnknownStatus;

impl CacheStatus {
    pub const ALL: [Self; 3] = [Self::Fresh, Self::Cached, Self::Stale];

    /// Returns the status of a snapshot of this `age`, whose source last answered with the same rates when
    /// they had been `unchanged` for so long.
    ///
    /// A refresh takes a moment, so a snapshot outlives its interval a little. During the grace time it is
    /// `cached`, unless the refresh is known to have failed.
    pub fn of(
        age: Duration,
        unchanged: Duration,
        schedule: RefreshSchedule,
        refresh_failed: bool,
    ) -> Self {
        let RefreshSchedule { interval, grace, unchanged_after } = schedule;
        let answered = age.saturating_sub(unchanged);
        if age <= interval {
            Self::Fresh
        } else if !refresh_failed && answered <= interval + grace && unchanged < unchanged_after {
            Self::Cached
        } else {
            Self::Stale
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Cached => "cached",
            Self::Stale => "stale",
        }
    }
}

from_words!(CacheStatus::as_str, UnknownStatus);

impl fmt::Display for CacheStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_ages_from_fresh_over_cached_to_stale() {
        let seconds = Duration::from_secs;
        let [interval, grace, unchanged_after] = [300, 10, 3_600].map(seconds);
        let schedule = RefreshSchedule { interval, grace, unchanged_after };
        let of = |age, unchanged, failed| {
            CacheStatus::of(seconds(age), seconds(unchanged), schedule, failed)
        };
        let status = |age, failed| of(age, 0, failed);
        assert_eq!(status(0, false), CacheStatus::Fresh);
        assert_eq!(status(300, false), CacheStatus::Fresh);
        assert_eq!(status(301, false), CacheStatus::Cached);
        assert_eq!(status(310, false), CacheStatus::Cached);
        assert_eq!(status(311, false), CacheStatus::Stale);
        // After a failed refresh a snapshot is stale as soon as its interval is over, and no sooner.
        assert_eq!(status(300, true), CacheStatus::Fresh);
        assert_eq!(status(301, true), CacheStatus::Stale);
        // A source that answers the same again keeps them cached, for an hour.
        assert_eq!(of(299, 299, false), CacheStatus::Fresh);
        assert_eq!(of(610, 300, false), CacheStatus::Cached);
        assert_eq!(of(611, 300, false), CacheStatus::Stale);
        assert_eq!(of(400, 300, true), CacheStatus::Stale);
        assert_eq!(of(3_599, 3_599, false), CacheStatus::Cached);
        assert_eq!(of(3_600, 3_600, false), CacheStatus::Stale);
    }
}
