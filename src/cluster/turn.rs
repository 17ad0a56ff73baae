//! How long a leader goes on without an answer of any source: the fault may be in its own network.

use std::time::Duration;

use tokio::time::Instant;

use super::lease;
use crate::{published::Failure, sources::OUTLIERS};

/// Intervals without an answer after which the leader lets another replica try. They double each time, up to
/// [`MOST_FRUITLESS`].
const FRUITLESS: u32 = 2;
const MOST_FRUITLESS: u32 = 64;

/// The turn of this process as the leader.
pub struct Turn {
    /// The failure that was published when it began.
    inherited: Option<Failure>,
    /// Since when no source has answered.
    fruitless: Option<Instant>,
    /// How many such intervals end it.
    intervals: u32,
    /// Until when it is the others' turn.
    others_until: Option<Instant>,
}

impl Default for Turn {
    fn default() -> Self {
        Self { inherited: None, fruitless: None, intervals: FRUITLESS, others_until: None }
    }
}

impl Turn {
    /// Begins with what the last leader has published.
    pub fn begin(&mut self, failure: Option<&Failure>) {
        self.fruitless = None;
        self.inherited = failure.cloned();
    }

    /// Returns whether this process should not ask for the lease.
    pub fn is_of_others(&self) -> bool {
        self.others_until.is_some_and(|until| Instant::now() < until)
    }

    /// Returns whether no source has answered here for long. Then it is the others' turn for a while. The next
    /// leader goes on at the published time of the next refresh.
    pub fn is_over(&mut self, failure: Option<&Failure>, interval: Duration) -> bool {
        let Some(failure) = failure else {
            self.fruitless = None;
            self.intervals = FRUITLESS;
            return false;
        };
        // An earlier leader's failure does not count, and outliers are an answer.
        if self.inherited.as_ref() == Some(failure) || failure.outcome == OUTLIERS {
            return false;
        }
        let since = *self.fruitless.get_or_insert_with(Instant::now);
        if since.elapsed() < self.intervals * interval {
            return false;
        }
        self.fruitless = None;
        self.intervals = MOST_FRUITLESS.min(2 * self.intervals);
        self.others_until = Some(Instant::now() + lease::DURATION);
        true
    }
}
