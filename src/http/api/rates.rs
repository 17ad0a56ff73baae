//! `GET /api/rates`: all rates, or some of them.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{CurrentRates, json, selection::Selection};
use crate::{
    cache::Representation,
    http::problem::Problem,
    rates::{CacheStatus, Origin, Rate},
    state::AppState,
};

/// Rates of one snapshot.
#[derive(Serialize, ToSchema)]
pub struct RatesAnswer<'a> {
    /// By code, in lower case; in order of value, largest first.
    #[serde(serialize_with = "in_order")]
    #[schema(value_type = std::collections::BTreeMap<String, RateEntry>)]
    rates: Vec<(&'a Rate, f64, Option<Origin>)>,
    /// When the source's answer arrived; RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_updated: String,
    /// How many rates this answer has.
    total_currencies: usize,
    /// `coingecko`, `coinbase` or `sample`.
    data_source: &'static str,
    /// `fresh`: as new as the refresh schedule can have it. `cached`: its replacement is on the
    /// way. `stale`: the refresh that should have replaced it failed or is overdue.
    #[schema(example = "fresh")]
    cache_status: &'static str,
    /// Values are in units per one of this.
    #[schema(example = "btc")]
    base: &'a str,
    /// The same on every answer made of this snapshot.
    #[schema(example = "20261123T082128Z-5f1c09ab")]
    snapshot_id: &'a str,
}

/// One rate.
#[derive(Serialize, ToSchema)]
pub struct RateEntry<'a> {
    #[schema(example = "US Dollar")]
    name: &'a str,
    /// The sign it is written with; not unique.
    #[schema(example = "$")]
    unit: &'a str,
    /// Units of this currency for one unit of the base; above zero. CoinGecko rounds to three
    /// decimals per bitcoin: other bases inherit the relative error of that.
    #[schema(example = 75817.765)]
    value: f64,
    /// `crypto`, `fiat` or `commodity`.
    #[serde(rename = "type")]
    #[schema(example = "fiat")]
    kind: &'static str,
    /// These three are there if the value is older than the rest, and hold of it in place of those
    /// beside `rates`: the source does not have it now, so that the last good one is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    last_updated: Option<String>,
    /// See `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data_source: Option<&'static str>,
    /// See `last_updated`; always `stale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cache_status: Option<&'static str>,
}

impl<'a> RateEntry<'a> {
    pub fn new(rate: &'a Rate, value: f64, held: Option<Origin>) -> Self {
        Self {
            name: &rate.name,
            unit: &rate.unit,
            value,
            kind: rate.kind.as_str(),
            last_updated: held.map(|held| held.time.to_string()),
            data_source: held.map(|held| held.source.as_str()),
            cache_status: held.map(|_| CacheStatus::Stale.as_str()),
        }
    }
}

/// All rates, or those selected, in order of value, largest first.
#[utoipa::path(
    get,
    path = "/api/rates",
    tag = "rates",
    params(
        ("base" = Option<String>, Query, description = "Code of the currency that values are per; `btc` if not given", example = "eur"),
        ("symbols" = Option<String>, Query, description = "Codes wanted, separated by commas, each once, at most 500; all if not given", example = "usd,gbp"),
        ("type" = Option<String>, Query, description = "Only this type: `crypto`, `fiat` or `commodity`", example = "fiat"),
    ),
    responses(
        (status = 200, description = "The rates", body = RatesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reading = CurrentRates::of(&state)?;
    let selection = Selection::read(query.as_deref(), &reading.snapshot)?;
    let answer = select(&reading, &selection)?;
    Ok(reading.respond(&answer, &headers))
}

/// All rates, per bitcoin.
pub fn whole(reading: &CurrentRates) -> Result<Arc<Representation>, Problem> {
    select(reading, &Selection::read(None, &reading.snapshot)?)
}

fn select(reading: &CurrentRates, selection: &Selection) -> Result<Arc<Representation>, Problem> {
    let snapshot = &*reading.snapshot;
    reading.published.answer(reading.status, selection.key("rates"), || {
        let rates = selection.rates(snapshot);
        let answer = RatesAnswer {
            total_currencies: rates.len(),
            rates,
            last_updated: snapshot.last_updated().to_string(),
            data_source: snapshot.source().as_str(),
            cache_status: reading.status.as_str(),
            base: selection.base.as_str(),
            snapshot_id: snapshot.id().as_str(),
        };
        Ok(json(&answer)?.of(snapshot))
    })
}

fn in_order<S: Serializer>(
    rates: &[(&Rate, f64, Option<Origin>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        (rates.iter())
            .map(|&(rate, value, held)| (rate.code.as_str(), RateEntry::new(rate, value, held))),
    )
}
