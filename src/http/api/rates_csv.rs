//! `GET /api/rates.csv`: the rates for spreadsheets.

use std::{borrow::Cow, sync::Arc};

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::selection::{RatesQuery, Selection, SortBy};
use crate::{
    cache::Representation,
    http::{
        current_rates::CurrentRates,
        past::PastRates,
        problem::{Problem, truncated},
        query::{Codes, Parameter, Query, optional},
    },
    rates::{Code, Quotation, Rate, RateType, Timestamp},
    state::AppState,
};

const HEADINGS: [&str; 6] = ["code", "name", "type", "unit", "value", "base"];
/// The seventh and eighth column, of current rates and of those of an earlier time.
const CURRENT: [&str; 2] = ["last_updated", "data_source"];
const PAST: [&str; 2] = ["recorded_at", "backfilled"];

/// The ninth column, of a file with direct values. Those who read the others by their place find them there.
const QUOTE: &str = "quote";

/// The byte order mark, by which Excel knows UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The query of `/api/rates.csv`: which rates, and how they are written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    // These six are those of `RatesQuery`: serde can't flatten a struct and refuse unknown fields.
    /// Code of the base; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    base: Option<Code>,
    /// Codes separated by commas, each once, at most 500; all if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}(,[A-Za-z0-9_-]{1,16})*$", example = "usd,gbp")]
    symbols: Option<Codes>,
    /// Only rates of this type: `crypto`, `fiat` or `commodity`
    #[serde(default, rename = "type", deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(crypto|fiat|commodity)$", example = "fiat")]
    kind: Option<RateType>,
    /// `inverse`: values are units of the currency for one of the base; `direct`: units of the base for one of the
    /// currency; `inverse` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(direct|inverse)$", example = "direct")]
    quote: Option<Quotation>,
    /// `value`: largest value first; `symbols`: as `symbols` names them; `value` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(value|symbols)$", example = "symbols")]
    sort: Option<SortBy>,
    /// RFC 3339, or a date (midnight UTC): the last rates recorded by then; now if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>)]
    date: Option<Timestamp>,
    /// What is between two fields: `comma`, `semicolon` or `tab`; `comma` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(comma|semicolon|tab)$", example = "semicolon")]
    separator: Option<Separator>,
    /// What decimals begin with: `point` or `comma`; `point` if not given. A comma needs another separator
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(point|comma)$", example = "comma")]
    decimal: Option<Decimal>,
    /// `true` begins the file with a byte order mark, by which Excel knows UTF-8; `false` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<bool>, example = true)]
    bom: Option<bool>,
}

/// What is between two fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Separator {
    #[default]
    Comma,
    Semicolon,
    Tab,
}

impl Parameter for Separator {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "comma" => Ok(Self::Comma),
            "semicolon" => Ok(Self::Semicolon),
            "tab" => Ok(Self::Tab),
            _ => Err(format!("“{}” is none of comma, semicolon and tab", truncated(text))),
        }
    }
}

/// What decimals begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Decimal {
    #[default]
    Point,
    Comma,
}

impl Parameter for Decimal {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err(format!("“{}” is neither point nor comma", truncated(text))),
        }
    }
}

/// How the file is written.
#[derive(Clone, Copy, Debug, Default)]
struct Format {
    separator: Separator,
    decimal: Decimal,
    byte_order_mark: bool,
}

impl CsvQuery {
    fn select(self, current: &CurrentRates) -> Result<(Selection, Format), Problem> {
        let Self { base, symbols, kind, quote, sort, date, separator, decimal, bom } = self;
        let selection = RatesQuery { base, symbols, kind, quote, sort, date }.select(current)?;
        let format = Format {
            separator: separator.unwrap_or_default(),
            decimal: decimal.unwrap_or_default(),
            byte_order_mark: bom.unwrap_or_default(),
        };
        if (format.separator, format.decimal) == (Separator::Comma, Decimal::Comma) {
            let why = "a comma can't separate both fields and decimals; add separator=semicolon or separator=tab";
            return Err(Problem::parameter("decimal", why));
        }
        Ok((selection, format))
    }
}

/// All rates or a selection of them, now or at an earlier time, as CSV (RFC 4180, UTF-8, with a header line).
#[utoipa::path(
    get,
    path = "/api/rates.csv",
    tag = "rates",
    params(CsvQuery),
    responses(
        (status = 200, description = "Columns code, name, type, unit, value, base, last_updated, data_source, the last two of which are recorded_at and backfilled with a date; with quote=direct also quote", body = String, content_type = "text/csv"),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or no history at the moment; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates_csv(
    State(state): State<Arc<AppState>>,
    current: CurrentRates,
    Query(query): Query<CsvQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(date) = query.date else {
        let body = representation(&current, query)?;
        return Ok(current.respond(&body, &headers));
    };
    let (selection, format) = query.select(&current)?;
    let past = PastRates::at(&state, &current, date, &selection.needed()).await?;
    // There is no place in the file that could say so.
    if !past.complete {
        return Err(Problem::history_unavailable());
    }
    let from = [past.recorded_at().to_string(), past.backfilled.to_string()];
    let rows = selection.rates(&past.snapshot).into_iter();
    let rows = rows.map(|(rate, value, _)| (rate, value, from.clone()));
    let body = write(&selection, format, PAST, rows)?;
    Ok(past.respond(body, &current, &headers))
}

/// Returns the body for a query without a date.
pub fn representation(
    current: &CurrentRates,
    query: CsvQuery,
) -> Result<Arc<Representation>, Problem> {
    let (selection, format) = query.select(current)?;
    let key = selection.key(&format!("rates.csv {format:?}"));
    current.representation(key, || {
        let rows = selection.rates(&current.snapshot).into_iter();
        let rows = rows.map(|(rate, value, carried_forward)| {
            let (origin, _) = current.origin(carried_forward);
            (rate, value, [origin.time.to_string(), origin.source.to_string()])
        });
        Ok(write(&selection, format, CURRENT, rows)?.of(&current.snapshot))
    })
}

/// Writes rates, each with its value and with what the columns `from` have of it.
fn write<'a>(
    selection: &Selection,
    format: Format,
    from: [&str; 2],
    rows: impl Iterator<Item = (&'a Rate, f64, [String; 2])>,
) -> Result<Representation, Problem> {
    let body = write_all(selection, format, from, rows).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as CSV");
        Problem::internal()
    })?;
    Ok(Representation::new("text/csv; charset=utf-8; header=present", body))
}

fn write_all<'a>(
    selection: &Selection,
    format: Format,
    from: [&str; 2],
    rows: impl Iterator<Item = (&'a Rate, f64, [String; 2])>,
) -> Result<Vec<u8>, csv::Error> {
    let begin = if format.byte_order_mark { BYTE_ORDER_MARK } else { "" };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .delimiter(match format.separator {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
        })
        .from_writer(begin.as_bytes().to_vec());
    let direct = Some(selection.quotation).filter(|it| *it == Quotation::Direct);
    writer.write_record(HEADINGS.into_iter().chain(from).chain(direct.map(|_| QUOTE)))?;
    for (rate, value, [time, origin]) in rows {
        let value = match format.decimal {
            Decimal::Point => value.to_string(),
            Decimal::Comma => value.to_string().replace('.', ","),
        };
        let fields = [
            rate.code.as_str(),
            &as_text(&rate.name),
            rate.kind.as_str(),
            &as_text(&rate.unit),
            &value,
            selection.base.as_str(),
            &time,
            &origin,
        ];
        writer.write_record(fields.into_iter().chain(direct.map(Quotation::as_str)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Prefixes an apostrophe to what a spreadsheet would take for a formula, to keep it text.
fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}").into() } else { text.into() }
}
