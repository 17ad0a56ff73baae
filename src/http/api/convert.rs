//! `GET /api/convert`: an amount of one currency in another.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CurrentRates, json};
use crate::{
    http::params::Params,
    http::problem::{Problem, truncated},
    rates::Code,
    state::AppState,
};

/// The largest amount; the largest value known, times this, is far from what a double can hold.
const MOST: f64 = 1e15;

/// A conversion at the rates of one snapshot.
#[derive(Serialize, ToSchema)]
pub struct ConvertAnswer<'a> {
    #[schema(example = "eur")]
    from: &'a str,
    #[schema(example = "usd")]
    to: &'a str,
    #[schema(example = 250.0)]
    amount: f64,
    /// Units of `to` for one unit of `from`.
    rate: f64,
    /// Units of `to` for `amount` units of `from`.
    result: f64,
    /// How far the source's rounding may have moved `result`, in units of `to`.
    error: f64,
    /// When the source's answer arrived; RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_updated: String,
    data_source: &'static str,
    #[schema(example = "fresh")]
    cache_status: &'static str,
    snapshot_id: &'a str,
}

/// An amount of one currency in another.
#[utoipa::path(
    get,
    path = "/api/convert",
    tag = "rates",
    params(
        ("from" = String, Query, description = "Code of the currency to convert from", example = "eur"),
        ("to" = String, Query, description = "Code of the currency to convert to", example = "usd"),
        ("amount" = Option<f64>, Query, description = "How much of `from`: from 0 to 1e15; 1 if not given", example = 250.0),
    ),
    responses(
        (status = 200, description = "The conversion", body = ConvertAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is missing, wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn convert(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reading = CurrentRates::of(&state)?;
    let snapshot = &*reading.snapshot;
    let mut params = Params::read(query.as_deref(), &["from", "to", "amount"])?;
    let mut required = |name| {
        let code = params.currency(name, snapshot)?;
        code.ok_or_else(|| Problem::parameter(name, "is missing"))
    };
    let (from, to): (Code, Code) = (required("from")?, required("to")?);
    let amount = match params.take("amount") {
        None => 1.0,
        Some(text) => amount(&text)?,
    };
    let known = snapshot.per(&from).zip(snapshot.get(&to));
    let (per, rate) = known.ok_or_else(Problem::internal)?;
    let quote = per.quote(rate);
    let converted = quote.times(amount);
    let (origin, status) = reading.origin(per.held(rate));
    let answer = ConvertAnswer {
        from: from.as_str(),
        to: to.as_str(),
        amount,
        rate: quote.value,
        result: converted.value,
        error: converted.error,
        last_updated: origin.time.to_string(),
        data_source: origin.source.as_str(),
        cache_status: status.as_str(),
        snapshot_id: snapshot.id().as_str(),
    };
    // Not kept with the board: amounts are as many as there are callers.
    let answer = Arc::new(json(&answer)?.of(snapshot));
    Ok(answer.respond(&headers, reading.caching(), StatusCode::OK))
}

fn amount(text: &str) -> Result<f64, Problem> {
    // Zero added turns -0 into 0.
    let amount = text.parse().map(|amount: f64| amount + 0.0).ok();
    let amount = amount.filter(|amount| (0.0..=MOST).contains(amount));
    amount.ok_or_else(|| {
        let why = format!("“{}” is not a number from 0 to {MOST:e}", truncated(text));
        Problem::parameter("amount", why)
    })
}
