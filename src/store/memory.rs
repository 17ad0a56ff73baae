//! A store that ends with the process: for `STORE_URL=memory:`, and for what another store refuses.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Record, Store, StoreError, written};
use crate::{
    alerts::Ledger,
    rates::{Snapshot, Timestamp},
};

#[derive(Default)]
/// A store in memory.
pub struct MemoryStore(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    latest: Option<Vec<u8>>,
    /// Serialized as on disk, which takes less memory: 30 days are about 9 MB.
    records: BTreeMap<u64, Vec<u8>>,
    alerts: Option<Ledger>,
}

impl MemoryStore {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes records that another store has now.
    pub fn forget(&self, records: &[Record]) {
        let mut contents = self.contents();
        for record in records {
            contents.records.remove(&record.time().unix_seconds());
        }
    }
}

impl Store for MemoryStore {
    fn latest(&self) -> Result<Option<Snapshot>, StoreError> {
        self.contents().latest.as_deref().map(written::read_snapshot).transpose()
    }

    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError> {
        let (latest, record) = (written::write_snapshot(snapshot)?, Record::write(snapshot)?);
        let mut contents = self.contents();
        contents.latest = Some(latest);
        contents.records.insert(snapshot.last_updated().unix_seconds(), record);
        contents.records = contents.records.split_off(&since.unix_seconds());
        Ok(())
    }

    fn add(&self, records: &[Record]) -> Result<(), StoreError> {
        for record in records {
            let bytes = record.rewrite()?;
            self.contents().records.insert(record.time().unix_seconds(), bytes);
        }
        Ok(())
    }

    fn replace(&self, removed: &[Timestamp], added: &[Record]) -> Result<(), StoreError> {
        let written =
            added.iter().map(|record| Ok((record.time().unix_seconds(), record.rewrite()?)));
        let written: Vec<_> = written.collect::<Result<_, StoreError>>()?;
        let mut contents = self.contents();
        for time in removed {
            contents.records.remove(&time.unix_seconds());
        }
        contents.records.extend(written);
        Ok(())
    }

    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError> {
        if from <= to {
            let contents = self.contents();
            let range = contents.records.range(from.unix_seconds()..=to.unix_seconds());
            range.filter_map(|(time, bytes)| Record::read(*time, bytes)).for_each(each);
        }
        Ok(())
    }

    fn first_from(&self, from: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let first =
            self.contents().records.range(from.unix_seconds()..).next().map(|(time, _)| *time);
        Ok(first.map(Timestamp::from_unix_seconds))
    }

    fn alerts(&self) -> Result<Option<Ledger>, StoreError> {
        Ok(self.contents().alerts.clone())
    }

    fn put_alerts(&self, ledger: &Ledger) -> Result<(), StoreError> {
        self.contents().alerts = Some(ledger.clone());
        Ok(())
    }
}
