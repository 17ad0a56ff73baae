//! What an upstream knows beyond the current rates.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;

use super::SourceError;
use crate::rates::{Code, Timestamp};

/// The values of a currency per bitcoin in the past, in order of time.
pub type Past = Vec<(Timestamp, f64)>;

/// Changes in percent.
pub type Changes = BTreeMap<Code, f64>;

/// A call under way.
pub type Asking<'a, T> = BoxFuture<'a, Result<T, SourceError>>;

/// An upstream that can be asked for past rates. Each method is one call.
pub trait Archive: Send + Sync {
    /// Asks which currencies the upstream knows past rates of.
    fn currencies(&self) -> Asking<'_, BTreeSet<Code>>;

    /// Asks how the value of bitcoin in each of `codes` has changed over 24 hours.
    fn changes<'a>(&'a self, codes: &'a [Code]) -> Asking<'a, Changes>;

    /// Asks for the values of `code` over the last `days`, at least one an hour.
    fn past<'a>(&'a self, code: &'a Code, days: u64) -> Asking<'a, Past>;
}
