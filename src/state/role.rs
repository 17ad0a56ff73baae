//! What a process is among its replicas.

use tokio::time::Instant;

/// The part that a process takes in the refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Refreshes for itself: there are no other replicas, or they can't be heard.
    Standalone,
    /// Refreshes for all replicas, until its lease ends.
    Leader { until: Instant },
    /// Publishes what the leader gets.
    Follower,
}

impl Role {
    /// Whether it asks the upstreams at this moment.
    pub fn is_in_charge(self) -> bool {
        match self {
            Self::Standalone => true,
            // By the clock: a process that was stopped for a while finds its lease gone at once.
            Self::Leader { until } => Instant::now() < until,
            Self::Follower => false,
        }
    }

    /// The word in `/health`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standalone => "alone",
            Self::Leader { .. } if self.is_in_charge() => "in_charge",
            Self::Leader { .. } | Self::Follower => "waiting",
        }
    }
}
