//! What every request meets first: an answer that is ready, or else the router.
//!
//! Rates change every five minutes and are read all the time. The first request for an address goes
//! through the router; if only the address and the board decide over the answer, it is kept with the
//! board ([`crate::cache`]), and the next one costs little more than its bytes. Both ways give the
//! request an id, count it and log it alike.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response},
};
use futures::future::{self, Either};
use http_body_util::Full;
use rand::RngExt;
use tower::ServiceExt;
use tracing::{Instrument, Level, Span};

use super::api::Cacheable;
use crate::{
    cache::{Asked, CachedResponse, ContentCoding},
    published::Published,
    state::AppState,
};

/// Names the request in answers and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// An id that a proxy sends longer than this is not one to put into every log line.
const LONGEST_REQUEST_ID: usize = 64;

/// One listener's way in.
#[derive(Clone)]
pub struct Front {
    state: Arc<AppState>,
    router: Router,
    /// Whether the board's answers are this listener's.
    public: bool,
}

/// The body of an answer that was ready, or of the router's.
pub type FrontBody = http_body_util::Either<Full<Bytes>, Body>;

type Routed = Pin<Box<dyn Future<Output = Response<FrontBody>> + Send>>;

impl Front {
    /// Before the public routes.
    pub fn public(router: Router, state: &Arc<AppState>) -> Self {
        Self { state: Arc::clone(state), router, public: true }
    }

    /// Before routes that have nothing to do with the board's answers.
    pub fn internal(router: Router, state: &Arc<AppState>) -> Self {
        Self { state: Arc::clone(state), router, public: false }
    }

    /// The answer to one request.
    pub fn answer<B>(
        &self,
        mut request: Request<B>,
    ) -> Either<future::Ready<Response<FrontBody>>, Routed>
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let started = Instant::now();
        let id = request_id(request.headers());
        if let Some((ready, response)) = self.ready(&request) {
            let mut response = response.map(FrontBody::Left);
            // Nothing is logged of it below the level debug.
            let span =
                if tracing::enabled!(Level::DEBUG) { span(&request, &id) } else { Span::none() };
            span.in_scope(|| self.answered(&Method::GET, ready.route(), started, &response));
            response.headers_mut().insert(REQUEST_ID, id);
            return Either::Left(future::ready(response));
        }
        let front = self.clone();
        Either::Right(Box::pin(async move {
            let span = span(&request, &id);
            // For those who read it below; what a caller sent may be none.
            request.headers_mut().insert(REQUEST_ID, id.clone());
            let (method, routed) = (request.method().clone(), front.route(request));
            let (route, mut response) = routed.instrument(span.clone()).await;
            span.in_scope(|| front.answered(&method, route.as_ref(), started, &response));
            response.headers_mut().insert(REQUEST_ID, id);
            response.map(FrontBody::Right)
        }))
    }

    /// The answer that is ready for this request.
    fn ready<B>(
        &self,
        request: &Request<B>,
    ) -> Option<(Arc<CachedResponse>, Response<Full<Bytes>>)> {
        if !self.public || request.method() != Method::GET {
            return None;
        }
        let target = request.uri().path_and_query()?.as_str();
        let (published, now) = (self.state.published(), self.state.now());
        let snapshot = published.snapshot()?;
        let (status, coding) =
            (published.status(snapshot, now), ContentCoding::wanted(request.headers()));
        let ready = published.answers().ready(&Asked { status, coding, target })?;
        let response = ready.respond(request.headers(), Published::age(snapshot, now).as_secs());
        Some((ready, response))
    }

    /// Has the router answer, and keeps the answer with the board if it is settled.
    async fn route<B>(&self, request: Request<B>) -> (Option<MatchedPath>, Response<Body>)
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let coding = ContentCoding::wanted(request.headers());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let Ok(mut response) = self.router.clone().oneshot(request.map(Body::new)).await;
        let route = response.extensions_mut().remove::<MatchedPath>();
        let settled = response.extensions_mut().remove::<Cacheable>();
        if let (Some(settled), Some(target)) = (settled, uri.path_and_query())
            && method == Method::GET
            && response.status().is_success()
        {
            let body = settled.answer.body(coding).clone();
            let ready = CachedResponse::new(route.clone(), response.headers().clone(), body);
            let asked = Asked { status: settled.status, coding, target: target.as_str() };
            settled.published.answers().keep_ready(asked, ready);
        }
        (route, response)
    }

    /// Counts and logs. A fault of ours is worth a warning; all else is there at the level debug.
    fn answered<B>(
        &self,
        method: &Method,
        route: Option<&MatchedPath>,
        started: Instant,
        response: &Response<B>,
    ) {
        let (status, took) = (response.status().as_u16(), started.elapsed());
        self.state.metrics.request_answered(known(method), route, status, took);
        // 503 is said of the service's state, which the refresh loop has logged.
        if status >= 500 && status != 503 {
            tracing::warn!(status, ?took, "answered");
        } else {
            tracing::debug!(status, ?took, "answered");
        }
    }
}

impl<B> hyper::service::Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    type Response = Response<FrontBody>;
    type Error = Infallible;
    type Future = future::Map<
        Either<future::Ready<Response<FrontBody>>, Routed>,
        fn(Response<FrontBody>) -> Result<Response<FrontBody>, Infallible>,
    >;

    fn call(&self, request: Request<B>) -> Self::Future {
        future::FutureExt::map(self.answer(request), Ok)
    }
}

/// The proxy's id, unless it could forge or flood log lines; else sixteen hex digits.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let sane = |id: &&HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
    };
    if let Some(id) = headers.get(REQUEST_ID).filter(sane) {
        return id.clone();
    }
    let id = format!("{:016x}", rand::rng().random::<u64>());
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
}

fn span<B>(request: &Request<B>, id: &HeaderValue) -> Span {
    tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
    )
}

/// Methods are the caller's choice: those that HTTP does not know share one label.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use super::*;
    use crate::{
        config::Config,
        http::router,
        rates::{Snapshot, SourceName, Timestamp},
        sources::sample,
    };

    fn service_at(now: &Arc<AtomicU64>) -> Arc<AppState> {
        let clock = Arc::clone(now);
        let clock = Arc::new(move || Timestamp::from_unix_seconds(clock.load(Ordering::Relaxed)));
        let state = AppState::new(Config::read(|_| None).unwrap(), clock);
        let rates = sample::snapshot().rates().to_vec();
        let snapshot = Snapshot::new(SourceName::Coingecko, sample::TAKEN, rates).unwrap();
        let next = sample::TAKEN + Duration::from_secs(300);
        state.publish(|published| Some(published.refreshed(snapshot, next)));
        state
    }

    #[tokio::test]
    async fn only_whole_answers_that_hold_for_their_address_are_kept() {
        let now = Arc::new(AtomicU64::new(sample::TAKEN.unix_seconds()));
        let state = service_at(&now);
        let front = router::public(&state);
        let kept = |target| {
            let (status, coding) = (crate::rates::CacheStatus::Fresh, ContentCoding::Identity);
            state.published().answers().ready(&Asked { status, coding, target }).is_some()
        };
        for (method, path, known, keeps) in [
            ("HEAD", "/api/rates", "", false),
            ("GET", "/api/rates", "*", false),
            ("GET", "/api/rates", "", true),
            ("GET", "/?base=eur", "", true),
            ("GET", "/api/sparklines?base=eur", "", true),
            ("GET", "/?amount=nothing", "", false),
            ("GET", "/api/convert?from=usd&to=eur&amount=7", "", false),
            ("GET", "/api/rates?base=nothing", "", false),
            ("GET", "/health", "", false),
        ] {
            let request =
                Request::builder().method(method).uri(path).header("if-none-match", known);
            front.answer(request.body(Body::empty()).unwrap()).await;
            assert_eq!(kept(path), keeps, "{method} {path} {known}");
        }
        // What is kept is the public listener's.
        let request = Request::builder().uri("/api/rates").body(Body::empty()).unwrap();
        let answer = router::internal(&state).answer(request).await;
        assert_eq!(answer.status(), axum::http::StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_ready_answer_tells_the_present_age_and_status() {
        let begin = sample::TAKEN.unix_seconds();
        let now = Arc::new(AtomicU64::new(begin));
        let front = router::public(&service_at(&now));
        for (passed, status) in [(0, "fresh"), (7, "fresh"), (301, "cached"), (900, "stale")] {
            now.store(begin + passed, Ordering::Relaxed);
            for _ in 0..2 {
                let request = Request::builder().uri("/api/rates").body(Body::empty()).unwrap();
                let response = front.answer(request).await;
                assert_eq!(response.headers()["age"], passed.to_string());
                let body = axum::body::to_bytes(Body::new(response.into_body()), 1 << 20).await;
                let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
                assert_eq!(body["cache_status"], status);
            }
        }
    }
}
