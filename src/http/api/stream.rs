//! `GET /api/stream`: tells of new rates as soon as there are some, as server-sent events.

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
use utoipa::IntoParams;

use super::rates::{self, RatesQuery};
use crate::{
    cache::Representation,
    http::{
        current_rates::CurrentRates,
        problem::Problem,
        query::{Query, optional},
    },
    metrics::OpenStream,
    state::AppState,
};

/// The query of `/api/stream`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// The same for callers that can't set headers, such as a browser's first connection; the header comes first
    #[serde(default, deserialize_with = "optional")]
    #[param(example = "20261123T082128Z-5f1c09ab")]
    last_event_id: Option<String>,
}

/// Keeps proxies from cutting a stream off that has nothing to tell, and finds listeners that are
/// gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a listener whose stream has ended comes back, in milliseconds.
const RETRY: &str = "retry: 5000\n";

/// New rates as they come: server-sent events of the type `snapshot`, with the answer of
/// `/api/rates` as their data and the snapshot's id as their id. The first comes at once, unless
/// `Last-Event-ID` or `last_event_id` names the current snapshot. A comment every 15 s keeps the stream open.
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
    // The header is of the last event of this very stream, and thus the newer one.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let last = last.or(query.last_event_id);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx would hold events back until it has a buffer full of them.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events(state, last))).into_response()
}

/// What a listener has got so far.
struct Listener {
    state: Arc<AppState>,
    changes: watch::Receiver<()>,
    last: Option<String>,
    begun: bool,
    _counted: OpenStream,
}

/// Written by hand and not by axum's `Sse`, which copies each event for each listener: here all of
/// them share its bytes.
fn events(
    state: Arc<AppState>,
    last: Option<String>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let changes = state.changes();
    let counted = state.metrics.stream_opened();
    let listener = Listener { state, changes, last, begun: false, _counted: counted };
    futures::stream::unfold(listener, |mut listener| async move {
        let block = listener.next().await?;
        Some((Ok(block), listener))
    })
}

impl Listener {
    /// The next block, when there is one; `None` when the server is about to stop.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            // So that a proxy sends the head on, and a lost listener comes back at its time.
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

    /// The current snapshot, if the listener does not have it.
    fn news(&mut self) -> Option<Bytes> {
        let current = CurrentRates::now(&self.state).ok()?;
        let id = current.snapshot.id().as_str();
        if self.last.as_deref() == Some(id) {
            return None;
        }
        let event = current.representation("stream".to_owned(), || {
            let rates = rates::representation(&current, RatesQuery::default())?;
            // JSON without line breaks: one line of data.
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

    // Paused: whenever everybody waits, the clock goes on to the next deadline by itself.
    #[tokio::test(start_paused = true)]
    async fn a_stream_without_news_keeps_beating() {
        let config = Config::read(|name| (name == "STORE_URL").then(|| "memory:".to_owned()));
        let state = AppState::new(config.unwrap(), Arc::new(|| sample::TAKEN));
        let id = publish(&state, 0);
        let mut events = pin!(events(Arc::clone(&state), Some(id)));
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
        // News come between two beats, and at once.
        let id = publish(&state, 300);
        let (block, at_once) = next().await;
        assert!(block.unwrap().contains(&format!("\nid: {id}\n")));
        assert_eq!(at_once, Duration::ZERO);
        assert_eq!(next().await.0.as_deref(), Some(":\n\n"));
        state.start_draining();
        assert_eq!(next().await, (None, Duration::ZERO));
    }
}
