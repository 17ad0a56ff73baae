//! What an open page asks its server.

use std::pin::pin;

use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::{
    app::model::Model,
    rates::{Code, Latest, LatestAnswer, LatestRequest, Quotation},
    server_fn::{LatestError, latest},
};

/// Milliseconds that the page waits for an answer. A connection may be dead without the browser knowing.
const TIME_LIMIT: u32 = 15_000;

/// Asks the server, and gives up after [`TIME_LIMIT`].
pub async fn ask(request: LatestRequest) -> Result<LatestAnswer, LatestError> {
    match select(pin!(latest(request)), TimeoutFuture::new(TIME_LIMIT)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(LatestError::Unreachable),
    }
}

/// Returns a direction unless it is the one that the server answers with by itself: the release before knows no other.
fn told(quotation: Quotation) -> Option<Quotation> {
    Some(quotation).filter(|quotation| *quotation != Quotation::default())
}

/// Returns the question that the data of the page would be the answer to.
pub fn answered(model: Model) -> LatestRequest {
    model.latest.with_untracked(|Latest { trends, chart, compared, .. }| LatestRequest {
        have: None,
        base: Some(trends.as_ref().map_or_else(Code::btc, |trends| trends.base.clone())),
        symbol: chart.as_ref().map(|chart| chart.symbol.clone()),
        span: chart.as_ref().map(|chart| chart.span),
        quote: trends.as_ref().and_then(|trends| told(trends.quotation)),
        compare: compared.as_ref().map(|chart| chart.symbol.clone()),
    })
}

/// Returns the question for what the reader looks at.
pub fn question(model: Model) -> LatestRequest {
    model.state.with_untracked(|state| LatestRequest {
        have: None,
        base: Some(state.base.clone()),
        symbol: state.symbol.clone(),
        span: state.symbol.as_ref().map(|_| state.span),
        quote: told(model.quotation()),
        compare: state.symbol.as_ref().and(state.compare.clone()),
    })
}
