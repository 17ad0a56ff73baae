//! Keeps data in memory while the store fails.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    MemoryStore, Record, Store, StoreError, StoreUrl, backend::Backend,
    redis_connection::RedisConnection, thinning::Thinning,
};
use crate::{
    alerts::Ledger,
    rates::{Snapshot, Timestamp},
};

/// How long a write may take before the disk counts as hanging.
const HANGING: Duration = Duration::from_secs(10);

/// How far ahead of our clock a snapshot may be. Beyond that, one of the two clocks is wrong.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The service's store. What it refuses stays in memory, and is written as soon as it accepts writes
/// again. A damaged or foreign store is set aside and replaced by a new one. Each change is logged once,
/// and no failure reaches a reader or the refresh loop.
pub struct ResilientStore {
    backend: Backend,
    /// How long records are kept.
    history: Duration,
    store: Mutex<Option<Arc<dyn Store>>>,
    /// Held while the store is being opened: two threads doing so would set each other's new file aside.
    opening: Mutex<()>,
    /// Everything if there is no other store, else what that store has not accepted.
    memory: MemoryStore,
    thinning: Thinning,
    degraded: AtomicBool,
    restoring: tokio::sync::Mutex<()>,
    writing: tokio::sync::Mutex<()>,
    /// When the last write began.
    write_began: Mutex<Instant>,
}

impl ResilientStore {
    /// `history` is how long records are kept.
    pub fn new(url: StoreUrl, history: Duration) -> Self {
        Self {
            backend: Backend::at(url),
            history,
            store: Mutex::new(None),
            opening: Mutex::new(()),
            memory: MemoryStore::default(),
            thinning: Thinning::default(),
            degraded: AtomicBool::new(false),
            restoring: tokio::sync::Mutex::new(()),
            writing: tokio::sync::Mutex::new(()),
            write_began: Mutex::new(Instant::now()),
        }
    }

    /// Returns `memory`, `file` or `redis`.
    pub fn kind(&self) -> &'static str {
        self.backend.kind()
    }

    /// Returns the connection of a shared store, and where to keep the token of the lease.
    pub fn shared(&self) -> Option<(Arc<RedisConnection>, Arc<AtomicU64>)> {
        self.backend.shared()
    }

    /// Returns whether the last attempt to write or restore failed.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Returns the last good snapshot of an earlier process. May block. Returns `None` while another call
    /// blocks, as on a disk that hangs.
    pub fn restore(&self, now: Timestamp) -> Option<Snapshot> {
        if matches!(self.backend, Backend::Memory) {
            return None;
        }
        let _alone = self.restoring.try_lock().ok()?;
        let latest = self.open(now).and_then(|store| store.latest());
        self.note(&latest);
        match latest {
            Ok(Some(snapshot)) if snapshot.confirmed() > now + CLOCK_SKEW => {
                let taken = snapshot.confirmed();
                tracing::warn!(%taken, "the last good rates are from the future: not used");
                None
            }
            Ok(latest) => latest,
            Err(_) => None,
        }
    }

    /// Stores a snapshot, and thins a part of the old records out. May block. During another write the snapshot
    /// only goes to memory, and the next write takes it along. That is no failure, unless the disk hangs.
    pub fn put(&self, snapshot: &Snapshot, now: Timestamp) {
        let since = now - self.history;
        if matches!(self.backend, Backend::Memory) {
            self.keep_in_memory(snapshot, since);
            self.thin(&self.memory, now);
            return;
        }
        let Ok(_alone) = self.writing.try_lock() else {
            self.keep_in_memory(snapshot, since);
            if self.write_began().elapsed() > HANGING {
                let error = StoreError::Unusable("the last write is still running".to_owned());
                self.note::<()>(&Err(error));
            }
            return;
        };
        *self.write_began() = Instant::now();
        let written = self.open(now).and_then(|store| {
            self.write_waiting(&*store, since)?;
            store.put(snapshot, since)?;
            self.thin(&*store, now);
            Ok(())
        });
        match written {
            // The other replica has stored this snapshot or a newer one.
            Err(StoreError::Outranked) => {
                tracing::debug!("not written: another replica is in charge");
            }
            Err(_) => {
                self.close_after(&written);
                self.keep_in_memory(snapshot, since);
                self.note(&written);
            }
            Ok(()) => self.note(&written),
        }
    }

    /// Closes the store after a failed write, so that the next one opens it again and finds any damage. A server
    /// stays open: its connection recovers by itself, and a server that refuses writes may still be read.
    fn close_after(&self, written: &Result<(), StoreError>) {
        let unusable = matches!(written, Err(StoreError::Unusable(_)));
        if written.is_err() && !(unusable && matches!(self.backend, Backend::Shared { .. })) {
            *self.opened() = None;
        }
    }

    /// Returns the ledger of the alerts, empty if none was kept. May block.
    pub fn alerts(&self, now: Timestamp) -> Result<Ledger, StoreError> {
        let kept = match &self.backend {
            Backend::Memory => self.memory.alerts(),
            Backend::Folder(_) | Backend::Shared { .. } => {
                self.open(now).and_then(|store| store.alerts())
            }
        };
        kept.map(Option::unwrap_or_default)
    }

    /// Stores the ledger of the alerts. May block. A failure is the caller's: here nothing is kept for later.
    pub fn put_alerts(&self, ledger: &Ledger, now: Timestamp) -> Result<(), StoreError> {
        if matches!(self.backend, Backend::Memory) {
            return self.memory.put_alerts(ledger);
        }
        let written = self.open(now).and_then(|store| store.put_alerts(ledger));
        if written.is_err() && !matches!(written, Err(StoreError::Outranked)) {
            self.close_after(&written);
            self.note(&written);
        }
        written
    }

    /// Adds records of times before now. May block. What can't be added is lost: it can be asked for again.
    pub fn add(&self, records: &[Record], now: Timestamp) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Memory => self.memory.add(records),
            Backend::Folder(_) => self.open(now)?.add(records),
            Backend::Shared { .. } => match self.opened().clone() {
                Some(store) => store.add(records),
                None => Err(StoreError::Unusable("it is offline".to_owned())),
            },
        }
    }

    /// Closes a store that can't be reached, and marks it as degraded.
    pub fn mark_offline(&self, why: &str) {
        *self.opened() = None;
        self.note::<()>(&Err(StoreError::Unusable(why.to_owned())));
    }

    /// Writes what is waiting in memory, once the store can be reached again. May block.
    pub fn flush(&self, now: Timestamp) {
        if let Ok(_alone) = self.writing.try_lock() {
            *self.write_began() = Instant::now();
            let since = now - self.history;
            self.note(&self.open(now).and_then(|store| self.write_waiting(&*store, since)));
        }
    }

    /// Calls `each` with the records from `from` to `to`, in order of time. Returns false if the store
    /// could not be read, and these are only the records in memory. May block.
    pub fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> bool {
        let read = match &self.backend {
            Backend::Memory => Ok(()),
            // A file that has refused a write may still be readable.
            Backend::Folder(_) => self.open(now).and_then(|store| store.read(from, to, each)),
            // No reader waits for a connection: the cluster makes it when it asks for the lease.
            Backend::Shared { .. } => match self.opened().clone() {
                Some(store) => store.read(from, to, each),
                None => Err(StoreError::Unusable("it is offline".to_owned())),
            },
        };
        if let Err(error) = &read {
            tracing::debug!(%error, "the history could not be read");
        }
        // What waits in memory is newer than everything in the store.
        let _ = self.memory.read(from, to, each);
        read.is_ok()
    }

    /// Closes the store, so that another process can open it.
    pub fn close(&self) {
        *self.opened() = None;
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<dyn Store>>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_began(&self) -> MutexGuard<'_, Instant> {
        self.write_began.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the store, and opens it if needed. Sets a damaged one aside.
    fn open(&self, now: Timestamp) -> Result<Arc<dyn Store>, StoreError> {
        if let Some(store) = &*self.opened() {
            return Ok(Arc::clone(store));
        }
        // Only callers that find the store closed wait here.
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

    /// Thins a part of the old records out. If that fails they stay as they are until the next time.
    fn thin(&self, store: &dyn Store, now: Timestamp) {
        if let Err(error) = self.thinning.go_on(store, now - self.history, now) {
            tracing::debug!(%error, "old records could not be thinned out");
        }
    }

    fn keep_in_memory(&self, snapshot: &Snapshot, since: Timestamp) {
        if let Err(error) = self.memory.put(snapshot, since) {
            tracing::error!(%error, "a snapshot could not be kept");
        }
    }

    /// Writes what waits in memory, so that memory never has older records than the store.
    fn write_waiting(&self, store: &dyn Store, since: Timestamp) -> Result<(), StoreError> {
        let mut waiting = Vec::new();
        self.memory.read(since, Timestamp::MAX, &mut |record| waiting.push(record))?;
        if !waiting.is_empty() {
            store.add(&waiting)?;
            self.memory.forget(&waiting);
        }
        Ok(())
    }

    /// Logs when the store begins to fail, and when it works again.
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
    use crate::{
        store::FileStore,
        test_support::{at, live},
    };

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
        // As `flush` does.
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
        // All of them are in the file now.
        store.close();
        let (mut kept, file) = (0, FileStore::open(folder.path()).unwrap());
        file.read(at(0), at(9_000), &mut |_| kept += 1).unwrap();
        assert_eq!(kept, 3);
    }
}
