//! The server function that the browser calls.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default. A page left open over a
//! roll-out works until it has reloaded itself.

use leptos::{
    prelude::*,
    server_fn::{
        Bytes, ContentType, Decodes, Encodes, Format, FormatType,
        codec::{GetUrl, JsonEncoding, Post},
        error::FromServerFnError,
    },
};
use serde::{Deserialize, Serialize};

use crate::rates::{LatestAnswer, LatestRequest, OtherBuild, UnreadableAnswer};

/// The encoding of the answer: JSON, of this build or another.
///
/// [`JsonEncoding`] reads bytes, and its error says where they are wrong. The page reads texts as well, and tells
/// nobody: reading in one way, without words for errors, makes 0.5 KB of the download less.
pub struct AnswerJson;

impl ContentType for AnswerJson {
    const CONTENT_TYPE: &'static str = JsonEncoding::CONTENT_TYPE;
}

impl FormatType for AnswerJson {
    const FORMAT_TYPE: Format = JsonEncoding::FORMAT_TYPE;
}

impl Encodes<LatestAnswer> for AnswerJson {
    type Error = serde_json::Error;

    fn encode(answer: &LatestAnswer) -> Result<Bytes, serde_json::Error> {
        JsonEncoding::encode(answer)
    }
}

impl Decodes<LatestAnswer> for AnswerJson {
    type Error = UnreadableAnswer;

    fn decode(bytes: Bytes) -> Result<LatestAnswer, UnreadableAnswer> {
        str::from_utf8(&bytes).map_err(|_| UnreadableAnswer)?.parse()
    }
}

/// Error returned when there is no answer for the page. It says nothing about the server's internals.
///
/// The server sends one as a word. Anything else that names a build is read as [`LatestError::OtherBuild`], so
/// that an error of another release need not be known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "String")]
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

/// For serde, whose own code would be 0.4 KB more to download.
impl TryFrom<String> for LatestError {
    type Error = UnreadableAnswer;

    fn try_from(word: String) -> Result<Self, UnreadableAnswer> {
        match &*word {
            "NoRatesYet" => Ok(Self::NoRatesYet),
            "Unreachable" => Ok(Self::Unreachable),
            "Failed" => Ok(Self::Failed),
            _ => Err(UnreadableAnswer),
        }
    }
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

/// Returns the current rates, the last day of all of them in the requested base, and the requested charts.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl, output = Post<AnswerJson>)]
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
    let LatestRequest { have, base, quote, symbol, span, compare } = request;
    let (base, span) = (base.unwrap_or_else(Code::btc), span.unwrap_or(Span::Day));
    let quotation = quote.unwrap_or_default();
    // Charts and rates are of one state, whatever is published meanwhile.
    let published = Arc::clone(&state.published());
    let key = |symbol| ChartKey { symbol, base: base.clone(), quotation, span };
    let keys = [symbol.map(key), compare.map(key)];
    let [chart, compared] = state.charts(&published, &keys).await;
    let now = state.now();
    let latest = state.latest(&published, &base, quotation, now);
    let mut latest = Latest { chart, compared, ..latest };
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
