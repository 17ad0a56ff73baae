//! `GET /api/stream`: tells of new rates as soon as there are some, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::Stream;
use tokio::sync::watch;

use super::{Reading, rates::whole};
use crate::server::{Service, metrics::OpenStream, params::Params, problem::Problem};

/// Keeps proxies from cutting a stream off that has nothing to tell, and finds listeners that are
/// gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a listener whose stream has ended comes back.
const RETRY: Duration = Duration::from_secs(5);

/// New rates as they come: server-sent events of the type `snapshot`, with the answer of
/// `/api/rates` as their data and the snapshot's id as their id. The first comes at once, unless
/// `Last-Event-ID` or `last_event_id` names the current snapshot. A comment every 15 s keeps the stream open.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "rates",
    params(
        ("last_event_id" = Option<String>, Query, description = "The same for callers that can't set headers, such as a browser's first connection; the header comes first", example = "20261123T082128Z-5f1c09ab"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received", example = "20261123T082128Z-5f1c09ab"),
    ),
    responses(
        (status = 200, description = "The stream; it ends when the server is about to stop", body = String, content_type = "text/event-stream"),
        (status = 400, description = "A parameter is unknown or repeated", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stream(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::read(query.as_deref(), &["last_event_id"])?;
    // The header is of the last event of this very stream, and thus the newer one.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let last = last.or(params.take("last_event_id"));
    let events = Sse::new(events(service, last)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // nginx would hold events back until it has a buffer full of them.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    Ok(([(header::CACHE_CONTROL, "no-store"), unbuffered], events).into_response())
}

/// What a listener has got so far.
struct Listener {
    service: Arc<Service>,
    changes: watch::Receiver<()>,
    last: Option<String>,
    begun: bool,
    _counted: OpenStream,
}

fn events(
    service: Arc<Service>,
    last: Option<String>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let changes = service.changes();
    let counted = service.metrics.stream_opened();
    let listener = Listener { service, changes, last, begun: false, _counted: counted };
    futures::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    /// The next event, when there is one; `None` when the server is about to stop.
    async fn next(&mut self) -> Option<Event> {
        if !self.begun {
            self.begun = true;
            // So that a proxy sends the head on, and a lost listener comes back at its time.
            let hello = Event::default().retry(RETRY);
            return Some(
                self.news().map_or(hello.comment("nothing new"), |news| news.retry(RETRY)),
            );
        }
        loop {
            if self.service.is_draining() {
                return None;
            }
            self.changes.changed().await.ok()?;
            if let Some(news) = self.news() {
                return Some(news);
            }
        }
    }

    /// The current snapshot, if the listener does not have it.
    fn news(&mut self) -> Option<Event> {
        let reading = Reading::of(&self.service).ok()?;
        let id = reading.snapshot.id().as_str();
        if self.last.as_deref() == Some(id) {
            return None;
        }
        let answer = whole(&reading).ok()?;
        // JSON without line breaks: one line of data.
        let data = std::str::from_utf8(answer.identity()).ok()?;
        let event = Event::default().event("snapshot").id(id).data(data);
        self.last = Some(id.to_owned());
        Some(event)
    }
}
