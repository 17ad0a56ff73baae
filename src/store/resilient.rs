//! Keeps on keeping when the disk does not.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    FileStore, MemoryStore, Record, RedisStore, Store, StoreError, StoreUrl,
    redis_connection::RedisConnection,
};
use crate::rates::{Snapshot, Timestamp};

/// How long a write may take before its disk counts as hanging.
const HANGING: Duration = Duration::from_secs(10);

/// A snapshot of a time this far ahead is one of a wrong clock.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The service's store. What it refuses is kept in memory, and brought to it as soon as it takes
/// anything again; what is damaged or foreign is set aside and begun anew. One log line tells of
/// each change; nothing here ever fails a reader or the refresh loop.
pub struct ResilientStore {
    backend: Backend,
    history: Duration,
    store: Mutex<Option<Arc<dyn Store>>>,
    /// Held while the store is opened, and not by who finds it open: two that open it at the same time
    /// would each set the other's new file aside.
    opening: Mutex<()>,
    /// Everything, if there is no other store; else what that has not taken.
    memory: MemoryStore,
    degraded: AtomicBool,
    restoring: tokio::sync::Mutex<()>,
    writing: tokio::sync::Mutex<()>,
    /// When the last write began.
    write_began: Mutex<Instant>,
}

/// A [`StoreUrl`], and what it takes to open a store there.
enum Backend {
    Memory,
    Folder(PathBuf),
    Shared {
        link: Arc<RedisConnection>,
        /// Of the lease by which this process writes; 0 without one.
        token: Arc<AtomicU64>,
    },
}

impl Backend {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::default())),
            Self::Folder(folder) => Ok(Arc::new(FileStore::open(folder)?)),
            Self::Shared { link, token } => Ok(Arc::new(RedisStore::open(link, token)?)),
        }
    }

    /// Puts what is there out of the way, and returns where it is now.
    fn set_aside(&self, now: Timestamp) -> Result<String, StoreError> {
        match self {
            Self::Memory => Ok(String::new()),
            Self::Folder(folder) => match FileStore::set_aside(folder, now) {
                Ok(path) => Ok(path.display().to_string()),
                Err(error) => Err(StoreError::Unusable(error.to_string())),
            },
            Self::Shared { link, token } => RedisStore::set_aside(link, token, now),
        }
    }
}

impl ResilientStore {
    /// `history` is how long records are kept.
    pub fn new(url: StoreUrl, history: Duration) -> Self {
        let backend = match url {
            StoreUrl::Memory => Backend::Memory,
            StoreUrl::Folder(folder) => Backend::Folder(folder),
            StoreUrl::Shared(address) => Backend::Shared {
                link: Arc::new(RedisConnection::new(address)),
                token: Arc::new(AtomicU64::new(0)),
            },
        };
        Self {
            backend,
            history,
            store: Mutex::new(None),
            opening: Mutex::new(()),
            memory: MemoryStore::default(),
            degraded: AtomicBool::new(false),
            restoring: tokio::sync::Mutex::new(()),
            writing: tokio::sync::Mutex::new(()),
            write_began: Mutex::new(Instant::now()),
        }
    }

    /// `memory`, `file` or `redis`.
    pub fn kind(&self) -> &'static str {
        match self.backend {
            Backend::Memory => "memory",
            Backend::Folder(_) => "file",
            Backend::Shared { .. } => "redis",
        }
    }

    /// The way to the other replicas, if the store is shared, and where to keep the token of the
    /// lease.
    pub fn shared(&self) -> Option<(Arc<RedisConnection>, Arc<AtomicU64>)> {
        match &self.backend {
            Backend::Memory | Backend::Folder(_) => None,
            Backend::Shared { link, token } => Some((Arc::clone(link), Arc::clone(token))),
        }
    }

    /// Whether the store has refused what it was given last.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// The last good snapshot of an earlier process. May block; a call while another does (on a disk
    /// that hangs) finds nothing.
    pub fn restore(&self, now: Timestamp) -> Option<Snapshot> {
        if matches!(self.backend, Backend::Memory) {
            return None;
        }
        let _alone = self.restoring.try_lock().ok()?;
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

    /// Keeps a snapshot. May block; a call while another write is under way keeps the snapshot in memory,
    /// for the next one to write. That is no failure, unless the disk hangs.
    pub fn put(&self, snapshot: &Snapshot, now: Timestamp) {
        let since = now - self.history;
        if matches!(self.backend, Backend::Memory) {
            self.keep_in_memory(snapshot, since);
            return;
        }
        let Ok(_alone) = self.writing.try_lock() else {
            self.keep_in_memory(snapshot, since);
            if self.write_began().elapsed() > HANGING {
                let error = StoreError::Unusable("the last write has not ended yet".to_owned());
                self.note::<()>(&Err(error));
            }
            return;
        };
        *self.write_began() = Instant::now();
        let written = self.open(now).and_then(|store| {
            self.write_waiting(&*store, since)?;
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
                if !(away && matches!(self.backend, Backend::Shared { .. })) {
                    *self.opened() = None;
                }
                self.keep_in_memory(snapshot, since);
                self.note(&written);
            }
            Ok(()) => self.note(&written),
        }
    }

    /// The store can't be reached: what there is will wait in memory.
    pub fn mark_offline(&self, why: &str) {
        *self.opened() = None;
        self.note::<()>(&Err(StoreError::Unusable(why.to_owned())));
    }

    /// The store can be reached again: writes what has waited. May block.
    pub fn flush(&self, now: Timestamp) {
        if let Ok(_alone) = self.writing.try_lock() {
            *self.write_began() = Instant::now();
            let since = now - self.history;
            self.note(&self.open(now).and_then(|store| self.write_waiting(&*store, since)));
        }
    }

    /// Gives the records from `from` to `to` to `each`, in order of time. Returns whether that is all
    /// there should be, or only what this process has in memory. May block.
    pub fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> bool {
        let read = match &self.backend {
            Backend::Memory => Ok(()),
            // One that has refused a write may still be read.
            Backend::Folder(_) => self.open(now).and_then(|store| store.read(from, to, each)),
            // Found again by those who ask for the lease: no reader waits for it.
            Backend::Shared { .. } => match self.opened().clone() {
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

    fn write_began(&self) -> MutexGuard<'_, Instant> {
        self.write_began.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open store; opened if it is not, in the place of a damaged one if need be.
    fn open(&self, now: Timestamp) -> Result<Arc<dyn Store>, StoreError> {
        if let Some(store) = &*self.opened() {
            return Ok(Arc::clone(store));
        }
        // Readers of an open store do not wait here, nor do those who mark it offline or close it.
        let _alone = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*self.opened() {
            return Ok(Arc::clone(store));
        }
        let store = match self.backend.open() {
            Err(StoreError::Corrupt(why)) => {
                let aside = self.backend.set_aside(now)?;
                tracing::warn!(why, aside, "the store was damaged: begun anew");
                self.backend.open()?
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
    fn write_waiting(&self, store: &dyn Store, since: Timestamp) -> Result<(), StoreError> {
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

#[cfg(test)]
mod tests {
    use std::{fs, sync::Barrier, thread};

    use super::*;
    use crate::test_support::{at, live};

    const HISTORY: Duration = Duration::from_secs(30 * 86_400);

    #[test]
    fn a_damaged_file_is_set_aside_once_whoever_finds_it() {
        for round in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("rates.redb"), "somebody's notes\n".repeat(5_000))
                .unwrap();
            let store = ResilientStore::new(StoreUrl::Folder(folder.path().to_owned()), HISTORY);
            let barrier = Barrier::new(4);
            thread::scope(|scope| {
                scope.spawn(|| {
                    barrier.wait();
                    store.put(&live(at(1_000)), at(1_000));
                });
                for _ in 0..3 {
                    scope.spawn(|| {
                        barrier.wait();
                        assert!(store.read(at(0), at(2_000), at(1_000), &mut |_| {}));
                    });
                }
            });
            assert!(!store.is_degraded());
            store.close();
            let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
            let aside: Vec<_> = names.filter(|path| !path.ends_with("rates.redb")).collect();
            assert_eq!(aside.len(), 1, "{round}: {aside:?}");
            assert!(fs::read_to_string(&aside[0]).unwrap().starts_with("somebody's notes"));
            let latest = FileStore::open(folder.path()).unwrap().latest().unwrap();
            assert_eq!(latest, Some(live(at(1_000))), "{round}");
        }
    }

    fn records(store: &ResilientStore) -> Vec<u64> {
        let mut times = Vec::new();
        store.read(at(0), at(9_000), at(9_000), &mut |record| {
            times.push(record.time().unix_seconds());
        });
        times
    }

    #[test]
    fn a_write_beside_another_is_no_failure_until_that_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let store = ResilientStore::new(StoreUrl::Folder(folder.path().to_owned()), HISTORY);
        // As while the store comes back.
        let other = store.writing.try_lock();
        store.put(&live(at(1_000)), at(1_000));
        assert!(!store.is_degraded());
        assert_eq!(records(&store), [1_000]);
        *store.write_began() = Instant::now().checked_sub(2 * HANGING).unwrap();
        store.put(&live(at(1_300)), at(1_300));
        assert!(store.is_degraded());
        drop(other);
        store.put(&live(at(1_600)), at(1_600));
        assert!(!store.is_degraded());
        assert_eq!(records(&store), [1_000, 1_300, 1_600]);
        // In the store, and in memory no more.
        store.close();
        let (mut kept, file) = (0, FileStore::open(folder.path()).unwrap());
        file.read(at(0), at(9_000), &mut |_| kept += 1).unwrap();
        assert_eq!(kept, 3);
    }
}
