//! What the browser may call on the server.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default: a page that
//! was left open over a roll-out goes on working until it has reloaded itself.

use leptos::{
    prelude::*,
    server_fn::{codec::GetUrl, codec::JsonEncoding, error::FromServerFnError},
};
use serde::{Deserialize, Serialize};

use crate::rates::{Code, Latest, LatestRequest, Span};

/// Why the browser got no answer. Says nothing about the server's insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LatestError {
    #[error("the server has no rates yet")]
    NoRatesYet,
    #[error("the server can't be reached")]
    Unreachable,
    #[error("the server did not understand the page")]
    Failed,
    /// It answers in a way that the page can't read.
    #[error("the server has another version")]
    OtherBuild(String),
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

/// The current rates, without the snapshot if the caller `have`s it already; the last day of all of
/// them, and the chart of `symbol` over `span`, per `base`. What is no code and no span is as not given.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl)]
pub async fn latest(
    have: Option<String>,
    base: Option<String>,
    symbol: Option<String>,
    span: Option<String>,
) -> Result<Latest, LatestError> {
    use std::sync::Arc;

    use crate::{http::pages::page, state::AppState};

    let state: Arc<AppState> = use_context().ok_or(LatestError::Failed)?;
    let base = base.and_then(|base| base.parse().ok()).unwrap_or_else(Code::btc);
    let span = span.and_then(|span| span.parse().ok()).unwrap_or(Span::Day);
    let symbol = symbol.and_then(|symbol| symbol.parse().ok());
    let wanted = LatestRequest { base, chart: symbol.map(|symbol| (symbol, span)) };
    let mut latest = page::latest(&state, &wanted).await;
    let Some(snapshot) = &latest.snapshot else {
        page::answer_no_rates_yet(&state);
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
pub async fn ask(have: Option<String>, wanted: LatestRequest) -> Result<Latest, LatestError> {
    use js_sys::futures::JsFuture;
    use leptos::server_fn::ServerFn;
    use wasm_bindgen::JsCast;
    use web_sys::Response;

    use crate::{query, rates::Json};

    let mut pairs = vec![("base", wanted.base.as_str())];
    pairs.extend(have.as_deref().map(|have| ("have", have)));
    if let Some((symbol, span)) = &wanted.chart {
        pairs.extend([("symbol", symbol.as_str()), ("span", span.as_str())]);
    }
    let query = query::write(pairs);
    let address = [GetLatest::PATH, "?", &query].concat();
    let window = web_sys::window().ok_or(LatestError::Failed)?;
    let answer = JsFuture::from(window.fetch_with_str(&address)).await;
    let answer: Response = answer.or(Err(LatestError::Unreachable))?.unchecked_into();
    let body = answer.text().or(Err(LatestError::Failed))?;
    let body = JsFuture::from(body).await.or(Err(LatestError::Unreachable))?;
    let body = body.as_string().ok_or(LatestError::Failed)?;
    let body = js_sys::JSON::parse(&body).or(Err(LatestError::Failed))?;
    if answer.ok() {
        return Latest::read(&body).ok_or_else(|| {
            let build = body.get("build").and_then(|build| build.text());
            build.map_or(LatestError::Failed, LatestError::OtherBuild)
        });
    }
    // An error is one word.
    match body.as_string().as_deref() {
        Some("NoRatesYet") => Err(LatestError::NoRatesYet),
        _ => Err(LatestError::Failed),
    }
}
