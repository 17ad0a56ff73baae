//! `GET /api/sparklines`: the last day of every rate, for small charts.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    cache::Caching,
    history::{STEP, Sparklines},
    http::{
        current_rates::CurrentRates,
        problem::Problem,
        query::{Query, optional},
    },
    rates::{Code, Quotation},
};

/// The query of `/api/sparklines`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SparklinesQuery {
    /// Code of the base; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    base: Option<Code>,
    /// `inverse`: values are units of the currency for one of the base; `direct`: units of the base for one of the
    /// currency; `inverse` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(direct|inverse)$", example = "direct")]
    quote: Option<Quotation>,
}

/// The last day of every rate.
#[derive(Serialize, ToSchema)]
pub struct SparklinesAnswer<'a> {
    #[schema(example = "btc")]
    base: &'a str,
    /// `inverse`: values are units of each currency for one of the base. `direct`: they are units of the base for
    /// one of each currency.
    #[schema(example = "inverse")]
    quote: &'static str,
    /// When the first step begins: a full or a half hour; RFC 3339, UTC.
    #[schema(format = "date-time")]
    from: String,
    /// When the last step ends, which is in the future.
    #[schema(format = "date-time")]
    to: String,
    /// The length of each step.
    #[schema(example = 1800)]
    step_seconds: u64,
    /// By code: the last value of each of 48 steps, to six significant digits; null where there is
    /// none. The last value is the current rate, unless that is older than the step.
    series: BTreeMap<&'a str, Vec<Option<f64>>>,
    /// False if the store could not be read, and there are only the values in this process's memory.
    complete: bool,
    /// When the current rates were taken.
    #[schema(format = "date-time")]
    last_updated: String,
    data_source: &'static str,
    #[schema(example = "fresh")]
    cache_status: &'static str,
    snapshot_id: &'a str,
}

/// The last day of every rate, 48 values each.
#[utoipa::path(
    get,
    path = "/api/sparklines",
    tag = "rates",
    params(SparklinesQuery),
    responses(
        (status = 200, description = "The last day of every rate", body = SparklinesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or too many requests at once; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sparklines(
    current: CurrentRates,
    Query(query): Query<SparklinesQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let base = current.base(query.base)?;
    let (day, snapshot) = (current.published.recent_history(), &*current.snapshot);
    let quotation = query.quote.unwrap_or_default();
    let key = format!("sparklines?base={base}&quote={}", quotation.as_str());
    let body = current.representation(key, || {
        let Sparklines { from, to, series } = day.sparklines(snapshot, &base, quotation);
        let answer = SparklinesAnswer {
            base: base.as_str(),
            quote: quotation.as_str(),
            from: from.to_string(),
            to: to.to_string(),
            step_seconds: STEP,
            series,
            complete: day.is_complete(),
            last_updated: snapshot.last_updated().to_string(),
            data_source: snapshot.source().as_str(),
            cache_status: current.status.as_str(),
            snapshot_id: snapshot.id().as_str(),
        };
        Ok::<_, Problem>(json(&answer)?.of(snapshot))
    })?;
    // An incomplete answer may be complete the next moment.
    let caching = if day.is_complete() { current.caching() } else { Caching::Revalidate };
    Ok(current.cacheable(body.respond(&headers, caching, StatusCode::OK), &body))
}
