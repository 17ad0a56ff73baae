//! The lease: the right to ask the upstreams for all replicas, held by one at a time.

use std::{sync::LazyLock, time::Duration};

use redis::{RedisError, Script};

use crate::{
    rates::Timestamp,
    store::{
        redis::{FENCE, LEASE, REPORT},
        redis_connection::RedisConnection,
    },
};

/// How long a lease holds. Another replica takes over this long after the leader's last sign of life.
pub const DURATION: Duration = Duration::from_secs(10);

/// Renews the owner's lease, or grants a free one. Returns the lease's token, 0 if another replica holds
/// the lease, the last report, and the server's time. A new lease has a higher token than any before. The
/// token comes from the server's clock, so this holds even after the server has lost its data. A full
/// server grants leases, too, or all replicas would ask the upstreams.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "#!lua flags=allow-oom
        local holder = redis.call('GET', KEYS[1])
        local fence = tonumber(redis.call('GET', KEYS[2]) or '') or 0
        local report = redis.call('GET', KEYS[3])
        local time = redis.call('TIME')
        if ARGV[2] == '0' then
            return {'0', report, time[1]}
        elseif holder == ARGV[1] and fence > 0 then
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            return {string.format('%.0f', fence), report, time[1]}
        elseif holder and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) >= 0 then
            return {'0', report, time[1]}
        end
        local token = math.max(time[1] * 1000 + math.floor(time[2] / 1000), fence + 1)
        token = string.format('%.0f', token)
        redis.call('SET', KEYS[2], token)
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return {token, report, time[1]}",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end")
});

/// What the server says to who asks for the lease.
pub struct Answer {
    /// The token of the lease; 0 if another replica holds it.
    pub token: u64,
    /// The leader's last report.
    pub report: Option<String>,
    /// The server's time.
    pub time: Timestamp,
}

/// Asks for the lease on behalf of `owner`, a name that no other process has. If `lasting` is zero, asks
/// only for the report.
pub async fn take(
    connection: &RedisConnection,
    owner: &str,
    lasting: Duration,
) -> Result<Answer, RedisError> {
    let lasting = u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX);
    let (token, report, time) = connection
        .run(&TAKE, |script| {
            script.key(LEASE).key(FENCE).key(REPORT).arg(owner).arg(lasting);
        })
        .await?;
    Ok(Answer { token, report, time: Timestamp::from_unix_seconds(time) })
}

/// Gives the lease up before it ends.
pub async fn release(connection: &RedisConnection, owner: &str) -> Result<(), RedisError> {
    connection
        .run(&RELEASE, |script| {
            script.key(LEASE).arg(owner);
        })
        .await
}
