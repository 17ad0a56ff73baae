//! What surrounds every request: request ids, tracing, metrics, the response cache, limits, response headers
//! and the handling of panics.

use std::{any::Any, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    BoxError, Router,
    body::{Body, Bytes, HttpBody},
    error_handling::HandleErrorLayer,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, Response, header},
    middleware::{Next, from_fn_with_state},
    response::IntoResponse,
};
use rand::RngExt;
use tower::{
    Service, ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::LoadShedLayer,
    timeout::TimeoutLayer, util::option_layer,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::{OnResponse, TraceLayer},
};
use tracing::Span;

use super::problem::{self, Problem};
use crate::{cache::ResponseCacheLayer, state::AppState};

/// The header with the id of a request, which is in the log, too.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id accepted from a proxy: it is in every log line of the request.
const MAX_REQUEST_ID: usize = 64;

/// A complete HTTP service: the handlers and all layers around them.
pub trait HttpService:
    Service<
        Request,
        Response = Response<<Self as HttpService>::ResponseBody>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static
{
    type ResponseBody: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> HttpService for S
where
    S: Service<Request, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type ResponseBody = B;
}

/// The layers around the router, outermost first:
///
/// 1. the request id, which is the proxy's if that is sane;
/// 2. metrics, which count cached responses, too;
/// 3. the response cache;
/// 4. a span and a log line: inside the cache, because a span costs more than a cached response.
pub fn layers(
    router: Router,
    state: &Arc<AppState>,
    cache: Option<ResponseCacheLayer<Arc<AppState>>>,
) -> impl HttpService + use<> {
    let count = TraceLayer::new_for_http()
        .make_span_with(|_: &Request| Span::none())
        .on_request(())
        .on_response(Count(Arc::clone(state)))
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    let trace = TraceLayer::new_for_http()
        .make_span_with(request_span)
        .on_request(())
        .on_response(log_response)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    ServiceBuilder::new()
        .map_request(distrust_request_id)
        .layer(SetRequestIdLayer::new(REQUEST_ID, RandomRequestId))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(count)
        .layer(option_layer(cache))
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(trace)
        .service(router)
}

/// Removes a request id that could forge or flood log lines.
fn distrust_request_id(mut request: Request) -> Request {
    let sane = |id: &HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !sane(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// Makes ids of sixteen random hex digits.
#[derive(Clone, Copy)]
struct RandomRequestId;

impl MakeRequestId for RandomRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = format!("{:016x}", rand::rng().random::<u64>());
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

fn request_span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info_span!(
        "request",
        id = id.unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
    )
}

/// Logs our own faults as warnings, and everything else at debug level.
fn log_response(response: &Response<Body>, took: Duration, _: &Span) {
    let status = response.status().as_u16();
    // 503 is no fault: the refresh loop logs why there are no rates.
    if status >= 500 && status != 503 {
        tracing::warn!(status, ?took, "answered");
    } else {
        tracing::debug!(status, ?took, "answered");
    }
}

/// Counts responses, and records how long they took.
#[derive(Clone)]
struct Count(Arc<AppState>);

impl<B> OnResponse<B> for Count {
    fn on_response(self, response: &Response<B>, took: Duration, _: &Span) {
        let extensions = response.extensions();
        let method = extensions.get::<Method>().map_or("GET", known);
        let (route, status) = (extensions.get::<MatchedPath>(), response.status().as_u16());
        self.0.metrics.request_answered(method, route, status, took);
    }
}

/// Returns the method as a label. Callers can invent methods, so all unknown ones share one label.
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

/// Adds the layers around each handler, outermost first:
///
/// 1. security headers, which the 500s of panics have, too;
/// 2. the handling of panics.
pub fn around_handlers(router: Router, state: &Arc<AppState>) -> Router {
    let panicked = Arc::clone(state);
    // `layer` wraps the layers added before it, so the innermost comes first.
    router
        .layer(CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
            panicked.metrics.panicked();
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(panic = message.unwrap_or("without a message"), "a request panicked");
            Problem::internal().into_response()
        }))
        .layer(from_fn_with_state(Arc::clone(state), finish))
}

/// The most requests at once. More are turned away, to leave the processor to those in flight.
const MOST_AT_ONCE: usize = 512;
/// How long an answer may take to begin; most take less than a millisecond.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// Limits the requests in flight. Health and metrics are exempt, because they are needed most under load.
#[derive(Clone)]
pub struct Bounds(GlobalConcurrencyLimitLayer);

impl Default for Bounds {
    fn default() -> Self {
        Self(GlobalConcurrencyLimitLayer::new(MOST_AT_ONCE))
    }
}

impl Bounds {
    /// Wraps a router in these limits, which it shares with all other routers wrapped in them.
    pub fn around(&self, router: Router<Arc<AppState>>) -> Router<Arc<AppState>> {
        let bounds = ServiceBuilder::new()
            .layer(HandleErrorLayer::new(overloaded))
            .layer(LoadShedLayer::new())
            .layer(self.0.clone())
            .layer(TimeoutLayer::new(ANSWER_DEADLINE));
        router.layer(bounds)
    }
}

async fn overloaded(error: BoxError) -> Problem {
    tracing::debug!(%error, "a request was turned away");
    Problem::overloaded()
}

/// Adds the headers that every response has and the base path of problems, and records method and route for
/// the metrics.
async fn finish(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (method, route) =
        (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let response = next.run(request).await;
    let mut response = problem::with_base_path(state.config.base_path.as_str(), response);
    response.extensions_mut().insert(method);
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let is_html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
    if headers.get(header::CONTENT_TYPE).is_some_and(is_html) {
        let policy = state.assets.content_security_policy.clone();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        // These two headers only matter for documents.
        let same_origin = HeaderValue::from_static("same-origin");
        headers.insert(HeaderName::from_static("cross-origin-opener-policy"), same_origin);
        let referrer = HeaderValue::from_static("strict-origin-when-cross-origin");
        headers.insert(header::REFERRER_POLICY, referrer);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{
        http::{HeaderMap, StatusCode},
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;
    use crate::{config::Config, http::metrics, state::system_clock};

    fn state() -> Arc<AppState> {
        AppState::new(Config::read(|_| None).unwrap(), system_clock())
    }

    async fn broken() {
        std::panic::resume_unwind(Box::new("on purpose"))
    }

    async fn ask<S: HttpService>(service: &S, path: &str) -> Response<S::ResponseBody> {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        match service.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_and_too_long_are_turned_away_and_the_probes_answered() {
        let state = state();
        let begun = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&begun);
        let slow = get(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            std::future::pending::<()>()
        });
        let router = Bounds::default().around(Router::new().route("/slow", slow));
        let router = router.route("/health", get(|| async { "well" }));
        let router = around_handlers(router.with_state(Arc::clone(&state)), &state);
        let service = layers(router, &state, None);
        let asking = |_| {
            let service = service.clone();
            tokio::spawn(async move { ask(&service, "/slow").await })
        };
        let under_way: Vec<_> = (0..MOST_AT_ONCE).map(asking).collect();
        while begun.load(Ordering::Relaxed) < MOST_AT_ONCE {
            tokio::task::yield_now().await;
        }
        // Paused time stands still here: these are answered at once, and not after a timeout.
        let before = tokio::time::Instant::now();
        let turned_away = ask(&service, "/slow").await;
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(turned_away.headers()[header::RETRY_AFTER], "1");
        assert_eq!(ask(&service, "/health").await.status(), StatusCode::OK);
        assert_eq!(tokio::time::Instant::now(), before);
        assert_eq!(begun.load(Ordering::Relaxed), MOST_AT_ONCE);
        // Requests that are never answered free their places at the deadline.
        for request in under_way {
            assert_eq!(request.await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_counted() {
        let state = state();
        let router = Router::new().route("/broken", get(broken));
        let router = around_handlers(router.with_state(Arc::clone(&state)), &state);
        let answer = ask(&layers(router, &state, None), "/broken").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let metrics = metrics::metrics(State(state), HeaderMap::new()).await;
        let metrics = axum::body::to_bytes(metrics.into_body(), 1 << 20).await.unwrap();
        let metrics = String::from_utf8(metrics.to_vec()).unwrap();
        assert!(metrics.contains("crypto_app_panics_total 1"), "{metrics}");
        assert!(metrics.contains(r#"endpoint="/broken",status="500""#), "{metrics}");
    }
}
