//! `GET /fn/latest`: the server function that refreshes an open page.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::context::provide_context;
use serde::Serialize;

use super::{current_rates::CurrentRates, problem::Problem, query::Query};
use crate::{
    cache::{Cacheable, Caching, Representation},
    rates::LatestRequest,
    state::AppState,
};

/// A question that can't be read, as that of a page of another release may be. The problem names the build of
/// this server, so that the page reloads itself.
#[derive(Serialize)]
struct UnreadableQuestion {
    #[serde(flatten)]
    problem: Problem,
    build: String,
}

impl IntoResponse for UnreadableQuestion {
    fn into_response(self) -> Response {
        // A problem as any other, but for the body.
        let (mut parts, _) = self.problem.clone().into_response().into_parts();
        parts.extensions.remove::<Problem>();
        Response::from_parts(parts, axum::Json(self).into_response().into_body())
    }
}

/// Calls the server function with the state in its context, and compresses its answer.
///
/// The answer contains the server's time in seconds, so all requests within a second share one body. Anything
/// that would make Leptos answer with hints for developers, with 500 or with a redirect to the Referer is
/// rejected or removed first.
pub async fn latest(
    State(state): State<Arc<AppState>>,
    question: Result<Query<LatestRequest>, Problem>,
    mut request: Request,
) -> Response {
    if let Err(problem) = question {
        let problem = problem.below(state.config.base_path.as_str());
        return UnreadableQuestion { problem, build: state.build() }.into_response();
    }
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
