//! Points in time, to the second.

use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z; written as RFC 3339 in UTC.
///
/// The browser does not read the clock through this type, because `SystemTime::now` panics in wasm. It uses
/// `Date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64")]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last second that RFC 3339 can write: 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// Creates a timestamp, at most [`Timestamp::MAX`].
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        if seconds > Self::MAX.0 { Self::MAX } else { Self(seconds) }
    }

    pub fn unix_seconds(self) -> u64 {
        self.0
    }

    /// Returns the seconds from `earlier` to `self`; zero if `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the seconds from `other` to `self`; below zero if `other` is later.
    pub fn signed_seconds_since(self, other: Self) -> i64 {
        self.0.cast_signed() - other.0.cast_signed()
    }

    /// Returns this time moved by some seconds, forward or back.
    #[must_use]
    pub fn moved(self, seconds: i64) -> Self {
        Self::from_unix_seconds(self.0.saturating_add_signed(seconds))
    }

    /// Returns the seconds between the two, whichever is later.
    #[cfg(feature = "ssr")]
    pub fn seconds_apart(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Formats the time for people: `2026-11-23 08:21:28 UTC`.
    pub fn readable(self) -> String {
        let rfc3339 = self.to_string();
        format!("{} {} UTC", &rfc3339[..10], &rfc3339[11..19])
    }
}

impl From<u64> for Timestamp {
    fn from(seconds: u64) -> Self {
        Self::from_unix_seconds(seconds)
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_unix_seconds(since_epoch.as_secs())
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        UNIX_EPOCH + Duration::from_secs(time.0)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self::from_unix_seconds(self.0.saturating_add(duration.as_secs()))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value from the wire may be later than RFC 3339 can express.
        let time = SystemTime::from(Self::from_unix_seconds(self.0));
        humantime::format_rfc3339_seconds(time).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_rfc3339_and_for_people() {
        let time = Timestamp::from_unix_seconds(1_795_422_088);
        assert_eq!(time.to_string(), "2026-11-23T08:21:28Z");
        assert_eq!(time.readable(), "2026-11-23 08:21:28 UTC");
    }

    #[test]
    fn the_end_of_time_can_be_written() {
        assert_eq!(Timestamp(u64::MAX).to_string(), "9999-12-31T23:59:59Z");
    }
}
