//! The upstreams that rates come from.
//!
//! A source calls one upstream once, and returns a validated [`Snapshot`] or a [`SourceError`] with the
//! kind of failure. A [`Reference`] is called to compare its rates with those of the source in charge. Only the
//! refresh loop calls them.

mod archive;
pub mod coinbase;
pub mod coingecko;
pub mod frankfurter;
mod http;
pub mod kraken;
mod reason;
mod reference;
pub mod sample;

use std::time::Duration;

use futures::future::BoxFuture;

use crate::rates::{Code, InvalidSnapshot, Snapshot, SourceName, Timestamp};

pub use archive::{Archive, Asking, Changes, Past};
pub use coinbase::Coinbase;
pub use coingecko::{ApiKey, Coingecko, Plan};
pub use frankfurter::Frankfurter;
pub use http::{BODY_LIMIT, LONGEST_RETRY_AFTER, beginning, client, innermost_cause, retry_after};
pub use kraken::Kraken;
pub use reason::reason;
pub use reference::Reference;
pub use sample::Sample;

/// The [outcome](SourceError::outcome) of a call whose rates are outliers.
pub const OUTLIERS: &str = "absurd";

/// Returns the current time.
pub type Now<'a> = &'a (dyn Fn() -> Timestamp + Send + Sync);

/// A call under way.
pub type Fetching<'a> = BoxFuture<'a, Result<Fetched, SourceError>>;

/// An upstream that rates come from.
pub trait RateSource: Send + Sync {
    fn name(&self) -> SourceName;

    /// Calls the upstream once. `now` is asked for the time when the answer has arrived. Names, units and
    /// types that the upstream does not send come from the snapshot `known`.
    fn fetch<'a>(&'a self, now: Now<'a>, known: Option<&'a Snapshot>) -> Fetching<'a>;

    /// Returns the same upstream as one that knows past rates, if it does.
    fn archive(&self) -> Option<&dyn Archive> {
        None
    }
}

/// A snapshot, and what was left out of it.
#[derive(Debug, PartialEq)]
pub struct Fetched {
    pub snapshot: Snapshot,
    /// How many entries of the answer are not in the snapshot.
    pub dropped: usize,
    /// The outliers that are believed because they were announced.
    pub announced: Vec<Code>,
}

impl Fetched {
    /// Dates the rates back by the age of the answer that they came with.
    #[must_use]
    pub fn aged(self, age: Duration) -> Self {
        let arrived = self.snapshot.last_updated();
        Self { snapshot: self.snapshot.dated(arrived - age, arrived), ..self }
    }
}

/// Error returned when a source has no usable rates.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SourceError {
    #[error("could not be reached: {0}")]
    Unreachable(String),
    #[error("did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("limited the rate of calls{}", told(reason.as_deref()))]
    RateLimited { retry_after: Option<Duration>, reason: Option<String> },
    #[error("answered with status {status}{}", told(reason.as_deref()))]
    Status { status: u16, retry_after: Option<Duration>, reason: Option<String> },
    #[error("answered with more than {BODY_LIMIT} bytes")]
    TooLarge,
    #[error("did not answer with the expected JSON: {0}")]
    NotJson(String),
    #[error("refused: {0}")]
    Refused(String),
    #[error("answered without rates")]
    NoRates,
    #[error("sent rates that can't be used: {0}")]
    Invalid(#[from] InvalidSnapshot),
    #[error("sent values that can't be right after the last ones: {0}")]
    Outliers(String),
    #[error("made this program panic, which is a bug")]
    Fault,
}

impl SourceError {
    /// Returns the word for this kind of failure in metrics and in `/health`.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::RateLimited { .. } => "rate_limited",
            Self::Status { .. } => "bad_status",
            Self::TooLarge => "too_large",
            Self::NotJson(_) => "not_json",
            Self::Refused(_) => "refused",
            Self::NoRates => "no_rates",
            Self::Invalid(_) => "invalid",
            Self::Outliers(_) => OUTLIERS,
            Self::Fault => "fault",
        }
    }

    /// Returns how long the upstream wants no more calls.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Status { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// Returns the reason in the upstream's own words, or which of its values are outliers.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::RateLimited { reason, .. } | Self::Status { reason, .. } => reason.as_deref(),
            Self::NotJson(text) | Self::Refused(text) | Self::Outliers(text) => Some(text),
            _ => None,
        }
    }

    /// Adds the reason that the body of the answer gives. `key` is not in it, nor anywhere else.
    #[must_use]
    pub fn because(self, body: &[u8], key: Option<&str>) -> Self {
        let reason = reason(body, key);
        match self {
            Self::RateLimited { retry_after, .. } => Self::RateLimited { retry_after, reason },
            Self::Status { status, retry_after, .. } => {
                Self::Status { status, retry_after, reason }
            }
            Self::Refused(text) => Self::Refused(reason.unwrap_or(text)),
            // JSON that is cut off tells nothing.
            Self::NotJson(error) if body.trim_ascii_start().starts_with(b"{") => {
                Self::NotJson(reason::clean(&error, key))
            }
            Self::NotJson(error) => {
                let error = reason::clean(&error, key);
                Self::NotJson(format!("{error}{}", told(reason.as_deref())))
            }
            other => other,
        }
    }
}

/// Returns a reason as the end of a sentence.
pub fn told(reason: Option<&str>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn not_json(error: serde_json::Error) -> SourceError {
    SourceError::NotJson(reason::clean(&error.to_string(), None))
}
