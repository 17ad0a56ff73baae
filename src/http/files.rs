//! The files of the site.

use axum::{
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::problem::{Problem, truncated};
use crate::{assets::Assets, cache::Caching};

/// Responds with a file of the site. Returns `None` if there is no such file.
pub fn answer(
    assets: &Assets,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<Response> {
    let file = assets.get(uri.path())?;
    if method != Method::GET && method != Method::HEAD {
        let problem = Problem::method_not_allowed(&truncated(method.as_str()));
        return Some(([(header::ALLOW, "GET,HEAD")], problem).into_response());
    }
    // Names below /pkg/ carry a hash of the content.
    let hashed = uri.path().starts_with("/pkg/");
    let caching = if hashed { Caching::Immutable } else { Caching::Revalidate };
    Some(file.respond(headers, caching, StatusCode::OK))
}
