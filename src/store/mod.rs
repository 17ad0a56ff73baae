//! Keeps the last good snapshot for the next start, the history of values, and the ledger of the alerts.
//!
//! A [`Store`] is in memory, in a file, or on a server that replicas share. The rest of the service uses
//! it through [`ResilientStore`], which keeps in memory what a full, read-only or broken disk or an
//! unreachable server does not take.

mod backend;
mod file;
mod memory;
mod record;
pub mod redis;
pub mod redis_connection;
mod resilient;
mod thinning;
mod written;

use std::path::PathBuf;

use crate::{
    alerts::Ledger,
    rates::{Snapshot, Timestamp},
};

pub use self::redis::RedisStore;
pub use file::FileStore;
pub use memory::MemoryStore;
pub use record::Record;
pub use resilient::{CLOCK_SKEW, ResilientStore};
pub use written::{read_snapshot, write_snapshot};

/// Where a store is: the value of `STORE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// In the process, and gone with it.
    Memory,
    /// In this folder.
    Folder(PathBuf),
    /// On this server, shared with other replicas.
    Shared(redis_connection::Address),
}

/// Keeps the last good snapshot, and the values of each snapshot as a record. Calls may block.
pub trait Store: Send + Sync {
    /// Returns the snapshot that was put last.
    fn latest(&self) -> Result<Option<Snapshot>, StoreError>;

    /// Stores `snapshot` as the last good one and its values as a record, and removes the records
    /// from before `since`. It does all of this or nothing. A second record of the same second replaces
    /// the first.
    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError>;

    /// Adds records of earlier snapshots, which could not be written then.
    fn add(&self, records: &[Record]) -> Result<(), StoreError>;

    /// Removes the records of these times and adds others. It does all of this or nothing.
    fn replace(&self, removed: &[Timestamp], added: &[Record]) -> Result<(), StoreError>;

    /// Calls `each` with the records from `from` to `to`, both included, in order of time.
    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError>;

    /// Returns the time of the first record that is not from before `from`.
    fn first_from(&self, from: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Returns the ledger of the alerts that was put last.
    fn alerts(&self) -> Result<Option<Ledger>, StoreError>;

    /// Stores the ledger of the alerts, all of it or nothing.
    fn put_alerts(&self, ledger: &Ledger) -> Result<(), StoreError>;
}

/// Error returned when a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("it can't be used: {0}")]
    Unusable(String),
    #[error("another process has the file open")]
    InUse,
    #[error("what is kept can't be read: {0}")]
    Corrupt(String),
    #[error("another replica is in charge")]
    Outranked,
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::{
        redis_connection::{Address, RedisConnection},
        *,
    };
    use crate::{
        redis_server::Redis,
        test_support::{at, live},
    };

    /// Checks the contract of [`Store`].
    fn keeps_its_contract(store: &dyn Store) {
        let snapshot = |time| live(at(time));
        let times = |from, to| {
            let mut times = Vec::new();
            let mut each = |record: Record| times.push(record.time().unix_seconds());
            store.read(at(from), at(to), &mut each).unwrap();
            times
        };
        assert_eq!(store.latest().unwrap(), None);
        assert_eq!(times(0, u64::MAX), Vec::<u64>::new());
        assert_eq!(store.first_from(at(0)).unwrap(), None);
        for time in [1_000, 1_300, 1_600, 1_600] {
            store.put(&snapshot(time), at(0)).unwrap();
        }
        assert_eq!(store.latest().unwrap(), Some(snapshot(1_600)));
        assert_eq!(times(0, u64::MAX), [1_000, 1_300, 1_600]);
        assert_eq!(times(1_001, 1_599), [1_300]);
        assert_eq!(times(1_300, 1_600), [1_300, 1_600]);
        for (from, first) in [(0, 1_000), (1_300, 1_300), (1_301, 1_600)] {
            assert_eq!(store.first_from(at(from)).unwrap(), Some(at(first)));
        }
        assert_eq!(store.first_from(at(1_601)).unwrap(), None);
        let mut values = Vec::new();
        let usd = "usd".parse().unwrap();
        store.read(at(1_300), at(1_300), &mut |record| values.push(record.value(&usd))).unwrap();
        assert_eq!(values, [Some(75_817.765)]);
        // Added records replace those of the same second.
        let waiting = [1_100, 1_300].map(|time| {
            let bytes = Record::write(&snapshot(time)).unwrap();
            Record::read(time, &bytes).unwrap()
        });
        store.add(&waiting).unwrap();
        assert_eq!(times(0, u64::MAX), [1_000, 1_100, 1_300, 1_600]);
        assert_eq!(store.latest().unwrap(), Some(snapshot(1_600)));
        // Records are replaced by others, also by one of the same second.
        let joined = Record::joined(&waiting).unwrap();
        store.replace(&[at(1_000), at(1_100)], std::slice::from_ref(&joined)).unwrap();
        assert_eq!(times(0, u64::MAX), [1_300, 1_600]);
        // Old records are removed with the next snapshot.
        store.put(&snapshot(1_900), at(1_300)).unwrap();
        assert_eq!(times(0, u64::MAX), [1_300, 1_600, 1_900]);
        // The alerts stand beside them.
        assert_eq!(store.alerts().unwrap(), None);
        store.put_alerts(&Ledger::default()).unwrap();
        store.put_alerts(&ledger()).unwrap();
        assert_eq!(store.alerts().unwrap(), Some(ledger()));
        assert_eq!(store.latest().unwrap(), Some(snapshot(1_900)));
    }

    /// Returns the ledger after a rule has fired.
    fn ledger() -> Ledger {
        let rules = include_str!("../../tests/fixtures/alerts.toml").parse().unwrap();
        let mut ledger = Ledger::default();
        let fired = ledger.observe(&rules, &live(at(1_900)), at(1_900), |_, _| Some(5.0)).fired;
        assert!(!fired.is_empty());
        ledger
    }

    #[tokio::test]
    async fn a_shared_store_keeps_its_contract() {
        let redis = Redis::start();
        let connection = Arc::new(RedisConnection::new(Address::read(&redis.url()).unwrap()));
        let token = Arc::new(AtomicU64::new(0));
        let test = move || {
            keeps_its_contract(&RedisStore::open(&connection, &token).unwrap());
            // Another replica finds the same contents.
            let store = RedisStore::open(&connection, &token).unwrap();
            assert_eq!(store.latest().unwrap().unwrap().last_updated().unix_seconds(), 1_900);
            // A replica that has lost its lease can't write.
            redis.cli(&["SET", redis::FENCE, "7"]);
            let late = live(at(2_200));
            let write = |with: u64| {
                token.store(with, Ordering::Relaxed);
                store.put(&late, at(0))
            };
            assert!(matches!(write(6), Err(StoreError::Outranked)));
            let alerts = store.put_alerts(&Ledger::default());
            assert!(matches!(alerts, Err(StoreError::Outranked)));
            assert_eq!(store.alerts().unwrap(), Some(ledger()));
            assert_eq!(store.latest().unwrap().unwrap().last_updated().unix_seconds(), 1_900);
            write(7).unwrap();
            assert_eq!(store.latest().unwrap().unwrap(), late);
            token.store(6, Ordering::Relaxed);
            assert!(matches!(store.replace(&[at(2_200)], &[]), Err(StoreError::Outranked)));
            let mut records = 0;
            store.read(at(2_200), at(2_200), &mut |_| records += 1).unwrap();
            assert_eq!(records, 1);
        };
        tokio::task::spawn_blocking(test).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_somebody_else_s_on_the_server_is_set_aside() {
        let redis = Redis::start();
        let connection = Arc::new(RedisConnection::new(Address::read(&redis.url()).unwrap()));
        let token = Arc::new(AtomicU64::new(0));
        redis.cli(&["RPUSH", redis::LATEST, "somebody else's"]);
        let test = move || {
            let open = || RedisStore::open(&connection, &token);
            assert!(matches!(open(), Err(StoreError::Corrupt(_))));
            let now = Timestamp::from_unix_seconds(5);
            let aside = RedisStore::set_aside(&connection, &token, now).unwrap();
            keeps_its_contract(&open().unwrap());
            assert_eq!(redis.cli(&["LRANGE", &aside, "0", "-1"]), "somebody else's\n");
            // The right type, but unreadable contents.
            redis.cli(&["SET", redis::LATEST, "{}"]);
            redis.cli(&[
                "ZADD",
                "{crypto-rates:1}:records",
                "1400",
                "short",
                "1401",
                "much longer",
            ]);
            redis.cli(&["SET", redis::ALERTS, "[]"]);
            let store = open().unwrap();
            assert!(matches!(store.latest(), Err(StoreError::Corrupt(_))));
            assert!(matches!(store.alerts(), Err(StoreError::Corrupt(_))));
            let mut records = 0;
            let (from, to) = (Timestamp::from_unix_seconds(0), Timestamp::MAX);
            store.read(from, to, &mut |_| records += 1).unwrap();
            assert_eq!(records, 3);
            // Also of what can't be read it is known where it lies.
            let first = store.first_from(Timestamp::from_unix_seconds(1_301)).unwrap();
            assert_eq!(first, Some(Timestamp::from_unix_seconds(1_400)));
        };
        tokio::task::spawn_blocking(test).await.unwrap();
    }

    #[test]
    fn a_store_in_memory_keeps_its_contract() {
        keeps_its_contract(&MemoryStore::default());
    }

    #[test]
    fn a_store_in_a_file_keeps_its_contract() {
        let folder = tempfile::tempdir().unwrap();
        keeps_its_contract(&FileStore::open(folder.path()).unwrap());
        // Reopened, it has the same contents.
        let store = FileStore::open(folder.path()).unwrap();
        let latest = store.latest().unwrap().unwrap();
        assert_eq!(latest.last_updated().unix_seconds(), 1_900);
        let mut records = 0;
        store.read(Timestamp::from_unix_seconds(0), Timestamp::MAX, &mut |_| records += 1).unwrap();
        assert_eq!(records, 3);
        assert_eq!(store.alerts().unwrap(), Some(ledger()));
    }
}
