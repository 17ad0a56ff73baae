//! Which path leads where.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{context::provide_context, server_fn::ServerFn};
use tower_http::{cors::CorsLayer, set_header::SetResponseHeaderLayer};

use super::{
    api, files,
    front::{Front, REQUEST_ID},
    health, metrics,
    middleware::{self, Bounds},
    pages::{docs, not_found::not_found, page},
    params::Params,
    problem::{Problem, truncated},
};
use crate::{
    cache::{Caching, Representation},
    server_fn::GetLatest,
    state::AppState,
};

/// The public routes.
pub fn public(state: &Arc<AppState>) -> Front {
    let mut router = Router::new()
        .route("/", get(page::rates))
        .route("/fn/{function}", get(server_function).layer(never_kept()))
        .route("/pkg/{file}", get(file_or_nothing))
        .fallback(file_or_nothing);
    let bounds = Bounds::default();
    router = bounds
        .around(router)
        .merge(api(&bounds))
        .route("/health", get(health::health))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready));
    if state.config.metrics_listen.is_none() {
        router = router.route("/metrics", get(metrics::metrics));
    }
    Front::public(finish(router, state), state)
}

/// The routes of the address in `METRICS_ADDR`.
pub fn internal(state: &Arc<AppState>) -> Front {
    let router = Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live));
    Front::internal(finish(router.fallback(nothing), state), state)
}

fn api(bounds: &Bounds) -> Router<Arc<AppState>> {
    let api = Router::new()
        .route("/api/rates", get(api::rates::rates))
        .route("/api/rates.csv", get(api::rates_csv::rates_csv))
        .route("/api/rates/{code}", get(api::currency::currency))
        .route("/api/convert", get(api::convert::convert))
        .route("/api/history", get(api::history::history))
        .route("/api/sparklines", get(api::sparklines::sparklines))
        .route("/api/stream", get(api::stream::stream))
        .route("/api/openapi.json", get(api::openapi::openapi))
        .route("/api/docs", get(docs::docs))
        // Under the layer, so that a preflight's OPTIONS is the layer's.
        .method_not_allowed_fallback(wrong_method);
    // Around the bounds, so that a page of any origin can read when to come back.
    bounds.around(api).layer(any_origin())
}

fn finish(router: Router<Arc<AppState>>, state: &Arc<AppState>) -> Router {
    let router = router.method_not_allowed_fallback(wrong_method).with_state(Arc::clone(state));
    middleware::wrap(router, state)
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

fn never_kept() -> SetResponseHeaderLayer<HeaderValue> {
    let no_store = HeaderValue::from_static("no-store");
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store)
}

/// The server functions, each with the service in its context.
///
/// What Leptos would answer with hints for developers, with 500 or with a redirect to the Referer
/// is refused before it, or kept from it.
async fn server_function(
    State(state): State<Arc<AppState>>,
    mut request: Request<Body>,
) -> Response {
    let uri = request.uri();
    if uri.path() != GetLatest::PATH {
        return Problem::not_found(&truncated(uri.path())).into_response();
    }
    if let Err(problem) = Params::read(uri.query(), &["have", "base", "symbol", "span"]) {
        return problem.into_response();
    }
    *request.method_mut() = Method::GET;
    request.headers_mut().remove(header::ACCEPT);
    request.headers_mut().remove(header::REFERER);
    let headers = request.headers().clone();
    let provide = move || provide_context(Arc::clone(&state));
    let answer = leptos_axum::handle_server_fns_with_context(provide, request).await;
    let (parts, body) = answer.into_response().into_parts();
    if parts.status != StatusCode::OK {
        return Response::from_parts(parts, body);
    }
    // Rates and lines are large enough to be packed.
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(json) => {
            let answer = Arc::new(Representation::new("application/json", json));
            answer.respond(&headers, Caching::Revalidate, parts.status)
        }
        Err(_) => Problem::internal().into_response(),
    }
}

/// A file of the site, or the page that says there is none.
async fn file_or_nothing(
    State(state): State<Arc<AppState>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let file = files::answer(&state.assets, &method, &uri, &headers);
    file.unwrap_or_else(|| not_found(&state.assets, uri.path(), &headers))
}

async fn wrong_method(method: Method) -> Problem {
    Problem::method_not_allowed(&truncated(method.as_str()))
}

async fn nothing(request: Request<Body>) -> Problem {
    Problem::not_found(&truncated(request.uri().path()))
}
