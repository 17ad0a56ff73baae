//! `GET /api/convert`: an amount of one currency in another, now or at an earlier time.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    http::{
        current_rates::CurrentRates,
        past::PastRates,
        problem::{Problem, truncated},
        query::{Parameter, Query, optional, required},
    },
    rates::{Code, Timestamp},
    state::AppState,
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
    /// RFC 3339, or a date (midnight UTC): converts at the last rates recorded by then; now if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>)]
    date: Option<Timestamp>,
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
    /// When the source's answer arrived; RFC 3339, UTC. This field and the next three are about the current
    /// rates, and missing with `date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    last_updated: Option<String>,
    /// See `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data_source: Option<&'static str>,
    /// See `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "fresh")]
    cache_status: Option<&'static str>,
    /// See `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    snapshot_id: Option<&'a str>,
    /// With `date`: when the rates used were recorded, which is at or before it; RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    recorded_at: Option<String>,
    /// With `date`, present and true if these rates are of CoinGecko's hourly history, which was asked for later.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    backfilled: bool,
    /// With `date`: false while the store can't be read, which may have rates of a later time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    complete: Option<bool>,
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
        (status = 503, description = "No rates yet, or no history at the moment; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn convert(
    State(state): State<Arc<AppState>>,
    current: CurrentRates,
    Query(query): Query<ConvertQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (from, to) = (current.known("from", query.from)?, current.known("to", query.to)?);
    let Factor(amount) = query.amount.unwrap_or(Factor(1.0));
    let past = match query.date {
        Some(date) => Some(PastRates::at(&state, &current, date, &[&from, &to]).await?),
        None => None,
    };
    let snapshot = past.as_ref().map_or(&current.snapshot, |past| &past.snapshot);
    let (per, rate) = snapshot.per(&from).zip(snapshot.get(&to)).ok_or_else(Problem::internal)?;
    let quote = per.quote(rate);
    let converted = quote.times(amount);
    let answer = ConvertAnswer {
        from: from.as_str(),
        to: to.as_str(),
        amount,
        rate: quote.value,
        result: converted.value,
        error: converted.error,
        last_updated: None,
        data_source: None,
        cache_status: None,
        snapshot_id: None,
        recorded_at: None,
        backfilled: false,
        complete: None,
    };
    let answer = if let Some(past) = &past {
        ConvertAnswer {
            recorded_at: Some(past.recorded_at().to_string()),
            backfilled: past.backfilled,
            complete: Some(past.complete),
            ..answer
        }
    } else {
        let (origin, status) = current.origin(per.carried_forward(rate));
        ConvertAnswer {
            last_updated: Some(origin.time.to_string()),
            data_source: Some(origin.source.as_str()),
            cache_status: Some(status.as_str()),
            snapshot_id: Some(snapshot.id().as_str()),
            ..answer
        }
    };
    // Not cached: callers rarely ask for the same amount.
    let body = Arc::new(json(&answer)?.of(snapshot));
    let caching = past.as_ref().map_or_else(|| current.caching(), |past| past.caching(&current));
    Ok(body.respond(&headers, caching, StatusCode::OK))
}
