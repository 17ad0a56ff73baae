//! The server function that the browser calls.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default. A page left open over a
//! roll-out works until it has reloaded itself.

use leptos::{
    prelude::*,
    server_fn::{codec::GetUrl, codec::JsonEncoding, error::FromServerFnError},
};
use serde::{Deserialize, Serialize};

use crate::rates::Latest;
#[cfg(feature = "hydrate")]
use crate::rates::LatestRequest;

/// Error returned when there is no answer for the page. It says nothing about the server's internals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LatestError {
    #[error("the server has no rates yet")]
    NoRatesYet,
    #[error("the server can't be reached")]
    Unreachable,
    #[error("the server did not understand the page")]
    Failed,
    /// The answer is in a form that the page can't read.
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

/// Returns the current rates in `base`, the last day of all of them, and the chart of `symbol` over `span`.
/// The snapshot is left out if its id is `have`. An invalid code or span counts as not given.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl)]
pub async fn latest(
    have: Option<String>,
    base: Option<String>,
    symbol: Option<String>,
    span: Option<String>,
) -> Result<Latest, LatestError> {
    use std::sync::Arc;

    use crate::{
        history::ChartKey,
        rates::{Code, Span},
        state::AppState,
    };

    let state: Arc<AppState> = use_context().ok_or(LatestError::Failed)?;
    let base = base.and_then(|base| base.parse().ok()).unwrap_or_else(Code::btc);
    let span = span.and_then(|span| span.parse().ok()).unwrap_or(Span::Day);
    // Chart and rates are of one state, whatever is published meanwhile.
    let published = Arc::clone(&state.published());
    let chart = match symbol.and_then(|symbol| symbol.parse().ok()) {
        Some(symbol) => {
            state.chart(&published, &ChartKey { symbol, base: base.clone(), span }).await
        }
        None => None,
    };
    let now = state.now();
    let mut latest = Latest { chart, ..state.latest(&published, &base, now) };
    let Some(snapshot) = &latest.snapshot else {
        answer_unavailable(published.until_next_refresh(now));
        return Err(LatestError::NoRatesYet);
    };
    if have.is_some_and(|id| id == snapshot.id().as_str()) {
        latest.snapshot = None;
    }
    Ok(latest)
}

/// Sets the status and Retry-After of an answer without rates.
#[cfg(feature = "ssr")]
fn answer_unavailable(until_next_refresh: std::time::Duration) {
    use axum::http::{StatusCode, header};

    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        response.insert_header(header::RETRY_AFTER, until_next_refresh.as_secs().max(1).into());
    }
}

/// Milliseconds that the browser waits for an answer. A connection may be dead without the browser knowing.
#[cfg(feature = "hydrate")]
const TIME_LIMIT: u32 = 15_000;

/// Calls [`latest`] from the browser, by `fetch`.
///
/// It does what `latest` would do there, without its code for every way to call a server function and to
/// fail. That saves 5 KB of the download.
///
/// A call that is not fully answered after [`TIME_LIMIT`] is aborted.
#[cfg(feature = "hydrate")]
pub async fn ask(have: Option<String>, request: LatestRequest) -> Result<Latest, LatestError> {
    use gloo_timers::callback::Timeout;
    use js_sys::futures::JsFuture;
    use leptos::server_fn::ServerFn;
    use wasm_bindgen::JsCast;
    use web_sys::{AbortController, RequestInit, Response};

    use crate::{query, rates::Json};

    let mut pairs = vec![("base", request.base.as_str())];
    pairs.extend(have.as_deref().map(|have| ("have", have)));
    if let Some((symbol, span)) = &request.chart {
        pairs.extend([("symbol", symbol.as_str()), ("span", span.as_str())]);
    }
    let query = query::write(pairs);
    let address = [GetLatest::PATH, "?", &query].concat();
    let window = web_sys::window().ok_or(LatestError::Failed)?;
    let controller = AbortController::new().or(Err(LatestError::Failed))?;
    let options = RequestInit::new();
    options.set_signal(Some(&controller.signal()));
    // Cancelled when it is dropped, once the whole answer is there.
    let _time_limit = Timeout::new(TIME_LIMIT, move || controller.abort());
    let answer = JsFuture::from(window.fetch_with_str_and_init(&address, &options)).await;
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
    // An error is serialized as one word.
    match body.as_string().as_deref() {
        Some("NoRatesYet") => Err(LatestError::NoRatesYet),
        _ => Err(LatestError::Failed),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        sources::sample,
        test_support::{self, with_dollars},
    };

    #[tokio::test]
    async fn chart_and_rates_are_of_one_state() {
        let now = sample::TAKEN;
        let state = test_support::state(Arc::new(move || now));
        let owner = Owner::new();
        owner.set();
        provide_context(Arc::clone(&state));
        let ask = || latest(None, None, Some("usd".to_owned()), None);
        assert_eq!(ask().await, Err(LatestError::NoRatesYet));
        let refresh = |ago, dollars| {
            let snapshot = with_dollars(now - Duration::from_secs(ago), dollars);
            state.publish(|published| Some(published.refreshed(snapshot, now)));
        };
        refresh(300, 70_000.0);
        // New rates come while the history is read.
        let (latest, ()) = tokio::join!(ask(), async { refresh(0, 80_000.0) });
        let Latest { snapshot, chart, .. } = latest.unwrap();
        let (snapshot, chart) = (snapshot.unwrap(), chart.unwrap());
        let last = chart.points.last().unwrap();
        assert_eq!(last.time, snapshot.last_updated());
        let dollars = snapshot.get(&chart.symbol).unwrap().value;
        assert_eq!(last.value.to_bits(), dollars.to_bits());
    }
}
