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
    Service, api, assets,
    front::{Front, REQUEST_ID},
    health, metrics,
    middleware::{self, Bounds},
    page,
    params::Params,
    problem::Problem,
};
use crate::{
    answers::{Caching, Representation},
    server_fn::GetLatest,
};

/// The public routes.
pub fn public(service: &Arc<Service>) -> Front {
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
    if service.config.metrics_listen.is_none() {
        router = router.route("/metrics", get(metrics::metrics));
    }
    Front::public(finish(router, service), service)
}

/// The routes of the address in `METRICS_ADDR`.
pub fn internal(service: &Arc<Service>) -> Front {
    let router = Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live));
    Front::internal(finish(router.fallback(nothing), service), service)
}

fn api(bounds: &Bounds) -> Router<Arc<Service>> {
    let api = Router::new()
        .route("/api/rates", get(api::rates::rates))
        .route("/api/rates.csv", get(api::rates_csv::rates_csv))
        .route("/api/rates/{code}", get(api::currency::currency))
        .route("/api/convert", get(api::convert::convert))
        .route("/api/history", get(api::history::history))
        .route("/api/sparklines", get(api::sparklines::sparklines))
        .route("/api/stream", get(api::stream::stream))
        .route("/api/openapi.json", get(api::openapi::openapi))
        .route("/api/docs", get(api::docs::docs))
        // Under the layer, so that a preflight's OPTIONS is the layer's.
        .method_not_allowed_fallback(wrong_method);
    // Around the bounds, so that a page of any origin can read when to come back.
    bounds.around(api).layer(any_origin())
}

fn finish(router: Router<Arc<Service>>, service: &Arc<Service>) -> Router {
    let router = router.method_not_allowed_fallback(wrong_method).with_state(Arc::clone(service));
    middleware::wrap(router, service)
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
    State(service): State<Arc<Service>>,
    mut request: Request<Body>,
) -> Response {
    let uri = request.uri();
    if uri.path() != GetLatest::PATH {
        return Problem::not_found(&super::problem::shown(uri.path())).into_response();
    }
    if let Err(problem) = Params::read(uri.query(), &["have", "base", "symbol", "span"]) {
        return problem.into_response();
    }
    *request.method_mut() = Method::GET;
    request.headers_mut().remove(header::ACCEPT);
    request.headers_mut().remove(header::REFERER);
    let headers = request.headers().clone();
    let provide = move || provide_context(Arc::clone(&service));
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
    State(service): State<Arc<Service>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let file = assets::answer(&service, &method, &uri, &headers);
    file.unwrap_or_else(|| page::not_found(&service, uri.path(), &headers))
}

async fn wrong_method(method: Method) -> Problem {
    Problem::method_not_allowed(&super::problem::shown(method.as_str()))
}

async fn nothing(request: Request<Body>) -> Problem {
    Problem::not_found(&super::problem::shown(request.uri().path()))
}
