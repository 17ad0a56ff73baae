//! Rates of another upstream, which those of the source in charge are compared with.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{Code, Rate, SourceName, Timestamp};
use crate::words::from_words;

/// The fewest values that can be compared: their median is what all have in common.
pub const FEWEST: usize = 3;

/// An upstream that is only asked to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceName {
    /// The daily rates of the European Central Bank, by Frankfurter's API.
    Frankfurter,
    /// What bitcoin is traded for at Kraken.
    Kraken,
}

impl ReferenceName {
    pub const ALL: [Self; 2] = [Self::Frankfurter, Self::Kraken];

    /// Returns the word in configuration, API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frankfurter => "frankfurter",
            Self::Kraken => "kraken",
        }
    }

    /// Returns whether it is the same upstream as this source.
    pub fn is(self, source: SourceName) -> bool {
        self.as_str() == source.as_str()
    }

    /// Returns how far its rates and others may be apart in time to be compared. The ECB has none from Maundy Thursday
    /// to the afternoon of Easter Tuesday.
    pub fn comparable(self) -> Duration {
        Duration::from_secs(match self {
            Self::Frankfurter => 6 * 86_400,
            Self::Kraken => 900,
        })
    }

    /// Returns the age up to which its rates tell whether a value that has just jumped is right.
    pub fn current(self) -> Duration {
        match self {
            Self::Frankfurter => self.comparable(),
            Self::Kraken => Duration::from_secs(120),
        }
    }
}

/// Error returned when a text is not the name of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference is one of frankfurter, kraken")]
pub struct UnknownReference;

from_words!(ReferenceName::as_str, UnknownReference);

impl fmt::Display for ReferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The values of a reference, in units per one of something that does not matter: only what they are beside each
/// other is compared. If bitcoin is among them they are per bitcoin, and bitcoin itself is compared, too.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceRates {
    name: ReferenceName,
    /// When the values were right: a day begins with it.
    time: Timestamp,
    /// When they were asked for.
    asked: Timestamp,
    values: BTreeMap<Code, f64>,
}

impl ReferenceRates {
    /// Leaves out values that can't be any. Returns `None` if too few are left to be compared.
    pub fn new(
        name: ReferenceName,
        time: Timestamp,
        asked: Timestamp,
        mut values: BTreeMap<Code, f64>,
    ) -> Option<Self> {
        values.retain(|_, value| Rate::VALUES.contains(value));
        (values.len() >= FEWEST).then_some(Self { name, time, asked, values })
    }

    pub fn name(&self) -> ReferenceName {
        self.name
    }

    pub fn time(&self) -> Timestamp {
        self.time
    }

    pub fn asked(&self) -> Timestamp {
        self.asked
    }

    pub fn values(&self) -> &BTreeMap<Code, f64> {
        &self.values
    }
}
