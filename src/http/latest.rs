//! `GET /fn/latest`: the server function that refreshes an open page.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::context::provide_context;
use serde::Deserialize;

use super::{
    current_rates::CurrentRates,
    problem::Problem,
    query::{Query, optional},
};
use crate::{
    cache::{Cacheable, Caching, Representation},
    state::AppState,
};

/// The arguments of the server function, which parses their values itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the server function")]
pub struct LatestQuery {
    #[serde(default, deserialize_with = "optional")]
    have: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    base: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    symbol: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    span: Option<String>,
}

/// Calls the server function with the state in its context, and compresses its answer.
///
/// The answer contains the server's time in seconds, so all requests within a second share one body. Anything
/// that would make Leptos answer with hints for developers, with 500 or with a redirect to the Referer is
/// rejected or removed first.
pub async fn latest(
    State(state): State<Arc<AppState>>,
    Query(_): Query<LatestQuery>,
    mut request: Request,
) -> Response {
    // Read before the function runs, whose answer is then made from this snapshot or a later one.
    let (current, now) = (CurrentRates::now(&state), state.now());
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
    let Ok(json) = axum::body::to_bytes(body, usize::MAX).await else {
        return Problem::internal().into_response();
    };
    let body = Arc::new(Representation::new("application/json", json));
    let mut response = body.respond(&headers, Caching::Revalidate, parts.status);
    if let Ok(current) = current {
        response.extensions_mut().insert(Cacheable {
            cache: Arc::clone(current.published.responses()),
            status: current.status,
            body,
            fresh_until: Some(now + std::time::Duration::from_secs(1)),
        });
    }
    response
}
