//! What the browser may call on the server.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default: a page that
//! was left open over a roll-out goes on working until it has reloaded itself.

#![allow(clippy::unused_async, reason = "server functions are, and this one never waits")]

use leptos::{
    prelude::*,
    server_fn::{codec::GetUrl, codec::JsonEncoding, error::FromServerFnError},
};
use serde::{Deserialize, Serialize};

use crate::app::latest::Latest;

/// Why the browser got no answer. Says nothing about the server's insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LatestError {
    #[error("the server has no rates yet")]
    NoRatesYet,
    #[error("the server can't be reached")]
    Unreachable,
    #[error("the server did not understand the page")]
    Failed,
}

impl FromServerFnError for LatestError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            _ => Self::Failed,
        }
    }
}

/// The current rates; without the snapshot if the caller `have`s it already.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl)]
pub async fn latest(have: Option<String>) -> Result<Latest, LatestError> {
    use std::sync::Arc;

    use crate::server::{Service, page};

    let service: Arc<Service> = use_context().ok_or(LatestError::Failed)?;
    let mut latest = page::latest(&service);
    let Some(snapshot) = &latest.snapshot else {
        page::answer_no_rates_yet(&service);
        return Err(LatestError::NoRatesYet);
    };
    if have.is_some_and(|id| id == snapshot.id().as_str()) {
        latest.snapshot = None;
    }
    Ok(latest)
}

/// Calls [`latest`] from the browser, by `fetch`.
///
/// Called there, `latest` does the same, but with code for every way in which a server function can
/// be called and can fail: 5 KB of the download.
#[cfg(feature = "hydrate")]
pub async fn ask(have: Option<String>) -> Result<Latest, LatestError> {
    use js_sys::futures::JsFuture;
    use leptos::server_fn::ServerFn;
    use wasm_bindgen::JsCast;
    use web_sys::Response;

    use crate::query;

    let query = query::write(have.as_deref().map(|have| ("have", have)));
    let address = [GetLatest::PATH, "?", &query].concat();
    let window = web_sys::window().ok_or(LatestError::Failed)?;
    let answer = JsFuture::from(window.fetch_with_str(&address)).await;
    let answer: Response = answer.or(Err(LatestError::Unreachable))?.unchecked_into();
    let body = answer.text().or(Err(LatestError::Failed))?;
    let body = JsFuture::from(body).await.or(Err(LatestError::Unreachable))?;
    let body = body.as_string().ok_or(LatestError::Failed)?;
    // From bytes, as `app::hydrate` reads the page's own rates: one copy of the parser.
    if answer.ok() {
        serde_json::from_slice(body.as_bytes()).or(Err(LatestError::Failed))
    } else {
        Err(serde_json::from_slice(body.as_bytes()).unwrap_or(LatestError::Failed))
    }
}
