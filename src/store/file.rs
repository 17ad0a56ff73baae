//! A store in a file, by redb, which survives `kill -9` at any moment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use redb::{
    Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, StorageError,
    TableDefinition, TableError, WriteTransaction,
};

use super::{Record, Store, StoreError, written};
use crate::{
    alerts::Ledger,
    rates::{Snapshot, Timestamp},
};

/// Has one entry, under the empty key.
const LATEST: TableDefinition<&str, &[u8]> = TableDefinition::new("latest-1");
/// Keyed by seconds since 1970.
const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records-1");
/// Has one entry, under the empty key.
const ALERTS: TableDefinition<&str, &[u8]> = TableDefinition::new("alerts-1");
/// The file in the store's folder.
const FILE: &str = "rates.redb";
/// In bytes. Only the pages on the way to the newest record are read often.
const CACHE: usize = 4 * 1024 * 1024;

/// A store in a file.
pub struct FileStore(Open);

enum Open {
    Whole(Database),
    /// The folder or its disk takes no writes.
    ReadOnly(ReadOnlyDatabase),
}

impl FileStore {
    /// Opens the store in `folder`, and creates both if needed. Checks every page, so that no reader
    /// finds damage later.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = Self::path(folder);
        if !path.exists() {
            fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
        }
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        match builder.create(&path) {
            Err(DatabaseError::Storage(StorageError::Io(error))) if takes_no_writes(&error) => {
                Ok(Self(Open::ReadOnly(builder.open_read_only(&path)?)))
            }
            opened => Ok(Self(Open::Whole(opened?))),
        }
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        Ok(match &self.0 {
            Open::Whole(database) => database.begin_read()?,
            Open::ReadOnly(database) => database.begin_read()?,
        })
    }

    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        match &self.0 {
            Open::Whole(database) => Ok(database.begin_write()?),
            Open::ReadOnly(_) => Err(StoreError::Unusable("it can only be read".to_owned())),
        }
    }

    /// Renames the file in `folder`, so that somebody can look at it, and returns its new path.
    pub fn set_aside(folder: &Path, now: Timestamp) -> io::Result<PathBuf> {
        let aside = folder.join(format!("{FILE}.set-aside-{}", now.unix_seconds()));
        fs::rename(Self::path(folder), &aside)?;
        Ok(aside)
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }
}

impl Store for FileStore {
    fn latest(&self) -> Result<Option<Snapshot>, StoreError> {
        let read = self.begin_read()?;
        let Some(table) = existing(read.open_table(LATEST))? else { return Ok(None) };
        let bytes = table.get("")?;
        bytes.map(|bytes| written::read_snapshot(bytes.value())).transpose()
    }

    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError> {
        let (latest, record) = (written::write_snapshot(snapshot)?, Record::write(snapshot)?);
        let write = self.begin_write()?;
        {
            write.open_table(LATEST)?.insert("", &*latest)?;
            let mut records = write.open_table(RECORDS)?;
            records.insert(snapshot.last_updated().unix_seconds(), &*record)?;
            records.retain_in(..since.unix_seconds(), |_, _| false)?;
        }
        write.commit()?;
        Ok(())
    }

    fn add(&self, records: &[Record]) -> Result<(), StoreError> {
        let write = self.begin_write()?;
        {
            let mut table = write.open_table(RECORDS)?;
            for record in records {
                table.insert(record.time().unix_seconds(), &*record.rewrite()?)?;
            }
        }
        write.commit()?;
        Ok(())
    }

    fn replace(&self, removed: &[Timestamp], added: &[Record]) -> Result<(), StoreError> {
        let write = self.begin_write()?;
        {
            let mut table = write.open_table(RECORDS)?;
            for time in removed {
                table.remove(time.unix_seconds())?;
            }
            for record in added {
                table.insert(record.time().unix_seconds(), &*record.rewrite()?)?;
            }
        }
        write.commit()?;
        Ok(())
    }

    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError> {
        let read = self.begin_read()?;
        let Some(table) = existing(read.open_table(RECORDS))? else { return Ok(()) };
        if from <= to {
            for entry in table.range(from.unix_seconds()..=to.unix_seconds())? {
                let (time, bytes) = entry?;
                if let Some(record) = Record::read(time.value(), bytes.value()) {
                    each(record);
                }
            }
        }
        Ok(())
    }

    fn first_from(&self, from: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let read = self.begin_read()?;
        let Some(table) = existing(read.open_table(RECORDS))? else { return Ok(None) };
        let first = table.range(from.unix_seconds()..)?.next().transpose()?;
        Ok(first.map(|(time, _)| Timestamp::from_unix_seconds(time.value())))
    }

    fn alerts(&self) -> Result<Option<Ledger>, StoreError> {
        let read = self.begin_read()?;
        let Some(table) = existing(read.open_table(ALERTS))? else { return Ok(None) };
        let bytes = table.get("")?;
        bytes.map(|bytes| written::read_alerts(bytes.value())).transpose()
    }

    fn put_alerts(&self, ledger: &Ledger) -> Result<(), StoreError> {
        let bytes = written::write_alerts(ledger)?;
        let write = self.begin_write()?;
        write.open_table(ALERTS)?.insert("", &*bytes)?;
        write.commit()?;
        Ok(())
    }
}

/// A table does not exist until its first write.
fn existing<T>(table: Result<T, TableError>) -> Result<Option<T>, StoreError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn takes_no_writes(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn unusable(error: &io::Error) -> StoreError {
    StoreError::Unusable(error.to_string())
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        match error {
            // The file does not begin with redb's magic number.
            StorageError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Corrupt(error.to_string())
            }
            StorageError::Io(error) => unusable(&error),
            StorageError::Corrupted(what) => Self::Corrupt(what),
            error => Self::Unusable(error.to_string()),
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
            DatabaseError::RepairAborted => {
                Self::Unusable("it needs a repair, but can't be written".to_owned())
            }
            DatabaseError::Storage(error) => error.into(),
            error => Self::Corrupt(error.to_string()),
        }
    }
}

/// The errors of a transaction: a storage error below decides which kind it is.
macro_rules! from_transaction_errors {
    ($($error:ident),*) => {
        $(
            impl From<redb::$error> for StoreError {
                fn from(error: redb::$error) -> Self {
                    match error {
                        redb::$error::Storage(error) => error.into(),
                        error => Self::Corrupt(error.to_string()),
                    }
                }
            }
        )*
    };
}

from_transaction_errors!(TransactionError, TableError, CommitError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample;

    #[test]
    fn a_second_process_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let _first = FileStore::open(folder.path()).unwrap();
        assert!(matches!(FileStore::open(folder.path()), Err(StoreError::InUse)));
    }

    #[test]
    fn foreign_and_damaged_files_are_known_for_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let corrupt = || matches!(FileStore::open(folder.path()), Err(StoreError::Corrupt(_)));
        fs::write(&path, "not a database at all, and long enough to be one".repeat(1_000)).unwrap();
        assert!(corrupt());
        fs::remove_file(&path).unwrap();
        FileStore::open(folder.path()).unwrap().put(&sample::snapshot(), sample::TAKEN).unwrap();
        let whole = fs::read(&path).unwrap();
        let name = whole.windows(9).position(|bytes| bytes == b"US Dollar").unwrap();
        let mut damaged = whole.clone();
        damaged[name] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert!(corrupt());
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(corrupt());
    }
}
