//! `GET /api/rates/{code}`: one rate.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, State, rejection::RawPathParamsRejection},
    http::HeaderMap,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{json, rates::RateEntry};
use crate::{
    http::{
        current_rates::CurrentRates,
        past::PastRates,
        problem::{Problem, truncated},
        query::{Query, optional},
    },
    rates::{Code, Quotation, Snapshot, Span, Timestamp, to_digits},
    state::AppState,
};

/// The query of `/api/rates/{code}`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CurrencyQuery {
    /// Code of the base; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    base: Option<Code>,
    /// `inverse`: values are units of the currency for one of the base; `direct`: units of the base for one of the
    /// currency; `inverse` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(direct|inverse)$", example = "direct")]
    quote: Option<Quotation>,
    /// RFC 3339, or a date (midnight UTC): the last rate recorded by then; now if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>)]
    date: Option<Timestamp>,
}

/// One rate of a snapshot, or of a record of the history.
#[derive(Serialize, ToSchema)]
pub struct CurrencyAnswer<'a> {
    #[schema(example = "usd")]
    code: &'a str,
    #[serde(flatten)]
    rate: RateEntry<'a>,
    /// The base of the value.
    #[schema(example = "btc")]
    base: &'a str,
    /// `inverse`: the value is units of the currency for one of the base. `direct`: it is units of the base for one
    /// of the currency.
    #[schema(example = "inverse")]
    quote: &'static str,
    /// How the value has changed since the rates 24 hours before these, in percent, to two decimals; null if there
    /// were none within half an hour of then and the source has not told it either, or if the value was carried
    /// forward. Null with `date`.
    #[schema(example = 1.25)]
    change_24h: Option<f64>,
    /// Where `change_24h` is from: `history`, the records of this server, or while these do not go back so far, the
    /// source that tells it of its own, such as `coingecko`; null if `change_24h` is.
    #[schema(example = "history")]
    change_24h_source: Option<&'static str>,
    /// How far the value is from those of other upstreams. Missing if none of them has it, or if it was carried forward.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deviations: Vec<Deviation>,
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
    /// With `date`: when this rate was recorded, which is at or before it; RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    recorded_at: Option<String>,
    /// With `date`, present and true if this rate is of CoinGecko's hourly history, which was asked for later.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    backfilled: bool,
    /// With `date`: false while the store can't be read, which may have a rate of a later time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    complete: Option<bool>,
}

impl<'a> CurrencyAnswer<'a> {
    /// Creates an answer that says nothing yet of where its rate is from.
    fn new(
        snapshot: &'a Snapshot,
        code: &Code,
        base: &'a Code,
        quotation: Quotation,
    ) -> Result<Self, Problem> {
        let (per, rate) =
            snapshot.per(base).zip(snapshot.get(code)).ok_or_else(Problem::internal)?;
        Ok(Self {
            code: rate.code.as_str(),
            rate: RateEntry::new(rate, per.quoted(rate, quotation).value, None),
            base: base.as_str(),
            quote: quotation.as_str(),
            change_24h: None,
            change_24h_source: None,
            deviations: Vec::new(),
            last_updated: None,
            data_source: None,
            cache_status: None,
            snapshot_id: None,
            recorded_at: None,
            backfilled: false,
            complete: None,
        })
    }
}

/// How far a value is from that of an upstream that is only asked to compare.
#[derive(Serialize, ToSchema)]
struct Deviation {
    /// `frankfurter`, the daily rates of the European Central Bank, or `kraken`.
    #[schema(example = "frankfurter")]
    reference: &'static str,
    /// The time of its value: the day of the ECB's.
    #[schema(format = "date-time")]
    as_of: String,
    /// The deviation as a ratio: 0.01 is one percent. What all values have in common is taken out, so it does not
    /// depend on the base; that of `btc` is what they have in common.
    #[schema(example = 0.0012)]
    ratio: f64,
}

impl Deviation {
    fn of(code: &Code, snapshot: &Snapshot) -> Vec<Self> {
        let own = snapshot.deviations().filter(|(_, other, _)| *other == code);
        own.map(|(reference, _, ratio)| Self {
            reference: reference.name().as_str(),
            as_of: reference.time().to_string(),
            ratio: to_digits(ratio, 4),
        })
        .collect()
    }
}

/// One rate, now or at an earlier time.
#[utoipa::path(
    get,
    path = "/api/rates/{code}",
    tag = "rates",
    params(
        ("code" = String, Path, description = "Code of a currency, in either case", pattern = "^[A-Za-z0-9_-]{1,16}$", example = "usd"),
        CurrencyQuery,
    ),
    responses(
        (status = 200, description = "The rate", body = CurrencyAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such currency", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or no history at the moment; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn currency(
    State(state): State<Arc<AppState>>,
    current: CurrentRates,
    // A path that is not UTF-8 is no code either.
    path: Result<RawPathParams, RawPathParamsRejection>,
    Query(query): Query<CurrencyQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let path = path.map_err(|_| Problem::no_such_currency("�"))?;
    let text = path.iter().next().map_or("", |(_, code)| code);
    let code: Option<Code> = text.parse().ok();
    let rate = code.and_then(|code| current.snapshot.get(&code));
    let rate = rate.ok_or_else(|| Problem::no_such_currency(&truncated(text)))?;
    let base = current.base(query.base)?;
    let quotation = query.quote.unwrap_or_default();
    if let Some(date) = query.date {
        let past = PastRates::at(&state, &current, date, &[&base, &rate.code]).await?;
        let answer = CurrencyAnswer {
            recorded_at: Some(past.recorded_at().to_string()),
            backfilled: past.backfilled,
            complete: Some(past.complete),
            ..CurrencyAnswer::new(&past.snapshot, &rate.code, &base, quotation)?
        };
        return Ok(past.respond(json(&answer)?, &current, &headers));
    }
    let key = format!("rates/{}?base={base}&quote={}", rate.code, quotation.as_str());
    let body = current.representation(key, || {
        let snapshot = &current.snapshot;
        let per = snapshot.per(&base).ok_or_else(Problem::internal)?;
        let (origin, status) = current.origin(per.carried_forward(rate));
        let trends = current.published.trends(&base, quotation);
        let change = trends.and_then(|trends| trends.get(&rate.code)?.change(Span::Day));
        let recent = current.published.recent_history();
        let own = recent.own_change(snapshot, Span::Day, &rate.code, &base, quotation);
        let told_by = || Some(snapshot.day_changes()?.source().as_str());
        let answer = CurrencyAnswer {
            change_24h: change,
            change_24h_source: change.and_then(|_| own.map(|_| "history").or_else(told_by)),
            deviations: Deviation::of(&rate.code, snapshot),
            last_updated: Some(origin.time.to_string()),
            data_source: Some(origin.source.as_str()),
            cache_status: Some(status.as_str()),
            snapshot_id: Some(snapshot.id().as_str()),
            ..CurrencyAnswer::new(snapshot, &rate.code, &base, quotation)?
        };
        Ok::<_, Problem>(json(&answer)?.of(snapshot))
    })?;
    Ok(current.respond(&body, &headers))
}
