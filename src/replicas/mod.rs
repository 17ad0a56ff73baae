//! Several processes on one shared store: one asks the upstreams, all have what it gets.

use tokio::time::Instant;

/// What a process is among its replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// There are no others, or they can't be heard: asks for itself.
    Alone,
    /// Asks for all, until its lease ends.
    InCharge { until: Instant },
    /// Takes what the one in charge gets.
    Waiting,
}

impl Role {
    /// Whether it asks the upstreams at this moment.
    pub fn is_in_charge(self) -> bool {
        match self {
            Self::Alone => true,
            // By the clock: a process that was stopped for a while finds its lease gone at once.
            Self::InCharge { until } => Instant::now() < until,
            Self::Waiting => false,
        }
    }
}
