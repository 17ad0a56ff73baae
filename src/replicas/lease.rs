//! The right to ask the upstreams for all: held by one at a time, and never for long.

use std::{sync::LazyLock, time::Duration};

use redis::{RedisError, Script};

use crate::store::{
    link::Link,
    shared::{FENCE, LEASE, REPORT},
};

/// Renews the lease of the caller, or gives it a free one; tells the last report, too. A new lease
/// has a higher token than any before, even after the server has lost everything: no replica's
/// clock counts, only the server's.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local holder = redis.call('GET', KEYS[1])
        local report = redis.call('GET', KEYS[3])
        if holder == ARGV[1] then
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            return {ARGV[1], report}
        elseif holder then
            return {'0', report}
        end
        local time = redis.call('TIME')
        local fence = tonumber(redis.call('GET', KEYS[2]) or '') or 0
        local token = math.max(time[1] * 1000 + math.floor(time[2] / 1000), fence + 1)
        token = string.format('%.0f', token)
        redis.call('SET', KEYS[2], token)
        redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
        return {token, report}",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end")
});

/// Asks for the lease with the token that the caller has, 0 for none. Answers with the token that
/// it holds now, 0 if it is another's, and with the last report.
pub async fn take(
    link: &Link,
    token: u64,
    lasting: Duration,
) -> Result<(u64, Option<String>), RedisError> {
    let lasting = u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX);
    link.run(&TAKE, |script| {
        script.key(LEASE).key(FENCE).key(REPORT).arg(token).arg(lasting);
    })
    .await
}

/// Gives it up before its time.
pub async fn release(link: &Link, token: u64) -> Result<(), RedisError> {
    link.run(&RELEASE, |script| {
        script.key(LEASE).arg(token);
    })
    .await
}
