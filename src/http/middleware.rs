//! What surrounds the handlers of every route. The request's id, its count and its log line are made in
//! [`super::front`], for answers that never come here as well.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    BoxError, Router,
    body::Body,
    error_handling::HandleErrorLayer,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Response, header},
    middleware::{Next, from_fn_with_state},
    response::IntoResponse,
};
use tower::{
    ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::LoadShedLayer,
    timeout::TimeoutLayer,
};
use tower_http::catch_panic::CatchPanicLayer;

use super::problem::Problem;
use crate::state::AppState;

/// Outermost first:
///
/// 1. security headers, on the 500s of panics, too, and the matched route, for the metrics;
/// 2. the net for panics, closest to the handlers.
pub fn wrap(router: Router, state: &Arc<AppState>) -> Router {
    let panicked = Arc::clone(state);
    // `layer` wraps what is there so far: the innermost comes first.
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

async fn finish(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let is_html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
    if headers.get(header::CONTENT_TYPE).is_some_and(is_html) {
        let policy = state.assets.content_security_policy.clone();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        // These two are about documents, and mean nothing on anything else.
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

    use axum::{http::StatusCode, routing::get};

    use super::*;
    use crate::{
        config::Config,
        http::front::{Front, FrontBody},
        state::system_clock,
    };

    fn state() -> Arc<AppState> {
        AppState::new(Config::read(|_| None).unwrap(), system_clock())
    }

    async fn broken() {
        std::panic::resume_unwind(Box::new("as told"))
    }

    async fn ask(front: &Front, path: &str) -> Response<FrontBody> {
        front.answer(Request::builder().uri(path).body(Body::empty()).unwrap()).await
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
        let router = wrap(router.with_state(Arc::clone(&state)), &state);
        let front = Front::public(router, &state);
        let asking = |_| {
            let front = front.clone();
            tokio::spawn(async move { ask(&front, "/slow").await })
        };
        let under_way: Vec<_> = (0..MOST_AT_ONCE).map(asking).collect();
        while begun.load(Ordering::Relaxed) < MOST_AT_ONCE {
            tokio::task::yield_now().await;
        }
        // The clock stands still while these are answered: at once, and not when time is over.
        let before = tokio::time::Instant::now();
        let turned_away = ask(&front, "/slow").await;
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(turned_away.headers()[header::RETRY_AFTER], "1");
        assert_eq!(ask(&front, "/health").await.status(), StatusCode::OK);
        assert_eq!(tokio::time::Instant::now(), before);
        assert_eq!(begun.load(Ordering::Relaxed), MOST_AT_ONCE);
        // Those that are never answered make room when their time is over.
        for request in under_way {
            assert_eq!(request.await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_counted() {
        let state = state();
        let router = Router::new().route("/broken", get(broken));
        let router = wrap(router.with_state(Arc::clone(&state)), &state);
        let answer = ask(&Front::public(router, &state), "/broken").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let metrics = crate::http::metrics::metrics(State(state)).await;
        let metrics = axum::body::to_bytes(metrics.into_body(), 1 << 20).await.unwrap();
        let metrics = String::from_utf8(metrics.to_vec()).unwrap();
        assert!(metrics.contains("crypto_app_panics_total 1"), "{metrics}");
        assert!(metrics.contains(r#"endpoint="/broken",status="500""#), "{metrics}");
    }
}
