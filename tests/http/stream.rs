//! `/api/stream`: new rates as they are published.

use std::time::Duration;

use reqwest::Response;

use crate::{app::App, standin::Reply};

/// One listener.
struct Stream {
    response: Response,
    buffer: String,
}

impl Stream {
    async fn open(app: &App, last_event_id: Option<&str>) -> Self {
        Self::open_with(app, "", last_event_id).await
    }

    async fn open_with(app: &App, query: &str, last_event_id: Option<&str>) -> Self {
        let mut request = app.client.get(format!("http://{}/api/stream{query}", app.address));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, buffer: String::new() }
    }

    /// Waits for the next block, up to its empty line. Returns `None` when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            // Catches a stream that hangs: its heartbeat is much shorter.
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.response.chunk());
            let chunk = chunk.await.expect("nothing for a minute").unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Waits for the next event. Returns its id, and bitcoin in dollars.
    async fn event(&mut self) -> (String, f64) {
        loop {
            let block = self.next().await.expect("the stream has ended");
            let field = |name: &str| {
                let line = block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
                line.map(str::to_owned)
            };
            if let Some(data) = field("data") {
                assert_eq!(field("event").as_deref(), Some("snapshot"));
                let data: serde_json::Value = serde_json::from_str(&data).unwrap();
                assert_eq!(data["total_currencies"], 76);
                assert_eq!(Some(data["snapshot_id"].as_str().unwrap()), field("id").as_deref());
                let dollars = data["rates"]["usd"]["value"].as_f64().unwrap();
                return (field("id").unwrap(), dollars);
            }
        }
    }
}

#[tokio::test]
async fn new_rates_are_told_at_once_and_old_ones_never_again() {
    let app = App::start_with(Reply::rates(75_000.5), &[("CACHE_DURATION", "1")]).await;
    app.wait_for_rates().await;
    let mut stream = Stream::open(&app, None).await;
    let (first, dollars) = stream.event().await;
    assert_eq!(dollars.to_bits(), 75_000.5_f64.to_bits());
    app.upstream.set(Reply::rates(80_000.5));
    while stream.event().await.1 < 80_000.0 {}
    // A listener that reconnects gets only what it missed.
    let mut again = Stream::open(&app, Some(&first)).await;
    let (second, dollars) = again.event().await;
    assert_eq!(dollars.to_bits(), 80_000.5_f64.to_bits());
    assert_ne!(first, second);
    // One that can't set a header uses the query. The header takes precedence.
    app.upstream.set(Reply::Reset);
    app.wait_until("there is nothing newer", async || {
        app.get("/health").await.json()["refresh"]["consecutive_failures"] != 0
    })
    .await;
    let last = app.get("/api/rates").await.json()["snapshot_id"].as_str().unwrap().to_owned();
    let (old, known) = (format!("?last_event_id={first}"), format!("?last_event_id={last}"));
    assert_eq!(Stream::open_with(&app, &old, None).await.event().await.0, last);
    assert_eq!(Stream::open_with(&app, &known, Some(&first)).await.event().await.0, last);
    let mut silent = Stream::open_with(&app, &known, None).await;
    assert!(silent.next().await.unwrap().contains("nothing new"));
    let refused = app.get("/api/stream?symbols=usd").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["parameter"]), (400, &"symbols".into()));
}

#[tokio::test]
async fn a_stream_without_news_ends_with_the_server() {
    let app = App::start().await;
    let id = app.get("/api/rates").await.json()["snapshot_id"].as_str().unwrap().to_owned();
    let mut stream = Stream::open(&app, Some(&id)).await;
    assert!(stream.next().await.unwrap().contains("retry: 5000"));
    app.stop();
    // The heartbeat is tested beside the code, on paused time.
    while let Some(block) = stream.next().await {
        assert_eq!(block, ":");
    }
}

/// What an autoscaler goes by.
#[tokio::test]
async fn open_streams_are_counted_until_they_are_closed() {
    let app = App::start().await;
    let open = async || {
        let metrics = app.get("/metrics").await;
        let mut lines = metrics.text().lines();
        let count = lines.find_map(|line| line.strip_prefix("crypto_app_streams "));
        count.expect("it is there before the first stream").parse::<usize>().unwrap()
    };
    assert_eq!(open().await, 0);
    let mut streams = Vec::new();
    for query in ["", "?data=id", "?data=id"] {
        streams.push(Stream::open_with(&app, query, None).await);
        assert_eq!(open().await, streams.len());
    }
    // Those of a question that is refused, or of another kind, are not.
    app.get("/api/stream?data=all").await;
    app.get("/api/rates").await;
    assert_eq!(open().await, 3);
    // Neither is one whose listener has gone, long before the next heartbeat.
    streams.truncate(1);
    app.wait_until("two are closed", async || open().await == 1).await;
    streams.clear();
    app.wait_until("all are closed", async || open().await == 0).await;
}

#[tokio::test]
async fn a_listener_may_come_before_the_first_rates() {
    let app = App::start_with(Reply::Reset, &[("CACHE_DURATION", "1")]).await;
    let mut stream = Stream::open(&app, None).await;
    app.upstream.set(Reply::rates(75_000.5));
    assert_eq!(stream.event().await.1.to_bits(), 75_000.5_f64.to_bits());
}
