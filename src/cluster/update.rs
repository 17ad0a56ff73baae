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

/// Pause before another try to listen.
const RETRY: Duration = Duration::from_secs(1);

/// The state of the refresh, apart from the rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Of the lease under which it was made.
    pub token: u64,
    /// The current rates.
    pub snapshot_id: Option<String>,
    /// When they were taken.
    pub last_updated: Option<Timestamp>,
    pub failure: Option<Failure>,
    pub next_refresh: Timestamp,
}

/// What is published: the report as text, and the rates.
#[derive(Serialize, Deserialize)]
struct Message<'a> {
    report: String,
    #[serde(borrow)]
    snapshot: Option<&'a RawValue>,
}

/// What the leader has published.
pub struct Update {
    /// The report as it stands in the store.
    pub text: String,
    pub report: Report,
    pub snapshot: Option<Snapshot>,
}

/// A report is small enough for a full server, too.
static PUBLISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "#!lua flags=allow-oom
        {FENCED}
        redis.call('SET', KEYS[2], ARGV[2])
        redis.call('PUBLISH', ARGV[3], ARGV[4])
        return 1"
    ))
});

/// Publishes the current state to the others, and leaves the report for those to come. Returns its
/// text, or `None` if another is the leader by now.
pub async fn publish(
    link: &RedisConnection,
    token: u64,
    published: &Published,
) -> Result<Option<String>, RedisError> {
    // The sample is each replica's own.
    let snapshot = published.snapshot().filter(|snapshot| snapshot.source() != SourceName::Sample);
    let report = Report {
        token,
        snapshot_id: snapshot.map(|snapshot| snapshot.id().to_string()),
        last_updated: snapshot.map(|snapshot| snapshot.last_updated()),
        failure: published.failure().cloned(),
        next_refresh: published.next_refresh(),
    };
    let written = snapshot.and_then(|snapshot| write_snapshot(snapshot).ok());
    let written = written.and_then(|bytes| String::from_utf8(bytes).ok());
    let raw = written.and_then(|json| RawValue::from_string(json).ok());
    let Ok(text) = serde_json::to_string(&report) else { return Ok(None) };
    let message = Message { report: text.clone(), snapshot: raw.as_deref() };
    let Ok(message) = serde_json::to_string(&message) else { return Ok(None) };
    let shared: bool = link
        .run(&PUBLISH, |script| {
            script.key(FENCE).key(REPORT).arg(token).arg(&text).arg(channel(link)).arg(message);
        })
        .await?;
    Ok(shared.then_some(text))
}

/// Receives what the others publish, for ever. What is missed is found in the store.
pub async fn listen(link: Arc<RedisConnection>, sender: mpsc::Sender<Update>) {
    loop {
        match link.subscribe(&channel(&link)).await {
            Ok(pubsub) => {
                let mut messages = pubsub.into_on_message();
                while let Some(message) = messages.next().await {
                    let Some(update) = read(message.get_payload_bytes()) else {
                        tracing::debug!("received what is no update");
                        continue;
                    };
                    if sender.send(update).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "the others can't be heard"),
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

fn channel(link: &RedisConnection) -> String {
    format!("crypto-rates:1:{}", link.database())
}
