//! Keeps on keeping when the disk does not.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    FileStore, MemoryStore, Record, RedisStore, Store, StoreError, StoreUrl,
    redis_connection::RedisConnection,
};
use crate::rates::{Snapshot, Timestamp};

/// A snapshot of a time this far ahead is one of a wrong clock.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The service's store. What it refuses is kept in memory, and brought to it as soon as it takes
/// anything again; what is damaged or foreign is set aside and begun anew. One log line tells of
/// each change; nothing here ever fails a reader or the refresh loop.
pub struct ResilientStore {
    place: Kept,
    history: Duration,
    store: Mutex<Option<Arc<dyn Store>>>,
    /// Everything, if there is no other store; else what that has not taken.
    memory: MemoryStore,
    degraded: AtomicBool,
    restoring: AtomicBool,
    writing: AtomicBool,
}

/// A [`StoreUrl`], and what it takes to open a store there.
enum Kept {
    Here,
    InFolder(PathBuf),
    Shared {
        link: Arc<RedisConnection>,
        /// Of the lease by which this process writes; 0 without one.
        token: Arc<AtomicU64>,
    },
}

impl Kept {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Here => Ok(Arc::new(MemoryStore::default())),
            Self::InFolder(folder) => Ok(Arc::new(FileStore::open(folder)?)),
            Self::Shared { link, token } => Ok(Arc::new(RedisStore::open(link, token)?)),
        }
    }

    /// Says where what was there is now.
    fn set_aside(&self, now: Timestamp) -> Result<String, StoreError> {
        match self {
            Self::Here => Ok(String::new()),
            Self::InFolder(folder) => match FileStore::set_aside(folder, now) {
                Ok(path) => Ok(path.display().to_string()),
                Err(error) => Err(StoreError::Unusable(error.to_string())),
            },
            Self::Shared { link, token } => RedisStore::set_aside(link, token, now),
        }
    }
}

impl ResilientStore {
    /// `history` is how long records are kept.
    pub fn new(place: StoreUrl, history: Duration) -> Self {
        let place = match place {
            StoreUrl::Memory => Kept::Here,
            StoreUrl::Folder(folder) => Kept::InFolder(folder),
            StoreUrl::Shared(address) => Kept::Shared {
                link: Arc::new(RedisConnection::new(address)),
                token: Arc::new(AtomicU64::new(0)),
            },
        };
        Self {
            place,
            history,
            store: Mutex::new(None),
            memory: MemoryStore::default(),
            degraded: AtomicBool::new(false),
            restoring: AtomicBool::new(false),
            writing: AtomicBool::new(false),
        }
    }

    /// `memory`, `file` or `redis`.
    pub fn kind(&self) -> &'static str {
        match self.place {
            Kept::Here => "memory",
            Kept::InFolder(_) => "file",
            Kept::Shared { .. } => "redis",
        }
    }

    /// The way to the other replicas, if the store is shared, and where to keep the token of the
    /// lease.
    pub fn shared(&self) -> Option<(Arc<RedisConnection>, Arc<AtomicU64>)> {
        match &self.place {
            Kept::Here | Kept::InFolder(_) => None,
            Kept::Shared { link, token } => Some((Arc::clone(link), Arc::clone(token))),
        }
    }

    /// Whether the store has refused what it was given last.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// The last good snapshot of an earlier process. May block; a call while another does (on a disk
    /// that hangs) finds nothing.
    pub fn restore(&self, now: Timestamp) -> Option<Snapshot> {
        if matches!(self.place, Kept::Here) {
            return None;
        }
        let _turn = Turn::take(&self.restoring)?;
        let latest = self.open(now).and_then(|store| store.latest());
        self.note(&latest);
        match latest {
            Ok(Some(snapshot)) if snapshot.last_updated() > now + CLOCK_SKEW => {
                let taken = snapshot.last_updated();
                tracing::warn!(%taken, "the last good rates are from the future: not used");
                None
            }
            Ok(latest) => latest,
            Err(_) => None,
        }
    }

    /// Keeps a snapshot. May block; a call while another is under way (on a disk that hangs) keeps
    /// the snapshot in memory.
    pub fn put(&self, snapshot: &Snapshot, now: Timestamp) {
        let since = now - self.history;
        if matches!(self.place, Kept::Here) {
            self.keep_in_memory(snapshot, since);
            return;
        }
        let Some(_turn) = Turn::take(&self.writing) else {
            self.keep_in_memory(snapshot, since);
            let error = StoreError::Unusable("the last write has not ended yet".to_owned());
            self.note::<()>(&Err(error));
            return;
        };
        let written = self.open(now).and_then(|store| {
            self.bring_to(&*store, since)?;
            store.put(snapshot, since)
        });
        match written {
            // It is in the store already, or a newer one.
            Err(StoreError::Outranked) => {
                tracing::debug!("not written: another replica is in charge");
            }
            Err(_) => {
                // Opened anew before the next snapshot: what is damaged is found then. A server's
                // connection is found again by itself, and what it does not take it may still tell.
                let away = matches!(written, Err(StoreError::Unusable(_)));
                if !(away && matches!(self.place, Kept::Shared { .. })) {
                    *self.opened() = None;
                }
                self.keep_in_memory(snapshot, since);
                self.note(&written);
            }
            Ok(()) => self.note(&written),
        }
    }

    /// The store can't be reached: what there is will wait in memory.
    pub fn lost(&self, why: &str) {
        *self.opened() = None;
        self.note::<()>(&Err(StoreError::Unusable(why.to_owned())));
    }

    /// The store can be reached again: brings what has waited. May block.
    pub fn found(&self, now: Timestamp) {
        if let Some(_turn) = Turn::take(&self.writing) {
            let since = now - self.history;
            self.note(&self.open(now).and_then(|store| self.bring_to(&*store, since)));
        }
    }

    /// Gives the records from `from` to `to` to `each`, in order of time; says whether that is all
    /// there should be, or only what this process has in memory. May block.
    pub fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> bool {
        let read = match &self.place {
            Kept::Here => Ok(()),
            // One that has refused a write may still be read.
            Kept::InFolder(_) => self.open(now).and_then(|store| store.read(from, to, each)),
            // Found again by those who ask for the lease: no reader waits for it.
            Kept::Shared { .. } => match self.opened().clone() {
                Some(store) => store.read(from, to, each),
                None => Err(StoreError::Unusable("it is away".to_owned())),
            },
        };
        if let Err(error) = &read {
            tracing::debug!(%error, "the history could not be read");
        }
        // Later than all in the store.
        let _ = self.memory.read(from, to, each);
        read.is_ok()
    }

    /// Leaves everything as the next process wants to find it.
    pub fn close(&self) {
        *self.opened() = None;
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<dyn Store>>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open store; opened if it is not, in the place of a damaged one if need be.
    fn open(&self, now: Timestamp) -> Result<Arc<dyn Store>, StoreError> {
        if let Some(store) = &*self.opened() {
            return Ok(Arc::clone(store));
        }
        let store = match self.place.open() {
            Err(StoreError::Corrupt(why)) => {
                let aside = self.place.set_aside(now)?;
                tracing::warn!(why, aside, "the store was damaged: begun anew");
                self.place.open()?
            }
            opened => opened?,
        };
        *self.opened() = Some(Arc::clone(&store));
        Ok(store)
    }

    fn keep_in_memory(&self, snapshot: &Snapshot, since: Timestamp) {
        if let Err(error) = self.memory.put(snapshot, since) {
            tracing::error!(%error, "a snapshot could not be kept");
        }
    }

    /// What had to wait in memory is written first, so that time goes on from store to memory.
    fn bring_to(&self, store: &dyn Store, since: Timestamp) -> Result<(), StoreError> {
        let mut waiting = Vec::new();
        self.memory.read(since, Timestamp::MAX, &mut |record| waiting.push(record))?;
        if !waiting.is_empty() {
            store.add(&waiting)?;
            self.memory.forget(&waiting);
        }
        Ok(())
    }

    /// One line for each change of state.
    fn note<T>(&self, result: &Result<T, StoreError>) {
        match result {
            Ok(_) if self.degraded.swap(false, Ordering::Relaxed) => {
                tracing::info!("the store works again");
            }
            Err(error) if !self.degraded.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%error, "the store does not work: keeping everything in memory");
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// The right to go on alone, given back at its end, even that by a panic.
struct Turn<'a>(&'a AtomicBool);

impl<'a> Turn<'a> {
    fn take(taken: &'a AtomicBool) -> Option<Self> {
        (!taken.swap(true, Ordering::Acquire)).then(|| Self(taken))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_one_s_own_until_its_end() {
        let taken = AtomicBool::new(false);
        let first = Turn::take(&taken);
        assert!(first.is_some());
        // Who is refused must not end the turn of who has it.
        assert!(Turn::take(&taken).is_none());
        assert!(Turn::take(&taken).is_none());
        drop(first);
        assert!(Turn::take(&taken).is_some());
    }
}
