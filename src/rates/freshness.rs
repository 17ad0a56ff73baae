//! How far a snapshot can be trusted to be current.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// When a snapshot should be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshSchedule {
    /// From one refresh to the next.
    pub interval: Duration,
    /// How long a refresh may take before a snapshot past its interval counts as stale.
    pub grace: Duration,
}

/// The state of the snapshot being served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheStatus {
    /// No older than one refresh interval.
    Fresh,
    /// Older than one refresh interval, and its replacement is on the way.
    Cached,
    /// Older than one refresh interval, and the refresh that should have replaced it failed or
    /// is overdue. The sample is always stale.
    Stale,
}

impl CacheStatus {
    /// Returns the status of a snapshot of this `age`.
    ///
    /// A refresh takes a moment, so a snapshot outlives its interval a little. During the grace time it is
    /// `cached`, unless the refresh is known to have failed.
    pub fn of(age: Duration, schedule: RefreshSchedule, refresh_failed: bool) -> Self {
        let RefreshSchedule { interval, grace } = schedule;
        if age <= interval {
            Self::Fresh
        } else if !refresh_failed && age <= interval + grace {
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
        let status = |age, failed| {
            let seconds = Duration::from_secs;
            let schedule = RefreshSchedule { interval: seconds(300), grace: seconds(10) };
            CacheStatus::of(seconds(age), schedule, failed)
        };
        assert_eq!(status(0, false), CacheStatus::Fresh);
        assert_eq!(status(300, false), CacheStatus::Fresh);
        assert_eq!(status(301, false), CacheStatus::Cached);
        assert_eq!(status(310, false), CacheStatus::Cached);
        assert_eq!(status(311, false), CacheStatus::Stale);
        // After a failed refresh a snapshot is stale as soon as its interval is over, and no sooner.
        assert_eq!(status(300, true), CacheStatus::Fresh);
        assert_eq!(status(301, true), CacheStatus::Stale);
    }
}
