//! The answer to an unknown path.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::document::{HTML, Script, document};
use crate::{
    assets::Assets,
    http::problem::{Problem, truncated},
};

/// Responds to an unknown path: with a page for a browser, with a problem for a program.
pub fn not_found(assets: &Assets, path: &str, headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let program = path.starts_with("/api/") || path.starts_with("/fn/");
    if program || !accept.is_some_and(|accept| accept.contains("text/html")) {
        let problem = Problem::not_found(&truncated(path));
        // As for the API's own answers, pages of any origin may read the reason.
        let any_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        return if path.starts_with("/api/") {
            (any_origin, problem).into_response()
        } else {
            problem.into_response()
        };
    }
    let html = document(assets, "Not found – Crypto Rates", Script::None, || {
        view! {
            <header class="masthead">
                <div class="container masthead-row">
                    <a class="brand" href="/">"Crypto Rates"</a>
                </div>
            </header>
            <main class="container lost">
                <h1>"There is nothing here"</h1>
                <p>"The address leads nowhere. "<a href="/">"See the rates"</a>"."</p>
            </main>
        }
    });
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, html).into_response()
}
