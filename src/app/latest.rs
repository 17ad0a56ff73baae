//! What the server hands to the page: with the page itself, and at each refresh.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rates::{CacheStatus, Snapshot, Timestamp};

/// The rates and what the page must know about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latest {
    /// `None` if the server has none yet, or if the caller said that it has this one already.
    pub snapshot: Option<Arc<Snapshot>>,
    pub status: CacheStatus,
    /// When the server will ask its source again.
    pub next_refresh: Timestamp,
    /// Seconds from one refresh of the server to the next.
    pub interval: u32,
    /// The server's clock: the reader's may be off.
    pub server_time: Timestamp,
    /// Names the build that answers; a page of another build reloads itself.
    pub build: String,
}
