//! The ledger of the alerts as this process has it.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::{alerts::Ledger, rates::SnapshotId, state::AppState, store::StoreError};

/// The ledger, for as long as this process decides alone.
pub struct Desk {
    pub state: Arc<AppState>,
    kept: Mutex<Kept>,
    /// Notified when there may be something new to send.
    pub news: Notify,
}

/// What this process knows of the ledger in one term.
#[derive(Default)]
pub struct Kept {
    term: Option<u64>,
    /// Nothing until it was read from the store.
    pub ledger: Option<Ledger>,
    /// The last snapshot that was looked at.
    pub evaluated: Option<SnapshotId>,
    /// Whether the store lacks the last change.
    unsaved: bool,
    /// The last failure of reading or writing, if it has not worked since.
    failure: Option<String>,
}

impl Desk {
    pub fn new(state: Arc<AppState>) -> Self {
        Self { state, kept: Mutex::default(), news: Notify::new() }
    }

    /// Returns the ledger, for one caller at a time. There is none if this process does not decide alone, or as long
    /// as the store can't be read: nothing is decided then, and so nothing that was sent is sent again.
    pub async fn open(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().await;
        let term = self.state.term();
        if kept.term != term {
            *kept = Kept { term, ..Kept::default() };
            self.state.metrics.alerts_waiting(0);
            self.state.metrics.alert_rules([("armed", 0), ("fired", 0), ("unmeasured", 0)]);
        }
        if term.is_some() && kept.ledger.is_none() {
            self.read(&mut kept).await;
        }
        kept
    }

    /// Reads what the process before has left.
    async fn read(&self, kept: &mut Kept) {
        let state = Arc::clone(&self.state);
        let read = tokio::task::spawn_blocking(move || state.store.alerts(state.now()));
        let ledger = match read.await {
            Ok(Ok(ledger)) => ledger,
            Ok(Err(StoreError::Corrupt(why))) => {
                tracing::warn!(why, "what is kept of the alerts can't be read: begun anew");
                Ledger::default()
            }
            Ok(Err(error)) => return kept.note("alerts wait until the store can be read", &error),
            // The thread has panicked, which was logged there.
            Err(_) => return,
        };
        self.state.metrics.alerts_waiting(ledger.waiting().len());
        (kept.ledger, kept.failure) = (Some(ledger), None);
        self.news.notify_one();
    }

    /// Writes the ledger after it has `changed`, or if the store lacks an earlier change.
    ///
    /// What a shared store refuses is forgotten: it is read again, and decided again, by whoever is in charge then. A
    /// process that has its store to itself goes on with what it has, and tries again later: better told twice, after
    /// a restart in that time, than not at all.
    pub async fn write(&self, kept: &mut Kept, changed: bool) {
        let Some(ledger) = kept.ledger.clone().filter(|_| changed || kept.unsaved) else { return };
        let (state, waiting) = (Arc::clone(&self.state), ledger.waiting().len());
        let write = move || state.store.put_alerts(&ledger, state.now());
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => (kept.unsaved, kept.failure) = (false, None),
            Ok(Err(error)) if self.state.store.shared().is_some() => {
                tracing::debug!(%error, "the alerts could not be written");
                return *kept = Kept { term: kept.term, ..Kept::default() };
            }
            Ok(Err(error)) => {
                kept.unsaved = true;
                kept.note("the alerts can't be written: they are sent all the same", &error);
            }
            Err(_) => kept.unsaved = true,
        }
        self.state.metrics.alerts_waiting(waiting);
    }
}

impl Kept {
    /// Logs a failure once.
    fn note(&mut self, what: &'static str, error: &StoreError) {
        let error = error.to_string();
        if self.failure.as_ref() != Some(&error) {
            tracing::warn!(error, "{what}");
            self.failure = Some(error);
        }
    }
}
