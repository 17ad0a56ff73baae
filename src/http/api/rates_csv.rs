//! `GET /api/rates.csv`: the rates for spreadsheets.

use std::{borrow::Cow, sync::Arc};

use axum::{http::HeaderMap, response::Response};

use super::rates::{RatesQuery, Selection};
use crate::{
    cache::Representation,
    http::{current_rates::CurrentRates, problem::Problem, query::Query},
};

const HEADINGS: [&str; 8] =
    ["code", "name", "type", "unit", "value", "base", "last_updated", "data_source"];

/// All rates or a selection of them, as CSV (RFC 4180, UTF-8, with a header line).
#[utoipa::path(
    get,
    path = "/api/rates.csv",
    tag = "rates",
    params(RatesQuery),
    responses(
        (status = 200, description = "Columns code, name, type, unit, value, base, last_updated, data_source", body = String, content_type = "text/csv"),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates_csv(
    current: CurrentRates,
    Query(query): Query<RatesQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let body = representation(&current, query)?;
    Ok(current.respond(&body, &headers))
}

/// Returns the body for a query.
pub fn representation(
    current: &CurrentRates,
    query: RatesQuery,
) -> Result<Arc<Representation>, Problem> {
    let selection = query.select(current)?;
    current.representation(selection.key("rates.csv"), || {
        let body = write(current, &selection).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as CSV");
            Problem::internal()
        })?;
        let content_type = "text/csv; charset=utf-8; header=present";
        Ok(Representation::new(content_type, body).of(&current.snapshot))
    })
}

fn write(current: &CurrentRates, selection: &Selection) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(HEADINGS)?;
    for (rate, value, carried_forward) in selection.rates(current) {
        let (origin, _) = current.origin(carried_forward);
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

/// Prefixes an apostrophe to what a spreadsheet would take for a formula, to keep it text.
fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}").into() } else { text.into() }
}
