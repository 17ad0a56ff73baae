//! `GET /api/stream`: sends new rates as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use futures::Stream;
use serde::Deserialize;
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use super::{rates, selection::RatesQuery};
use crate::{
    cache::Representation,
    http::{
        current_rates::CurrentRates,
        problem::{Problem, truncated},
        query::{Parameter, Query, optional},
    },
    metrics::OpenStream,
    state::AppState,
};

/// The query of `/api/stream`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Same as `Last-Event-ID`, for callers that can't set headers; the header takes precedence
    #[serde(default, deserialize_with = "optional")]
    #[param(example = "20261123T082128Z-5f1c09ab")]
    last_event_id: Option<String>,
    /// What an event carries: `rates`, the answer of `/api/rates`, which is the default, or `id`, only the id of
    /// the snapshot
    #[serde(default, deserialize_with = "optional")]
    data: Option<EventData>,
}

/// What an event carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
enum EventData {
    #[default]
    Rates,
    Id,
}

impl Parameter for EventData {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "rates" => Ok(Self::Rates),
            "id" => Ok(Self::Id),
            _ => Err(format!("“{}” is neither rates nor id", truncated(text))),
        }
    }
}

/// The interval of comments that keep proxies from closing an idle stream, and that reveal listeners that
/// have gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Asks a listener whose stream has ended to reconnect after this many milliseconds.
const RETRY: &str = "retry: 5000\n";

/// New rates as server-sent events. Each event has the type `snapshot`, the answer of `/api/rates` as its
/// data, or what `data` asks for, and the snapshot's id as its id. The first is sent at once, unless `Last-Event-ID` or `last_event_id`
/// names the current snapshot. A comment every 15 s keeps the stream open.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "rates",
    params(
        StreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received", example = "20261123T082128Z-5f1c09ab"),
    ),
    responses(
        (status = 200, description = "The stream; it ends when the server is about to stop", body = String, content_type = "text/event-stream"),
        (status = 400, description = "A parameter is unknown or repeated", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stream(
    State(state): State<Arc<AppState>>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Response {
    // A browser that reconnects keeps the parameter and adds the header, which is newer.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let last = last.or(query.last_event_id);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // By default, nginx holds events back until its buffer is full.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let events = events(state, last, query.data.unwrap_or_default());
    (headers, Body::from_stream(events)).into_response()
}

/// A listener, and what it has received so far.
struct Listener {
    state: Arc<AppState>,
    changes: watch::Receiver<()>,
    last: Option<String>,
    data: EventData,
    begun: bool,
    _counted: OpenStream,
}

/// Returns a listener's stream. axum's `Sse` copies each event for each listener; here all of them share its
/// bytes.
fn events(
    state: Arc<AppState>,
    last: Option<String>,
    data: EventData,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let changes = state.changes();
    let counted = state.metrics.stream_opened();
    let listener = Listener { state, changes, last, data, begun: false, _counted: counted };
    futures::stream::unfold(listener, |mut listener| async move {
        let block = listener.next().await?;
        Some((Ok(block), listener))
    })
}

impl Listener {
    /// Waits for the next block. Returns `None` when the server is about to stop.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            // Makes proxies forward the head, and sets the delay before a lost listener reconnects.
            return Some(self.news().unwrap_or_else(|| format!("{RETRY}: nothing new\n\n").into()));
        }
        loop {
            if self.state.is_draining() {
                return None;
            }
            match tokio::time::timeout(HEARTBEAT, self.changes.changed()).await {
                Ok(changed) => changed.ok()?,
                Err(_) => return Some(Bytes::from_static(b":\n\n")),
            }
            if let Some(news) = self.news() {
                return Some(news);
            }
        }
    }

    /// Returns an event with the current snapshot, unless the listener has it.
    fn news(&mut self) -> Option<Bytes> {
        let current = CurrentRates::now(&self.state).ok()?;
        let id = current.snapshot.id().as_str();
        if self.last.as_deref() == Some(id) {
            return None;
        }
        if self.data == EventData::Id {
            self.last = Some(id.to_owned());
            return Some(format!("{RETRY}event: snapshot\nid: {id}\ndata: {id}\n\n").into());
        }
        let event = current.representation("stream".to_owned(), || {
            let rates = rates::representation(&current, RatesQuery::default())?;
            // The JSON has no line breaks, so it is one line of data.
            let data = std::str::from_utf8(rates.identity()).map_err(|_| Problem::internal())?;
            let event = format!("{RETRY}event: snapshot\nid: {id}\ndata: {data}\n\n");
            Ok::<_, Problem>(Representation::new("text/event-stream", event))
        });
        self.last = Some(id.to_owned());
        Some(event.ok()?.identity().clone())
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::StreamExt;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        config::Config,
        rates::{Snapshot, SourceName},
        sources::sample,
    };

    fn publish(state: &AppState, seconds: u64) -> String {
        let time = sample::TAKEN + Duration::from_secs(seconds);
        let rates = sample::snapshot().rates().to_vec();
        let snapshot = Snapshot::new(SourceName::Coingecko, time, rates).unwrap();
        let id = snapshot.id().as_str().to_owned();
        state.publish(|published| Some(published.refreshed(snapshot, time)));
        id
    }

    // With time paused, the clock jumps to the next deadline whenever all tasks wait.
    #[tokio::test(start_paused = true)]
    async fn a_stream_without_news_keeps_beating() {
        let config = Config::read(|name| (name == "STORE_URL").then(|| "memory:".to_owned()));
        let state = AppState::new(config.unwrap(), Arc::new(|| sample::TAKEN));
        let id = publish(&state, 0);
        let mut events = pin!(events(Arc::clone(&state), Some(id), EventData::Rates));
        let mut next = async || {
            let asked = Instant::now();
            let block = events.next().await.map(Result::unwrap);
            let block = block.map(|block| String::from_utf8(block.to_vec()).unwrap());
            (block, asked.elapsed())
        };
        let (first, at_once) = next().await;
        assert!(first.unwrap().starts_with("retry: 5000\n"));
        assert_eq!(at_once, Duration::ZERO);
        for _ in 0..3 {
            let (block, after) = next().await;
            assert_eq!(block.as_deref(), Some(":\n\n"));
            // As the API's description says.
            assert_eq!(after.as_secs(), 15, "{after:?}");
        }
        // A new snapshot is sent at once, between two heartbeats.
        let id = publish(&state, 300);
        let (block, at_once) = next().await;
        assert!(block.unwrap().contains(&format!("\nid: {id}\n")));
        assert_eq!(at_once, Duration::ZERO);
        assert_eq!(next().await.0.as_deref(), Some(":\n\n"));
        state.start_draining();
        assert_eq!(next().await, (None, Duration::ZERO));
    }
}
