//! `GET /api/rates`: all rates, or some of them.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{
    json,
    selection::{RatesQuery, Selected, Selection},
};
use crate::{
    cache::Representation,
    http::{current_rates::CurrentRates, past::PastRates, problem::Problem, query::Query},
    rates::{CacheStatus, Origin, Rate, Snapshot},
    state::AppState,
};

/// Rates of one snapshot, or of one record of the history.
#[derive(Serialize, ToSchema)]
pub struct RatesAnswer<'a> {
    /// The rates by lower-case code; largest value first, or in the order asked for.
    #[serde(serialize_with = "in_order")]
    #[schema(value_type = std::collections::BTreeMap<String, RateEntry>)]
    rates: Vec<Selected<'a>>,
    /// When the rates were new, as far as is known; RFC 3339, UTC. This field, `data_source`, `cache_status` and
    /// `snapshot_id` are about the current rates, and missing with `date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    last_updated: Option<String>,
    /// Present while the source keeps answering with the same rates: the time of `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    unchanged_since: Option<String>,
    /// Present together with `unchanged_since`: when the source last answered with these rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    last_checked: Option<String>,
    /// How many rates this answer has.
    total_currencies: usize,
    /// `coingecko`, `coinbase` or `sample`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data_source: Option<&'static str>,
    /// `fresh`: as new as the refresh schedule allows. `cached`: its replacement is on the way, or the source
    /// has answered with the same rates again. `stale`: the refresh that should have replaced it failed or is
    /// overdue, or the source has answered with the same rates for an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "fresh")]
    cache_status: Option<&'static str>,
    /// The base of all values.
    #[schema(example = "btc")]
    base: &'a str,
    /// `inverse`: values are units of the currency for one of the base. `direct`: values are units of the base for
    /// one of the currency.
    #[schema(example = "inverse")]
    quote: &'static str,
    /// The same in every answer made from this snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "20261123T082128Z-5f1c09ab")]
    snapshot_id: Option<&'a str>,
    /// With `date`: when these rates were recorded, which is at or before it; RFC 3339, UTC.
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

/// One rate.
#[derive(Serialize, ToSchema)]
pub struct RateEntry<'a> {
    #[schema(example = "US Dollar")]
    name: &'a str,
    /// The sign or symbol of the currency; not unique.
    #[schema(example = "$")]
    unit: &'a str,
    /// Units of this currency for one unit of the base, or with `quote=direct` units of the base for one of this
    /// currency; above zero. CoinGecko rounds to three decimals per bitcoin, and other bases inherit that relative
    /// error.
    #[schema(example = 75817.765)]
    value: f64,
    /// `crypto`, `fiat` or `commodity`.
    #[serde(rename = "type")]
    #[schema(example = "fiat")]
    kind: &'static str,
    /// This field and the next two are present if the value was carried forward from an earlier snapshot.
    /// They then apply instead of those beside `rates`.
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

impl<'a> RatesAnswer<'a> {
    /// Creates an answer that says nothing yet of where its rates are from.
    fn new(selection: &'a Selection, snapshot: &'a Snapshot) -> Self {
        let rates = selection.rates(snapshot);
        Self {
            total_currencies: rates.len(),
            rates,
            last_updated: None,
            unchanged_since: None,
            last_checked: None,
            data_source: None,
            cache_status: None,
            base: selection.base.as_str(),
            quote: selection.quotation.as_str(),
            snapshot_id: None,
            recorded_at: None,
            backfilled: false,
            complete: None,
        }
    }
}

impl<'a> RateEntry<'a> {
    pub fn new(rate: &'a Rate, value: f64, carried_forward: Option<Origin>) -> Self {
        Self {
            name: &rate.name,
            unit: &rate.unit,
            value,
            kind: rate.kind.as_str(),
            last_updated: carried_forward.map(|origin| origin.time.to_string()),
            data_source: carried_forward.map(|origin| origin.source.as_str()),
            cache_status: carried_forward.map(|_| CacheStatus::Stale.as_str()),
        }
    }
}

/// All rates or a selection of them, now or at an earlier time; largest value first or in the order of `symbols`.
#[utoipa::path(
    get,
    path = "/api/rates",
    tag = "rates",
    params(RatesQuery),
    responses(
        (status = 200, description = "The rates", body = RatesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or no history at the moment; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates(
    State(state): State<Arc<AppState>>,
    current: CurrentRates,
    Query(query): Query<RatesQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(date) = query.date else {
        let body = representation(&current, query)?;
        return Ok(current.respond(&body, &headers));
    };
    let selection = query.select(&current)?;
    let past = PastRates::at(&state, &current, date, &selection.needed()).await?;
    let answer = RatesAnswer {
        recorded_at: Some(past.recorded_at().to_string()),
        backfilled: past.backfilled,
        complete: Some(past.complete),
        ..RatesAnswer::new(&selection, &past.snapshot)
    };
    Ok(past.respond(json(&answer)?, &current, &headers))
}

/// Returns the body for a query without a date.
pub fn representation(
    current: &CurrentRates,
    query: RatesQuery,
) -> Result<Arc<Representation>, Problem> {
    let selection = query.select(current)?;
    current.representation(selection.key("rates"), || {
        let snapshot = &*current.snapshot;
        let unchanged_since = current.published.unchanged_since();
        let answer = RatesAnswer {
            last_updated: Some(snapshot.last_updated().to_string()),
            unchanged_since: unchanged_since.map(|since| since.to_string()),
            last_checked: unchanged_since.map(|_| snapshot.confirmed().to_string()),
            data_source: Some(snapshot.source().as_str()),
            cache_status: Some(current.status.as_str()),
            snapshot_id: Some(snapshot.id().as_str()),
            ..RatesAnswer::new(&selection, snapshot)
        };
        Ok(json(&answer)?.of(snapshot))
    })
}

fn in_order<S: Serializer>(rates: &[Selected], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        (rates.iter()).map(|&(rate, value, origin)| {
            (rate.code.as_str(), RateEntry::new(rate, value, origin))
        }),
    )
}
