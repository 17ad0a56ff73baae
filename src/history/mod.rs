//! Past rates, read from the store.
//!
//! [`History`] reads them, for a few callers at a time. [`RecentHistory`] has in memory what every page shows: the
//! last day, and what changes are measured from.

mod change;
mod chart;
mod gaps;
mod nearest;
mod recent;
mod sparklines;
mod steps;
mod trends;

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

use crate::{
    rates::Timestamp,
    store::{Record, ResilientStore},
};

pub use chart::ChartKey;
pub use gaps::Period;
pub use nearest::Nearest;
pub use recent::{RecentHistory, STEP};
pub use sparklines::Sparklines;
pub use steps::{Bucket, Series, Steps};

/// How long a page, or whoever asks for a moment, waits until it may read the history.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// How many reads may run at the same time: a disk that hangs must not block all threads. A scan of
/// 30 days takes a tenth of a second of one core.
const READERS: usize = 4;

/// The history in the store.
pub struct History {
    store: Arc<ResilientStore>,
    readers: Arc<Semaphore>,
}

/// Error returned when the history could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    #[error("too many reads of the history at once")]
    Overloaded,
    #[error("reading or writing the history failed")]
    Failed,
}

impl History {
    pub fn new(store: Arc<ResilientStore>) -> Self {
        Self { store, readers: Arc::new(Semaphore::new(READERS)) }
    }

    /// Folds the records of a range, in order of time. Also returns whether the store could be read: if
    /// not, these are only the records in memory.
    ///
    /// Waits for a permit to read, but no longer than `patience`. The permit is held until the store has
    /// answered, even if the caller is gone.
    pub async fn fold<T: Send + 'static>(
        &self,
        range: RangeInclusive<Timestamp>,
        now: Timestamp,
        patience: Duration,
        mut folded: T,
        add: impl Fn(&mut T, Record) + Send + 'static,
    ) -> Result<(T, bool), HistoryError> {
        let read = move |store: &ResilientStore| {
            let mut each = |record| add(&mut folded, record);
            let complete = store.read(*range.start(), *range.end(), now, &mut each);
            (folded, complete)
        };
        self.with_store(patience, read).await
    }

    /// Runs `job` on a thread that may block, once there is a permit.
    async fn with_store<T: Send + 'static>(
        &self,
        patience: Duration,
        job: impl FnOnce(&ResilientStore) -> T + Send + 'static,
    ) -> Result<T, HistoryError> {
        let permit = time::timeout(patience, Arc::clone(&self.readers).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(HistoryError::Overloaded) };
        let store = Arc::clone(&self.store);
        let done = task::spawn_blocking(move || {
            let _permit = permit;
            job(&store)
        });
        done.await.map_err(|_| HistoryError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::{store::StoreUrl, test_support::live};

    #[tokio::test]
    async fn a_place_is_taken_until_the_store_has_answered() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Folder(folder.path().to_owned());
        let store = ResilientStore::new(url, Duration::from_secs(7 * 86_400));
        let now = Timestamp::from_unix_seconds(1_795_420_800);
        store.put(&live(now), now);
        let history = Arc::new(History::new(Arc::new(store)));
        let gate = Arc::new(Barrier::new(READERS + 1));
        let reader = |_| {
            let (history, gate) = (Arc::clone(&history), Arc::clone(&gate));
            let add = move |(): &mut (), _| {
                gate.wait();
                gate.wait();
            };
            tokio::spawn(async move { history.fold(now..=now, now, Duration::ZERO, (), add).await })
        };
        let readers: Vec<_> = (0..READERS).map(reader).collect();
        let pass = async || {
            let gate = Arc::clone(&gate);
            task::spawn_blocking(move || gate.wait()).await.unwrap();
        };
        pass().await;
        // The callers are gone, but the store has not answered yet.
        readers.iter().for_each(task::JoinHandle::abort);
        let refused = history.recent(now, Duration::ZERO).await;
        pass().await;
        assert_eq!(refused.err(), Some(HistoryError::Overloaded));
        let patient = history.recent(now, Duration::from_secs(60)).await;
        assert!(patient.unwrap().is_complete());
    }
}
