//! A store that is gone with the process: for `STORE_URL=memory:`, and for what the disk refuses.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Store, StoreError,
    record::{self, Record},
};
use crate::rates::{Snapshot, Timestamp};

#[derive(Default)]
pub struct MemoryStore(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    latest: Option<Vec<u8>>,
    /// Written as on disk, which is the smaller form: 30 days are about 9 MB.
    records: BTreeMap<u64, Vec<u8>>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets these records, which are kept elsewhere now.
    pub fn forget(&self, records: &[Record]) {
        let mut kept = self.kept();
        for record in records {
            kept.records.remove(&record.time().unix_seconds());
        }
    }
}

impl Store for MemoryStore {
    fn latest(&self) -> Result<Option<Snapshot>, StoreError> {
        self.kept().latest.as_deref().map(record::read_snapshot).transpose()
    }

    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError> {
        let (latest, record) = (record::write_snapshot(snapshot)?, Record::write(snapshot)?);
        let mut kept = self.kept();
        kept.latest = Some(latest);
        kept.records.insert(snapshot.last_updated().unix_seconds(), record);
        kept.records = kept.records.split_off(&since.unix_seconds());
        Ok(())
    }

    fn add(&self, records: &[Record]) -> Result<(), StoreError> {
        for record in records {
            let bytes = record.rewrite()?;
            self.kept().records.insert(record.time().unix_seconds(), bytes);
        }
        Ok(())
    }

    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError> {
        if from <= to {
            let kept = self.kept();
            let range = kept.records.range(from.unix_seconds()..=to.unix_seconds());
            range.filter_map(|(time, bytes)| Record::read(*time, bytes)).for_each(each);
        }
        Ok(())
    }
}
