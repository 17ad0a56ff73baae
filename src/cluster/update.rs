//! What the leader publishes to the other replicas.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use futures::StreamExt;
use redis::{RedisError, Script};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::{
    published::{Failure, Published},
    rates::{Snapshot, SourceName, Timestamp},
    store::{
        read_snapshot,
        redis::{FENCE, FENCED, REPORT},
        redis_connection::RedisConnection,
        write_snapshot,
    },
};

/// The pause before subscribing again.
const RETRY: Duration = Duration::from_secs(1);

/// The state of the refresh, without the rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The token of the lease under which it was made.
    pub token: u64,
    /// The id of the current rates.
    pub snapshot_id: Option<String>,
    /// When the current rates were taken.
    pub last_updated: Option<Timestamp>,
    /// When their source last answered with them. A leader of 0.1.0 does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Timestamp>,
    pub failure: Option<Failure>,
    pub next_refresh: Timestamp,
}

/// The message on the channel: the report as text, and the rates.
#[derive(Serialize, Deserialize)]
struct Message<'a> {
    report: String,
    #[serde(borrow)]
    snapshot: Option<&'a RawValue>,
}

/// A message as it was received.
pub struct Update {
    /// The report as it is in the store.
    pub text: String,
    pub report: Report,
    pub snapshot: Option<Snapshot>,
}

/// Also runs on a full server, because a report is small.
static PUBLISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "#!lua flags=allow-oom
        {FENCED}
        redis.call('SET', KEYS[2], ARGV[2])
        redis.call('PUBLISH', ARGV[3], ARGV[4])
        return 1"
    ))
});

/// Publishes the current state to the others, and stores the report for those that miss the message.
/// Returns the report's text, or `None` if another replica is the leader by now.
pub async fn publish(
    connection: &RedisConnection,
    token: u64,
    published: &Published,
) -> Result<Option<String>, RedisError> {
    // The sample is each replica's own.
    let snapshot = published.snapshot().filter(|snapshot| snapshot.source() != SourceName::Sample);
    let report = Report {
        token,
        snapshot_id: snapshot.map(|snapshot| snapshot.id().to_string()),
        last_updated: snapshot.map(|snapshot| snapshot.last_updated()),
        confirmed: snapshot.map(|snapshot| snapshot.confirmed()),
        failure: published.failure().cloned(),
        next_refresh: published.next_refresh(),
    };
    let written = snapshot.and_then(|snapshot| write_snapshot(snapshot).ok());
    let written = written.and_then(|bytes| String::from_utf8(bytes).ok());
    let raw = written.and_then(|json| RawValue::from_string(json).ok());
    let Ok(text) = serde_json::to_string(&report) else { return Ok(None) };
    let message = Message { report: text.clone(), snapshot: raw.as_deref() };
    let Ok(message) = serde_json::to_string(&message) else { return Ok(None) };
    let accepted: bool = connection
        .run(&PUBLISH, |script| {
            script
                .key(FENCE)
                .key(REPORT)
                .arg(token)
                .arg(&text)
                .arg(channel(connection))
                .arg(message);
        })
        .await?;
    Ok(accepted.then_some(text))
}

/// Receives what the others publish, for ever. The store has the report of a missed message.
pub async fn listen(connection: Arc<RedisConnection>, sender: mpsc::Sender<Update>) {
    loop {
        match connection.subscribe(&channel(&connection)).await {
            Ok(pubsub) => {
                let mut messages = pubsub.into_on_message();
                while let Some(message) = messages.next().await {
                    let Some(update) = read(message.get_payload_bytes()) else {
                        tracing::debug!("ignored a message that is not an update");
                        continue;
                    };
                    if sender.send(update).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "subscribing to updates failed"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn read(message: &[u8]) -> Option<Update> {
    let Message { report: text, snapshot } = serde_json::from_slice(message).ok()?;
    let report: Report = serde_json::from_str(&text).ok()?;
    let snapshot = match snapshot {
        Some(snapshot) => Some(read_snapshot(snapshot.get().as_bytes()).ok()?),
        None => None,
    };
    Some(Update { text, report, snapshot })
}

fn channel(connection: &RedisConnection) -> String {
    format!("crypto-rates:1:{}", connection.database())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_0_1_0_are_read_and_it_reads_ours() {
        // As 0.1.0 has written it.
        let old = r#"{"token":7,"snapshot_id":"a","last_updated":5,"failure":{"consecutive":2,"outcome":"timeout"},"next_refresh":9}"#;
        let report: Report = serde_json::from_str(old).unwrap();
        assert_eq!(report.failure.as_ref().and_then(|failure| failure.reason.as_ref()), None);
        assert_eq!((report.token, report.confirmed), (7, None));
        // What it does not know is left out where it says nothing, and ignored where it does.
        assert_eq!(serde_json::to_string(&report).unwrap(), old);
    }
}
