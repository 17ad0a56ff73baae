//! A store that replicas share: Redis 7 or Valkey 8.
//!
//! The last good snapshot and the ledger of the alerts are strings, and the records are a set sorted by time. Each
//! write carries the token of the writer's lease. A replica that has lost its lease without noticing, because it or its
//! network stalled, is refused, and can't replace new rates with old ones.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{RedisError, Script};
use tokio::runtime::Handle;

use super::{Record, Store, StoreError, redis_connection::RedisConnection, written};
use crate::{
    alerts::Ledger,
    rates::{Snapshot, Timestamp},
};

/// All keys are in one hash slot, so that scripts work on a Redis cluster, too. The number is the version
/// of the format.
pub const LATEST: &str = "{crypto-rates:1}:latest";
const RECORDS: &str = "{crypto-rates:1}:records";
/// The highest token given out so far.
pub const FENCE: &str = "{crypto-rates:1}:fence";
/// The name of the leader.
pub const LEASE: &str = "{crypto-rates:1}:lease";
/// The leader's last report, for replicas that missed the message.
pub const REPORT: &str = "{crypto-rates:1}:report";

/// The ledger of the alerts.
pub const ALERTS: &str = "{crypto-rates:1}:alerts";

/// Records per call, read or added: half a megabyte.
const PAGE: usize = 500;

/// Refuses the write of a replica whose lease another replica has taken since.
pub const FENCED: &str = "
    local fence = tonumber(redis.call('GET', KEYS[1]) or '') or 0
    if tonumber(ARGV[1]) < fence then return 0 end
";

/// A member is the time and then the record, because a sorted set has equal members only once.
static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{FENCED}
        redis.call('SET', KEYS[2], ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], ARGV[3], ARGV[3])
        redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[5])
        return 1"
    ))
});

/// Also runs on a full server: the ledger is small, and nothing is sent that is not written.
static PUT_ALERTS: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "#!lua flags=allow-oom
        {FENCED}
        redis.call('SET', KEYS[2], ARGV[2])
        return 1"
    ))
});

/// Not fenced: records of the past replace nothing newer.
static ADD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for i = 1, #ARGV, 2 do
            redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[i], ARGV[i])
            redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1])
        end",
    )
});

/// Removes as many times as `ARGV[2]` says, and adds what follows them.
static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{FENCED}
        local added = 3 + tonumber(ARGV[2])
        for i = 3, added - 1 do
            redis.call('ZREMRANGEBYSCORE', KEYS[2], ARGV[i], ARGV[i])
        end
        for i = added, #ARGV, 2 do
            redis.call('ZREMRANGEBYSCORE', KEYS[2], ARGV[i], ARGV[i])
            redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i + 1])
        end
        return 1"
    ))
});

/// Returns the keys of an unexpected type: they hold somebody else's data.
static FOREIGN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local wrong = {}
        for i, key in ipairs(KEYS) do
            local is = redis.call('TYPE', key).ok
            if is ~= 'none' and is ~= ARGV[i] then wrong[#wrong + 1] = key end
        end
        return wrong",
    )
});

/// A store on a server. Calls block, and must be made on threads that may block.
pub struct RedisStore {
    connection: Arc<RedisConnection>,
    runtime: Handle,
    /// The token of this process's lease; 0 without one.
    token: Arc<AtomicU64>,
}

impl RedisStore {
    /// Connects, and checks that the keys are ours.
    pub fn open(
        connection: &Arc<RedisConnection>,
        token: &Arc<AtomicU64>,
    ) -> Result<Self, StoreError> {
        let store = Self::on(connection, token)?;
        match &*store.foreign()? {
            [] => Ok(store),
            keys => Err(StoreError::Corrupt(format!("of another type: {}", keys.join(", ")))),
        }
    }

    /// Renames the keys that are not ours, and returns their new names.
    pub fn set_aside(
        connection: &Arc<RedisConnection>,
        token: &Arc<AtomicU64>,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let store = Self::on(connection, token)?;
        // There are none if another replica was faster.
        let keys = store.foreign()?;
        let suffix = format!("set-aside-{}", now.unix_seconds());
        for key in &keys {
            let aside = format!("{key}:{suffix}");
            store
                .block_on(store.connection.query::<()>(redis::cmd("RENAME").arg(key).arg(aside)))?;
        }
        Ok(format!("{}:{suffix}", keys.join(", ")))
    }

    fn on(connection: &Arc<RedisConnection>, token: &Arc<AtomicU64>) -> Result<Self, StoreError> {
        let runtime = Handle::try_current();
        let runtime = runtime.map_err(|error| StoreError::Unusable(error.to_string()))?;
        Ok(Self { connection: Arc::clone(connection), runtime, token: Arc::clone(token) })
    }

    fn foreign(&self) -> Result<Vec<String>, StoreError> {
        self.block_on(self.connection.run(&FOREIGN, |script| {
            script.key(RECORDS).arg("zset");
            for key in [LATEST, FENCE, LEASE, REPORT, ALERTS] {
                script.key(key).arg("string");
            }
        }))
    }

    fn block_on<T>(
        &self,
        call: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, StoreError> {
        Ok(self.runtime.block_on(call)?)
    }
}

impl Store for RedisStore {
    fn latest(&self) -> Result<Option<Snapshot>, StoreError> {
        let bytes: Option<Vec<u8>> =
            self.block_on(self.connection.query(redis::cmd("GET").arg(LATEST)))?;
        bytes.as_deref().map(written::read_snapshot).transpose()
    }

    fn put(&self, snapshot: &Snapshot, since: Timestamp) -> Result<(), StoreError> {
        let (latest, time) = (written::write_snapshot(snapshot)?, snapshot.last_updated());
        let record = member(time, &Record::write(snapshot)?);
        let token = self.token.load(Ordering::Relaxed);
        let written = self.block_on(self.connection.run(&PUT, |script| {
            script.key(FENCE).key(LATEST).key(RECORDS).arg(token).arg(latest);
            script.arg(time.unix_seconds()).arg(record).arg(since.unix_seconds());
        }))?;
        accepted(written, token)
    }

    fn add(&self, records: &[Record]) -> Result<(), StoreError> {
        for page in records.chunks(PAGE) {
            let mut members = Vec::new();
            for record in page {
                members.push((record.time(), member(record.time(), &record.rewrite()?)));
            }
            self.block_on(self.connection.run::<()>(&ADD, |script| {
                script.key(RECORDS);
                for (time, member) in &members {
                    script.arg(time.unix_seconds()).arg(member);
                }
            }))?;
        }
        Ok(())
    }

    fn replace(&self, removed: &[Timestamp], added: &[Record]) -> Result<(), StoreError> {
        let mut members = Vec::new();
        for record in added {
            members.push((record.time(), member(record.time(), &record.rewrite()?)));
        }
        let token = self.token.load(Ordering::Relaxed);
        let written = self.block_on(self.connection.run(&REPLACE, |script| {
            script.key(FENCE).key(RECORDS).arg(token).arg(removed.len());
            for time in removed {
                script.arg(time.unix_seconds());
            }
            for (time, member) in &members {
                script.arg(time.unix_seconds()).arg(member);
            }
        }))?;
        accepted(written, token)
    }

    fn read(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Record),
    ) -> Result<(), StoreError> {
        let (mut after, to) = (from.unix_seconds().checked_sub(1), to.unix_seconds());
        loop {
            let start = after.map_or("-inf".to_owned(), |after| format!("({after}"));
            let mut page = redis::cmd("ZRANGEBYSCORE");
            page.arg(RECORDS).arg(start).arg(to).arg("LIMIT").arg(0).arg(PAGE);
            let members: Vec<Vec<u8>> = self.block_on(self.connection.query(&page))?;
            let (full, before) = (members.len() == PAGE, after);
            for member in members {
                let Some((time, bytes)) = member.split_first_chunk() else { continue };
                let time = u64::from_be_bytes(*time);
                after = after.max(Some(time));
                if let Some(record) = Record::read(time, bytes) {
                    each(record);
                }
            }
            // With foreign members a page may make no progress.
            if !full || after == before {
                return Ok(());
            }
        }
    }

    fn first_from(&self, from: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut first = redis::cmd("ZRANGEBYSCORE");
        first.arg(RECORDS).arg(from.unix_seconds()).arg("+inf").arg("WITHSCORES");
        first.arg("LIMIT").arg(0).arg(1);
        let members: Vec<(Vec<u8>, f64)> = self.block_on(self.connection.query(&first))?;
        let time = |(_, score): &(Vec<u8>, f64)| Duration::try_from_secs_f64(*score).ok();
        let time = members.first().and_then(time);
        Ok(time.map(|time| Timestamp::from_unix_seconds(time.as_secs())))
    }

    fn alerts(&self) -> Result<Option<Ledger>, StoreError> {
        let bytes: Option<Vec<u8>> =
            self.block_on(self.connection.query(redis::cmd("GET").arg(ALERTS)))?;
        bytes.as_deref().map(written::read_alerts).transpose()
    }

    fn put_alerts(&self, ledger: &Ledger) -> Result<(), StoreError> {
        let bytes = written::write_alerts(ledger)?;
        let token = self.token.load(Ordering::Relaxed);
        let written = self.block_on(self.connection.run(&PUT_ALERTS, |script| {
            script.key(FENCE).key(ALERTS).arg(token).arg(bytes);
        }))?;
        accepted(written, token)
    }
}

/// Returns whether a fenced write was accepted, or why not.
fn accepted(written: bool, token: u64) -> Result<(), StoreError> {
    match (written, token) {
        (true, _) => Ok(()),
        (false, 0) => Err(StoreError::Unusable("this replica has no lease".to_owned())),
        (false, _) => Err(StoreError::Outranked),
    }
}

fn member(time: Timestamp, record: &[u8]) -> Vec<u8> {
    let mut member = time.unix_seconds().to_be_bytes().to_vec();
    member.extend_from_slice(record);
    member
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        // Somebody has replaced a key since the store was opened.
        if error.code() == Some("WRONGTYPE") {
            return Self::Corrupt(error.to_string());
        }
        Self::Unusable(error.to_string())
    }
}
