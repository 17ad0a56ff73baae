//! `GET /api/convert`: an amount of one currency in another.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    http::{
        current_rates::CurrentRates,
        problem::{Problem, truncated},
        query::{Parameter, Query, optional, required},
    },
    rates::Code,
};

/// The largest amount. Even the largest known value times this is far from overflowing a double.
const MOST: f64 = 1e15;

/// The query of `/api/convert`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConvertQuery {
    /// Code of the currency to convert from
    #[serde(deserialize_with = "required")]
    #[param(value_type = String, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    from: Code,
    /// Code of the currency to convert to
    #[serde(deserialize_with = "required")]
    #[param(value_type = String, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "usd")]
    to: Code,
    /// The amount of `from`, 0 to 1e15; 1 if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 1e15, example = 250.0)]
    amount: Option<Factor>,
}

/// An amount to multiply by.
#[derive(Clone, Copy, Debug)]
struct Factor(f64);

impl Parameter for Factor {
    fn parse(text: &str) -> Result<Self, String> {
        // Adding zero turns -0 into 0.
        let amount = text.parse().map(|amount: f64| amount + 0.0).ok();
        let amount = amount.filter(|amount| (0.0..=MOST).contains(amount));
        let wrong = || format!("“{}” is not a number from 0 to {MOST:e}", truncated(text));
        amount.map(Self).ok_or_else(wrong)
    }
}

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
    params(ConvertQuery),
    responses(
        (status = 200, description = "The conversion", body = ConvertAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is missing, wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn convert(
    current: CurrentRates,
    Query(query): Query<ConvertQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (from, to) = (current.known("from", query.from)?, current.known("to", query.to)?);
    let Factor(amount) = query.amount.unwrap_or(Factor(1.0));
    let snapshot = &*current.snapshot;
    let known = snapshot.per(&from).zip(snapshot.get(&to));
    let (per, rate) = known.ok_or_else(Problem::internal)?;
    let quote = per.quote(rate);
    let converted = quote.times(amount);
    let (origin, status) = current.origin(per.carried_forward(rate));
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
    // Not cached: callers rarely ask for the same amount.
    let body = Arc::new(json(&answer)?.of(snapshot));
    Ok(body.respond(&headers, current.caching(), StatusCode::OK))
}
