//! `GET /api/rates/{code}`: one rate.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, RawQuery, State, rejection::RawPathParamsRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CurrentRates, json, rates::RateEntry};
use crate::{
    http::params::Params,
    http::problem::{Problem, truncated},
    rates::Code,
    state::AppState,
};

/// One rate of a snapshot.
#[derive(Serialize, ToSchema)]
pub struct CurrencyAnswer<'a> {
    #[schema(example = "usd")]
    code: &'a str,
    #[serde(flatten)]
    rate: RateEntry<'a>,
    /// The value is in units per one of this.
    #[schema(example = "btc")]
    base: &'a str,
    /// When the source's answer arrived; RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_updated: String,
    data_source: &'static str,
    #[schema(example = "fresh")]
    cache_status: &'static str,
    snapshot_id: &'a str,
}

/// One rate.
#[utoipa::path(
    get,
    path = "/api/rates/{code}",
    tag = "rates",
    params(
        ("code" = String, Path, description = "Code of a currency, in either case", example = "usd"),
        ("base" = Option<String>, Query, description = "Code of the currency that the value is per; `btc` if not given", example = "eur"),
    ),
    responses(
        (status = 200, description = "The rate", body = CurrencyAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such currency", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn currency(
    State(state): State<Arc<AppState>>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reading = CurrentRates::of(&state)?;
    let snapshot = &*reading.snapshot;
    // What is not UTF-8 is no code either.
    let path = path.map_err(|_| Problem::no_such_currency("�"))?;
    let text = path.iter().next().map_or("", |(_, code)| code);
    let code: Option<Code> = text.parse().ok();
    let rate = code.and_then(|code| snapshot.get(&code));
    let rate = rate.ok_or_else(|| Problem::no_such_currency(&truncated(text)))?;
    let mut params = Params::read(query.as_deref(), &["base"])?;
    let base = params.currency("base", snapshot)?.unwrap_or_else(Code::btc);
    let key = format!("rates/{}?base={base}", rate.code);
    let answer = reading.published.answer(reading.status, key, || {
        let per = snapshot.per(&base).ok_or_else(Problem::internal)?;
        let (quote, (origin, status)) = (per.quote(rate), reading.origin(per.held(rate)));
        let answer = CurrencyAnswer {
            code: rate.code.as_str(),
            rate: RateEntry::new(rate, quote.value, None),
            base: base.as_str(),
            last_updated: origin.time.to_string(),
            data_source: origin.source.as_str(),
            cache_status: status.as_str(),
            snapshot_id: snapshot.id().as_str(),
        };
        Ok::<_, Problem>(json(&answer)?.of(snapshot))
    })?;
    Ok(reading.respond(&answer, &headers))
}
