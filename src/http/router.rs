//! The routes. Each route of the API is declared once, together with its description.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{OriginalUri, RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::{Redirect, Response},
    routing::get,
};
use leptos::server_fn::ServerFn;
use tower_http::{cors::CorsLayer, set_header::SetResponseHeaderLayer};
use utoipa::{OpenApi, openapi};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{self, openapi::ApiDocument},
    files, health, latest, metrics,
    middleware::{self, Bounds, HttpService, REQUEST_ID},
    negotiation,
    pages::{docs, not_found::not_found, page},
    problem::{Problem, truncated},
};
use crate::{cache::ResponseCacheLayer, server_fn::GetLatest, state::AppState};

type AppRouter = Router<Arc<AppState>>;

/// Returns the service of the public routes.
pub fn public(state: &Arc<AppState>) -> impl HttpService + use<> {
    let pages = Router::new()
        .route("/", get(page::rates))
        .route(GetLatest::PATH, get(latest::latest).layer(no_store()))
        .route("/pkg/{file}", get(file_or_not_found))
        .fallback(file_or_not_found);
    let (api, health, mut document) = described();
    let base_path = state.config.base_path.as_str();
    if !base_path.is_empty() {
        document.servers = Some(vec![openapi::Server::new(base_path)]);
    }
    let bounds = Bounds::default();
    let mut router = bounds
        .around(pages)
        // CORS is outside the bounds, so that pages of any origin can read a rejection's Retry-After.
        .merge(bounds.around(api.layer(Extension(ApiDocument::new(document)))).layer(any_origin()))
        .merge(health);
    if state.config.metrics_addr.is_none() {
        router = router.route("/metrics", get(metrics::metrics));
    }
    let cache = ResponseCacheLayer { current: Arc::clone(state), variant: negotiation::variant };
    middleware::layers(finish(below(base_path, router), state), state, Some(cache))
}

/// Moves all routes below the base path. Outside there is nothing.
fn below(base_path: &str, router: AppRouter) -> AppRouter {
    if base_path.is_empty() {
        return router;
    }
    let page = format!("{base_path}/");
    let to_page = page.clone();
    let redirect = |RawQuery(query): RawQuery| async move {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Redirect::permanent(&format!("{to_page}{query}"))
    };
    // Nested at `/rates/`, because a page at `/rates` would look for its files beside that.
    Router::new().route(base_path, get(redirect)).nest(&page, router).fallback(nothing)
}

/// Returns the service for the address in `METRICS_ADDR`.
pub fn internal(state: &Arc<AppState>) -> impl HttpService + use<> {
    let router = Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live))
        .fallback(nothing);
    middleware::layers(finish(router, state), state, None)
}

/// Returns the OpenAPI document of the public routes.
pub fn openapi() -> openapi::OpenApi {
    described().2
}

/// Returns the routes of the API, those of the probes, and the document that describes both.
fn described() -> (AppRouter, AppRouter, openapi::OpenApi) {
    let (api, mut document) = OpenApiRouter::with_openapi(api::openapi::About::openapi())
        .routes(routes!(api::rates::rates))
        .routes(routes!(api::currency::currency))
        .routes(routes!(api::convert::convert))
        .routes(routes!(api::history::history))
        .routes(routes!(api::sparklines::sparklines))
        .routes(routes!(api::stream::stream))
        .routes(routes!(api::rates_csv::rates_csv))
        .routes(routes!(api::openapi::openapi))
        .route("/api/docs", get(docs::docs))
        .split_for_parts();
    let (health, of_health) = OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .split_for_parts();
    document.merge(of_health);
    // Inside the CORS layer, which answers the OPTIONS requests of preflights itself.
    (api.method_not_allowed_fallback(wrong_method), health, document)
}

fn finish(router: AppRouter, state: &Arc<AppState>) -> Router {
    let router = router.method_not_allowed_fallback(wrong_method).with_state(Arc::clone(state));
    middleware::around_handlers(router, state)
}

/// The rates are public: a page of any origin may read them, without credentials.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(tower_http::cors::Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([header::IF_NONE_MATCH, header::ACCEPT])
        .expose_headers([header::ETAG, header::AGE, header::RETRY_AFTER, REQUEST_ID])
        .max_age(std::time::Duration::from_secs(86_400))
}

fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    let no_store = HeaderValue::from_static("no-store");
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store)
}

/// Responds with a file of the site, or with the not-found page.
async fn file_or_not_found(
    State(state): State<Arc<AppState>>,
    method: Method,
    OriginalUri(asked): OriginalUri,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let file = files::answer(&state.assets, &method, &uri, &headers);
    file.unwrap_or_else(|| not_found(&state.assets, &asked, uri.path(), &headers))
}

async fn wrong_method(method: Method) -> Problem {
    Problem::method_not_allowed(&truncated(method.as_str()))
}

async fn nothing(State(state): State<Arc<AppState>>, uri: Uri, headers: HeaderMap) -> Response {
    not_found(&state.assets, &uri, uri.path(), &headers)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use axum::{
        body::Body,
        extract::Request,
        http::{Response, StatusCode},
    };
    use tower::ServiceExt;

    use super::*;
    use crate::{
        cache::{ContentCoding, RequestKey},
        config::Config,
        rates::{CacheStatus, Snapshot, SourceName, Timestamp},
        sources::sample,
    };

    async fn ask(service: &impl HttpService, request: Request) -> Response<Body> {
        match service.clone().oneshot(request).await {
            Ok(response) => response.map(Body::new),
            Err(never) => match never {},
        }
    }

    fn state_at(now: &Arc<AtomicU64>) -> Arc<AppState> {
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
        let state = state_at(&now);
        let service = public(&state);
        let kept = |target: &str| {
            let (status, coding) = (CacheStatus::Fresh, ContentCoding::Identity);
            let variant = if target.starts_with("/?") { "en" } else { "" };
            state
                .published()
                .responses()
                .get(&RequestKey { status, coding, variant, target })
                .is_some()
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
            ask(&service, request.body(Body::empty()).unwrap()).await;
            assert_eq!(kept(path), keeps, "{method} {path} {known}");
        }
        // The internal listener does not answer from the cache.
        let request = Request::builder().uri("/api/rates").body(Body::empty()).unwrap();
        let answer = ask(&internal(&state), request).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_ready_answer_tells_the_present_age_and_status() {
        let begin = sample::TAKEN.unix_seconds();
        let now = Arc::new(AtomicU64::new(begin));
        let service = public(&state_at(&now));
        for (passed, status) in [(0, "fresh"), (7, "fresh"), (301, "cached"), (900, "stale")] {
            now.store(begin + passed, Ordering::Relaxed);
            for _ in 0..2 {
                let request = Request::builder().uri("/api/rates").body(Body::empty()).unwrap();
                let response = ask(&service, request).await;
                assert_eq!(response.headers()["age"], passed.to_string());
                let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
                let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
                assert_eq!(body["cache_status"], status);
            }
        }
    }

    #[tokio::test]
    async fn all_who_refresh_within_a_second_share_one_answer_with_its_time() {
        let _ = any_spawner::Executor::init_tokio();
        let begin = sample::TAKEN.unix_seconds();
        let now = Arc::new(AtomicU64::new(begin));
        let state = state_at(&now);
        let service = public(&state);
        let cached = || {
            let (status, coding) = (CacheStatus::Fresh, ContentCoding::Identity);
            let variant = "";
            let target = "/fn/latest?base=eur";
            state.published().responses().get(&RequestKey { status, coding, variant, target })
        };
        let mut before = None;
        for (passed, made_anew) in [(0, true), (0, false), (1, true), (7, true)] {
            now.store(begin + passed, Ordering::Relaxed);
            let request = Request::builder().uri("/fn/latest?base=eur").body(Body::empty());
            let response = ask(&service, request.unwrap()).await;
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["server_time"], begin + passed);
            let cached = cached().unwrap();
            let same = before.as_ref().is_some_and(|before| Arc::ptr_eq(before, &cached));
            assert_eq!(!same, made_anew, "after {passed} s");
            before = Some(cached);
        }
    }
}
