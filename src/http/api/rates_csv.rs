//! `GET /api/rates.csv`: the same rates for spreadsheets.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{CurrentRates, selection::Selection};
use crate::{cache::Representation, http::problem::Problem, state::AppState};

const HEADINGS: [&str; 8] =
    ["code", "name", "type", "unit", "value", "base", "last_updated", "data_source"];

/// All rates, or those selected, as CSV (RFC 4180, UTF-8, with a header line).
#[utoipa::path(
    get,
    path = "/api/rates.csv",
    tag = "rates",
    params(
        ("base" = Option<String>, Query, description = "Code of the currency that values are per; `btc` if not given", example = "eur"),
        ("symbols" = Option<String>, Query, description = "Codes wanted, separated by commas, each once, at most 500; all if not given", example = "usd,gbp"),
        ("type" = Option<String>, Query, description = "Only this type: `crypto`, `fiat` or `commodity`", example = "fiat"),
    ),
    responses(
        (status = 200, description = "Columns code, name, type, unit, value, base, last_updated, data_source", body = String, content_type = "text/csv"),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates_csv(
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
    reading.published.answer(reading.status, selection.key("rates.csv"), || {
        let body = write(reading, selection).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as CSV");
            Problem::internal()
        })?;
        Ok(Representation::new("text/csv; charset=utf-8; header=present", body)
            .of(&reading.snapshot))
    })
}

fn write(reading: &CurrentRates, selection: &Selection) -> Result<Vec<u8>, csv::Error> {
    let snapshot = &*reading.snapshot;
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(HEADINGS)?;
    for (rate, value, held) in selection.rates(snapshot) {
        let (origin, _) = reading.origin(held);
        writer.write_record([
            rate.code.as_str(),
            &as_text(&rate.name),
            rate.kind.as_str(),
            &as_text(&rate.unit),
            &value.to_string(),
            selection.base.as_str(),
            &origin.time.to_string(),
            origin.source.as_str(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// What a spreadsheet would take for a formula is kept a text by an apostrophe before it.
fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}").into() } else { text.into() }
}
