//! What outlives a snapshot: the last good one, for the next start, and the history of values.
//!
//! A [`Store`] keeps both. [`Keeper`] stands between a store and the rest of the service: it keeps
//! on keeping, in memory, what a full, read-only or broken disk refuses.

mod file;
mod keeper;
mod memory;
mod record;

use std::path::PathBuf;

use crate::rates::{Snapshot, Timestamp};

pub use file::FileStore;
pub use keeper::Keeper;
pub use memory::MemoryStore;
pub use record::Record;

/// Where a store is, as `STORE_URL` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the process: gone with it.
    Memory,
    /// In this folder.
    Folder(PathBuf),
}

/// Keeps the last good snapshot, and of each snapshot its values. Calls may block.
pub trait Store: Send + Sync {
    /// The snapshot that was put in last.
    fn latest(&self) -> Result<Option<Snapshot>, StoreError>;

    /// Keeps `snapshot` as the last good one and its values as a record, and forgets the records
    /// from before `since`. Both happen, or none. Of two snapshots of one second the later stays.
    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError>;

    /// Gives the records from `from` to `to`, both included, to `each`, in order of time.
    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError>;
}

/// Says why a store did not do as told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder or the file can't be used: {0}")]
    Unusable(String),
    #[error("another process has the file open")]
    InUse,
    #[error("what is kept can't be read: {0}")]
    Corrupt(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rates::SourceName, source::sample};

    /// What every store does, whichever it is.
    fn keeps_its_contract(store: &dyn Store) {
        let at = Timestamp::from_unix_seconds;
        let snapshot = |time| {
            let rates = sample::snapshot().rates().to_vec();
            Snapshot::new(SourceName::Coingecko, at(time), rates).unwrap()
        };
        let times = |from, to| {
            let mut times = Vec::new();
            let mut each = |record: Record| times.push(record.time().unix_seconds());
            store.read(at(from), at(to), &mut each).unwrap();
            times
        };
        assert_eq!(store.latest().unwrap(), None);
        assert_eq!(times(0, u64::MAX), Vec::<u64>::new());
        for time in [1_000, 1_300, 1_600, 1_600] {
            store.put(&snapshot(time), at(0)).unwrap();
        }
        assert_eq!(store.latest().unwrap(), Some(snapshot(1_600)));
        assert_eq!(times(0, u64::MAX), [1_000, 1_300, 1_600]);
        assert_eq!(times(1_001, 1_599), [1_300]);
        assert_eq!(times(1_300, 1_600), [1_300, 1_600]);
        let mut values = Vec::new();
        let usd = "usd".parse().unwrap();
        store.read(at(1_300), at(1_300), &mut |record| values.push(record.value(&usd))).unwrap();
        assert_eq!(values, [Some(75_817.765)]);
        // What is too old goes with the next snapshot.
        store.put(&snapshot(1_900), at(1_300)).unwrap();
        assert_eq!(times(0, u64::MAX), [1_300, 1_600, 1_900]);
    }

    #[test]
    fn a_store_in_memory_keeps_its_contract() {
        keeps_its_contract(&MemoryStore::default());
    }

    #[test]
    fn a_store_in_a_file_keeps_its_contract() {
        let folder = tempfile::tempdir().unwrap();
        keeps_its_contract(&FileStore::open(folder.path()).unwrap());
        // And keeps what it was given.
        let store = FileStore::open(folder.path()).unwrap();
        let latest = store.latest().unwrap().unwrap();
        assert_eq!(latest.last_updated().unix_seconds(), 1_900);
        let mut records = 0;
        store.read(Timestamp::from_unix_seconds(0), Timestamp::MAX, &mut |_| records += 1).unwrap();
        assert_eq!(records, 3);
    }
}
