//! The server function that the browser calls.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default. A page left open over a
//! roll-out works until it has reloaded itself.

use leptos::{
    prelude::*,
    server_fn::{Bytes, codec::GetUrl, codec::JsonEncoding, error::FromServerFnError},
};
use serde::{Deserialize, Serialize};

use crate::rates::{LatestAnswer, LatestRequest, OtherBuild};

/// Error returned when there is no answer for the page. It says nothing about the server's internals.
///
/// The server sends one as a word. Anything else that names a build is read as [`LatestError::OtherBuild`], so
/// that an error of another release need not be known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LatestError {
    #[error("the server has no rates yet")]
    NoRatesYet,
    #[error("the server can't be reached")]
    Unreachable,
    #[error("the server did not understand the page")]
    Failed,
    #[error("the server has another version")]
    #[serde(skip)]
    OtherBuild(OtherBuild),
}

impl FromServerFnError for LatestError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            _ => Self::Failed,
        }
    }

    fn de(answer: Bytes) -> Self {
        let answer = str::from_utf8(&answer).unwrap_or_default();
        serde_json::from_str(answer)
            .or_else(|_| serde_json::from_str(answer).map(Self::OtherBuild))
            .unwrap_or(Self::Failed)
    }
}

/// Returns the current rates, the last day of all of them in the requested base, and the requested chart.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl)]
pub async fn latest(
    #[server(flatten)] request: LatestRequest,
) -> Result<LatestAnswer, LatestError> {
    use std::sync::Arc;

    use crate::{
        history::ChartKey,
        rates::{Code, Latest, Span},
        state::AppState,
    };

    let state: Arc<AppState> = use_context().ok_or(LatestError::Failed)?;
    let LatestRequest { have, base, symbol, span, compare } = request;
    let (base, span) = (base.unwrap_or_else(Code::btc), span.unwrap_or(Span::Day));
    // Chart and rates are of one state, whatever is published meanwhile.
    let published = Arc::clone(&state.published());
    let chart = match symbol {
        Some(symbol) => {
            state.chart(&published, &ChartKey { symbol, base: base.clone(), span }).await
        }
        None => None,
    };
    let compared = match compare {
        Some(symbol) => {
            state.chart(&published, &ChartKey { symbol, base: base.clone(), span }).await
        }
        None => None,
    };
    let now = state.now();
    let mut latest = Latest { chart, compared, ..state.latest(&published, &base, now) };
    let Some(snapshot) = &latest.snapshot else {
        answer_unavailable(published.until_next_refresh(now));
        return Err(LatestError::NoRatesYet);
    };
    if have.is_some_and(|id| id == *snapshot.id()) {
        latest.snapshot = None;
    }
    Ok(LatestAnswer::Latest(Box::new(latest)))
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        rates::Latest,
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
        let request = LatestRequest { symbol: "usd".parse().ok(), ..LatestRequest::default() };
        assert_eq!(latest(request.clone()).await, Err(LatestError::NoRatesYet));
        let refresh = |ago, dollars| {
            let snapshot = with_dollars(now - Duration::from_secs(ago), dollars);
            state.publish(|published| Some(published.refreshed(snapshot, now)));
        };
        refresh(300, 70_000.0);
        // New rates come while the history is read.
        let (answer, ()) = tokio::join!(latest(request), async { refresh(0, 80_000.0) });
        let Ok(LatestAnswer::Latest(latest)) = answer else { panic!("{answer:?}") };
        let Latest { snapshot, chart, .. } = *latest;
        let (snapshot, chart) = (snapshot.unwrap(), chart.unwrap());
        let last = chart.points.last().unwrap();
        assert_eq!(last.time, snapshot.last_updated());
        let dollars = snapshot.get(&chart.symbol).unwrap().value;
        assert_eq!(last.value.to_bits(), dollars.to_bits());
    }

    #[test]
    fn errors_have_a_fixed_form_on_the_wire() {
        for (error, json) in [
            (LatestError::NoRatesYet, r#""NoRatesYet""#),
            (LatestError::Unreachable, r#""Unreachable""#),
            (LatestError::Failed, r#""Failed""#),
        ] {
            assert_eq!(error.ser().as_ref(), json.as_bytes());
            assert_eq!(LatestError::de(json.as_bytes().into()), error);
        }
        // The problem document that a question of another release is answered with.
        let problem = r#"{"type":"x","status":400,"detail":"y","parameter":"z","build":"2"}"#;
        let other = LatestError::OtherBuild(OtherBuild { build: "2".to_owned() });
        assert_eq!(LatestError::de(problem.into()), other);
        // What a proxy answers in place of the server.
        assert_eq!(LatestError::de("<h1>Bad gateway</h1>".into()), LatestError::Failed);
        assert_eq!(LatestError::de(r#"{"status":503}"#.into()), LatestError::Failed);
    }
}
