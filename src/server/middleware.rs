//! What happens to every request, whichever route it takes.

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    BoxError, Router,
    body::Body,
    error_handling::HandleErrorLayer,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, Response, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::IntoResponse,
};
use rand::RngExt;
use tower::{
    ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::LoadShedLayer,
    timeout::TimeoutLayer,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};
use tracing::{Span, field};

use super::{Service, problem::Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// An id that a proxy sends longer than this is not one to put into every log line.
const LONGEST_REQUEST_ID: usize = 64;

/// The whole stack, outermost first:
///
/// 1. a request id, taken from the proxy or made, so that everything below can log it;
/// 2. the log's span and its lines, around all that can fail;
/// 3. metrics, which thus count panics as the 500s that callers see;
/// 4. security headers, on those 500s, too;
/// 5. the net for panics, closest to the handlers.
pub fn wrap(router: Router, service: &Arc<Service>) -> Router {
    let panicked = Arc::clone(service);
    // `layer` wraps what is there so far: the innermost comes first.
    router
        .layer(CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
            panicked.metrics.panicked();
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(panic = message.unwrap_or("without a message"), "a request panicked");
            Problem::internal().into_response()
        }))
        .layer(from_fn_with_state(Arc::clone(service), security_headers))
        .layer(from_fn_with_state(Arc::clone(service), measure))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(answered)
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
        .layer(from_fn(distrust_request_id))
}

/// Requests at once beyond which more are turned away: those under way need the processor more.
const MOST_AT_ONCE: usize = 512;
/// How long an answer may take to begin; most take less than a millisecond.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// Bounds what callers can have the server do at once. Health and metrics are not put under it:
/// they must answer then above all.
#[derive(Clone)]
pub struct Bounds(GlobalConcurrencyLimitLayer);

impl Default for Bounds {
    fn default() -> Self {
        Self(GlobalConcurrencyLimitLayer::new(MOST_AT_ONCE))
    }
}

impl Bounds {
    /// Puts a router under these bounds, together with all others under them.
    pub fn around(&self, router: Router<Arc<Service>>) -> Router<Arc<Service>> {
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

/// Makes ids of sixteen hex digits.
#[derive(Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = format!("{:016x}", rand::rng().random::<u64>());
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Drops an id from outside that could forge or flood log lines.
async fn distrust_request_id(mut request: Request, next: Next) -> Response<Body> {
    let sane = |id: &HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !sane(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

fn span(request: &axum::http::Request<Body>) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info_span!(
        "request",
        id = id.unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
    )
}

/// A fault of ours is worth a warning; everything else is there at the level debug.
fn answered(response: &Response<Body>, took: Duration, _: &Span) {
    let (status, took) = (response.status().as_u16(), field::debug(took));
    // 503 is said of the service's state, which the refresh loop has logged.
    if status >= 500 && status != 503 {
        tracing::warn!(status, took, "answered");
    } else {
        tracing::debug!(status, took, "answered");
    }
}

async fn measure(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let method = known_method(request.method());
    // Paths that match no route are one series together, however many there are.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let status = response.status().as_u16();
    service.metrics.request_answered(method, route, status, started.elapsed());
    response
}

/// Methods are the caller's choice, too: those that HTTP does not know share one label.
fn known_method(method: &Method) -> &'static str {
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

async fn security_headers(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let is_html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
    if headers.get(header::CONTENT_TYPE).is_some_and(is_html) {
        let script = service.assets.bundle.as_ref().map_or(String::new(), |bundle| {
            format!(" 'wasm-unsafe-eval' '{}'", bundle.loader_hash)
        });
        let policy = format!(
            "default-src 'none'; script-src 'self'{script}; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{http::StatusCode, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::server::{Config, service::system_clock};

    fn service() -> Arc<Service> {
        Service::new(Config::read(|_| None).unwrap(), system_clock())
    }

    async fn broken() {
        std::panic::resume_unwind(Box::new("as told"))
    }

    async fn ask(router: &Router, path: &str) -> Response<Body> {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_and_too_long_are_turned_away_and_the_probes_answered() {
        let service = service();
        let begun = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&begun);
        let slow = get(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            std::future::pending::<()>()
        });
        let router = Bounds::default().around(Router::new().route("/slow", slow));
        let router = router.route("/health", get(|| async { "well" }));
        let router = wrap(router.with_state(Arc::clone(&service)), &service);
        let asking = |_| {
            let router = router.clone();
            tokio::spawn(async move { ask(&router, "/slow").await })
        };
        let under_way: Vec<_> = (0..MOST_AT_ONCE).map(asking).collect();
        while begun.load(Ordering::Relaxed) < MOST_AT_ONCE {
            tokio::task::yield_now().await;
        }
        // The clock stands still while these are answered: at once, and not when time is over.
        let before = tokio::time::Instant::now();
        let turned_away = ask(&router, "/slow").await;
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(turned_away.headers()[header::RETRY_AFTER], "1");
        assert_eq!(ask(&router, "/health").await.status(), StatusCode::OK);
        assert_eq!(tokio::time::Instant::now(), before);
        assert_eq!(begun.load(Ordering::Relaxed), MOST_AT_ONCE);
        // Those that are never answered make room when their time is over.
        for request in under_way {
            assert_eq!(request.await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_counted() {
        let service = service();
        let router = Router::new().route("/broken", get(broken));
        let router = wrap(router.with_state(Arc::clone(&service)), &service);
        let answer = ask(&router, "/broken").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let metrics = crate::server::metrics::metrics(State(service)).await;
        let metrics = axum::body::to_bytes(metrics.into_body(), 1 << 20).await.unwrap();
        let metrics = String::from_utf8(metrics.to_vec()).unwrap();
        assert!(metrics.contains("crypto_app_panics_total 1"), "{metrics}");
        assert!(metrics.contains(r#"endpoint="/broken",status="500""#), "{metrics}");
    }
}
