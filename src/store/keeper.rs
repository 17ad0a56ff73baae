//! Keeps on keeping when the disk does not.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{FileStore, MemoryStore, Place, Record, Store, StoreError};
use crate::rates::{Snapshot, Timestamp};

/// A snapshot of a time this far ahead is one of a wrong clock.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The service's store. What the disk refuses is kept in memory, and brought to the disk as soon
/// as it takes anything again; a damaged or foreign file is set aside and begun anew. One log line
/// tells of each change; nothing here ever fails a reader or the refresh loop.
pub struct Keeper {
    folder: Option<PathBuf>,
    history: Duration,
    file: Mutex<Option<Arc<FileStore>>>,
    /// Everything, without a folder; else what the disk has not taken.
    memory: MemoryStore,
    degraded: AtomicBool,
    restoring: AtomicBool,
    writing: AtomicBool,
}

impl Keeper {
    /// `history` is how long records are kept.
    pub fn new(place: Place, history: Duration) -> Self {
        let folder = match place {
            Place::Memory => None,
            Place::Folder(folder) => Some(folder),
        };
        Self {
            folder,
            history,
            file: Mutex::new(None),
            memory: MemoryStore::default(),
            degraded: AtomicBool::new(false),
            restoring: AtomicBool::new(false),
            writing: AtomicBool::new(false),
        }
    }

    /// `memory` or `file`.
    pub fn kind(&self) -> &'static str {
        if self.folder.is_some() { "file" } else { "memory" }
    }

    /// Whether the disk has refused what it was given last.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// The last good snapshot of an earlier process. May block; a call while another does (on a disk
    /// that hangs) finds nothing.
    pub fn restore(&self, now: Timestamp) -> Option<Snapshot> {
        self.folder.as_ref()?;
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
        if self.folder.is_none() {
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
            self.bring_to_disk(&store, since)?;
            store.put(snapshot, since)
        });
        if written.is_err() {
            // Opened anew before the next snapshot: what is damaged is found then.
            *self.file() = None;
            self.keep_in_memory(snapshot, since);
        }
        self.note(&written);
    }

    /// Gives the records from `from` to `to` to `each`, in order of time. May block.
    pub fn read(&self, from: Timestamp, to: Timestamp, each: &mut dyn FnMut(Record)) {
        let store = self.file().clone();
        if let Some(store) = store {
            let read = store.read(from, to, each);
            if let Err(error) = read {
                tracing::debug!(%error, "the history could not be read");
            }
        }
        // Later than all on disk.
        let _ = self.memory.read(from, to, each);
    }

    fn file(&self) -> MutexGuard<'_, Option<Arc<FileStore>>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open file; opened if it is not, in the place of a damaged one if need be.
    fn open(&self, now: Timestamp) -> Result<Arc<FileStore>, StoreError> {
        let none = || StoreError::Unusable("there is no folder".to_owned());
        let folder = self.folder.as_deref().ok_or_else(none)?;
        if let Some(store) = &*self.file() {
            return Ok(Arc::clone(store));
        }
        let store = match FileStore::open(folder) {
            Err(StoreError::Corrupt(why)) => {
                let aside = FileStore::set_aside(folder, now);
                let aside = aside.map_err(|error| StoreError::Unusable(error.to_string()))?;
                tracing::warn!(why, aside = %aside.display(), "the store was damaged: begun anew");
                FileStore::open(folder)?
            }
            opened => opened?,
        };
        let store = Arc::new(store);
        *self.file() = Some(Arc::clone(&store));
        Ok(store)
    }

    fn keep_in_memory(&self, snapshot: &Snapshot, since: Timestamp) {
        if let Err(error) = self.memory.put(snapshot, since) {
            tracing::error!(%error, "a snapshot could not be kept");
        }
    }

    /// What had to wait in memory is written first, so that time goes on from disk to memory.
    fn bring_to_disk(&self, store: &FileStore, since: Timestamp) -> Result<(), StoreError> {
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
