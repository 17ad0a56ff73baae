//! The answer to an unknown path.

use axum::{
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::document::{HTML, Head, Script, document};
use crate::{
    app::{state::PageState, texts::Texts},
    assets::Assets,
    http::{
        negotiation,
        problem::{Problem, truncated},
    },
};

/// Responds to an unknown path: with a page for a browser, with a problem for a program. `path` is that of
/// `asked` without the base path.
pub fn not_found(assets: &Assets, asked: &Uri, path: &str, headers: &HeaderMap) -> Response {
    let base_path = &assets.base_path;
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let program = path.starts_with("/api/") || path.starts_with("/fn/");
    if program || !accept.is_some_and(|accept| accept.contains("text/html")) {
        let problem =
            Problem::not_found(&truncated(asked.path()), &format!("{base_path}/api/docs"));
        // As for the API's own answers, pages of any origin may read the reason.
        let any_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        return if path.starts_with("/api/") {
            (any_origin, problem).into_response()
        } else {
            problem.into_response()
        };
    }
    let home = format!("{base_path}/");
    let (PageState { language, .. }, _) = PageState::read(asked.query().unwrap_or_default());
    let texts = Texts::of(language.unwrap_or_else(|| negotiation::negotiated(headers)));
    let title = format!("{} – Crypto Rates", texts.get("not-found-title"));
    let head = Head { texts, title: &title, script: Script::None, refresh: None };
    let html = document(assets, head, || {
        view! {
            <header class="masthead">
                <div class="container masthead-row">
                    <a class="brand" href=home.clone()>"Crypto Rates"</a>
                </div>
            </header>
            <main class="container lost">
                <h1>{texts.get("not-found")}</h1>
                <p>{texts.get("not-found-why")} " " <a href=home>{texts.get("not-found-link")}</a></p>
            </main>
        }
    });
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, "no-store")];
    let response = (StatusCode::NOT_FOUND, headers, html).into_response();
    negotiation::of_language(response, texts.language(), language.is_none())
}
