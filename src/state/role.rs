//! The role of a process among the replicas.

use tokio::time::Instant;

/// The part of a process in the refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Refreshes for itself: there are no other replicas, or they can't be reached.
    Standalone,
    /// Refreshes for all replicas, until its lease ends.
    Leader { until: Instant },
    /// Publishes the leader's rates.
    Follower,
}

impl Role {
    /// Returns whether the process may ask the upstreams at this moment.
    pub fn is_in_charge(self) -> bool {
        match self {
            Self::Standalone => true,
            // By the clock, so that a process that was suspended knows at once that its lease is over.
            Self::Leader { until } => Instant::now() < until,
            Self::Follower => false,
        }
    }

    /// Returns the word in `/health`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standalone => "alone",
            Self::Leader { .. } if self.is_in_charge() => "in_charge",
            Self::Leader { .. } | Self::Follower => "waiting",
        }
    }
}
