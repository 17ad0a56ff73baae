//! `GET /api/rates`: all rates, or some of them.

use std::sync::Arc;

use axum::{http::HeaderMap, response::Response};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    cache::Representation,
    http::{
        current_rates::CurrentRates,
        problem::{Problem, truncated},
        query::{Codes, Parameter, Query, optional},
    },
    rates::{CacheStatus, Code, Origin, Quotation, Rate, RateType},
};

/// The query of `/api/rates`: which rates, in which base, and in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RatesQuery {
    /// Code of the base; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    pub base: Option<Code>,
    /// Codes separated by commas, each once, at most 500; all if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}(,[A-Za-z0-9_-]{1,16})*$", example = "usd,gbp")]
    pub symbols: Option<Codes>,
    /// Only rates of this type: `crypto`, `fiat` or `commodity`
    #[serde(default, rename = "type", deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(crypto|fiat|commodity)$", example = "fiat")]
    pub kind: Option<RateType>,
    /// `inverse`: values are units of the currency for one of the base; `direct`: units of the base for one of the
    /// currency; `inverse` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(direct|inverse)$", example = "direct")]
    pub quote: Option<Quotation>,
    /// `value`: largest value first; `symbols`: as `symbols` names them; `value` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(value|symbols)$", example = "symbols")]
    pub sort: Option<SortBy>,
}

/// The order of the rates in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The largest first.
    #[default]
    Value,
    /// As the query names them.
    Symbols,
}

impl Parameter for SortBy {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "value" => Ok(Self::Value),
            "symbols" => Ok(Self::Symbols),
            _ => Err(format!("“{}” is neither value nor symbols", truncated(text))),
        }
    }
}

/// A [`RatesQuery`] whose codes are all known.
pub struct Selection {
    pub base: Code,
    pub quotation: Quotation,
    symbols: Symbols,
    kind: Option<RateType>,
}

/// The currencies that are selected, and the order of the rates.
enum Symbols {
    /// All of them, the largest value first.
    All,
    /// These, the largest value first. They are sorted, for binary search.
    ByValue(Vec<Code>),
    /// These, in this order.
    AsNamed(Vec<Code>),
}

/// A rate, its value beside the base, and its origin if that is not the snapshot's.
type Selected<'a> = (&'a Rate, f64, Option<Origin>);

impl RatesQuery {
    pub fn select(self, current: &CurrentRates) -> Result<Selection, Problem> {
        let Self { base, symbols, kind, quote, sort } = self;
        let base = current.base(base)?;
        let known = |Codes(codes)| {
            let codes = codes.into_iter().map(|code| current.known("symbols", code));
            codes.collect::<Result<Vec<Code>, Problem>>()
        };
        let symbols = match (symbols.map(known).transpose()?, sort.unwrap_or_default()) {
            (None, SortBy::Value) => Symbols::All,
            (Some(mut codes), SortBy::Value) => {
                codes.sort();
                Symbols::ByValue(codes)
            }
            (Some(codes), SortBy::Symbols) => Symbols::AsNamed(codes),
            (None, SortBy::Symbols) => {
                let why = "there is no order of symbols without symbols; add symbols=usd,eur,…";
                return Err(Problem::parameter("sort", why));
            }
        };
        Ok(Selection { base, quotation: quote.unwrap_or_default(), symbols, kind })
    }
}

impl Selection {
    /// Returns a cache key, which is the same for every request for the same rates.
    pub fn key(&self, route: &str) -> String {
        let (sort, symbols) = match &self.symbols {
            Symbols::All => ("value", &[][..]),
            Symbols::ByValue(codes) => ("value", &codes[..]),
            Symbols::AsNamed(codes) => ("symbols", &codes[..]),
        };
        let symbols: Vec<&str> = symbols.iter().map(Code::as_str).collect();
        let (base, symbols, quote) = (&self.base, symbols.join(","), self.quotation.as_str());
        let kind = self.kind.map_or("", RateType::as_str);
        format!("{route}?base={base}&symbols={symbols}&type={kind}&quote={quote}&sort={sort}")
    }

    /// Returns the selected rates in order.
    pub fn rates<'a>(&self, current: &'a CurrentRates) -> Vec<Selected<'a>> {
        let snapshot = &*current.snapshot;
        let Some(per) = snapshot.per(&self.base) else { return Vec::new() };
        let mut rates: Vec<&Rate> = match &self.symbols {
            Symbols::All => snapshot.by_value(),
            Symbols::ByValue(codes) => {
                let mut rates = snapshot.by_value();
                rates.retain(|rate| codes.binary_search(&rate.code).is_ok());
                rates
            }
            Symbols::AsNamed(codes) => codes.iter().filter_map(|code| snapshot.get(code)).collect(),
        };
        rates.retain(|rate| self.kind.is_none_or(|kind| kind == rate.kind));
        // The more of a currency a bitcoin buys, the less one of it is worth.
        if self.quotation == Quotation::Direct && !matches!(self.symbols, Symbols::AsNamed(_)) {
            rates.reverse();
        }
        let selected =
            |rate| (rate, per.quoted(rate, self.quotation).value, per.carried_forward(rate));
        rates.into_iter().map(selected).collect()
    }
}

/// Rates of one snapshot.
#[derive(Serialize, ToSchema)]
pub struct RatesAnswer<'a> {
    /// The rates by lower-case code; largest value first, or in the order asked for.
    #[serde(serialize_with = "in_order")]
    #[schema(value_type = std::collections::BTreeMap<String, RateEntry>)]
    rates: Vec<Selected<'a>>,
    /// When the rates were new, as far as is known; RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_updated: String,
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
    data_source: &'static str,
    /// `fresh`: as new as the refresh schedule allows. `cached`: its replacement is on the way, or the source
    /// has answered with the same rates again. `stale`: the refresh that should have replaced it failed or is
    /// overdue, or the source has answered with the same rates for an hour.
    #[schema(example = "fresh")]
    cache_status: &'static str,
    /// The base of all values.
    #[schema(example = "btc")]
    base: &'a str,
    /// `inverse`: values are units of the currency for one of the base. `direct`: values are units of the base for
    /// one of the currency.
    #[schema(example = "inverse")]
    quote: &'static str,
    /// The same in every answer made from this snapshot.
    #[schema(example = "20261123T082128Z-5f1c09ab")]
    snapshot_id: &'a str,
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

/// All rates or a selection of them, largest value first or in the order of `symbols`.
#[utoipa::path(
    get,
    path = "/api/rates",
    tag = "rates",
    params(RatesQuery),
    responses(
        (status = 200, description = "The rates", body = RatesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rates(
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
    current.representation(selection.key("rates"), || {
        let snapshot = &*current.snapshot;
        let rates = selection.rates(current);
        let unchanged_since = current.published.unchanged_since();
        let answer = RatesAnswer {
            total_currencies: rates.len(),
            rates,
            last_updated: snapshot.last_updated().to_string(),
            unchanged_since: unchanged_since.map(|since| since.to_string()),
            last_checked: unchanged_since.map(|_| snapshot.confirmed().to_string()),
            data_source: snapshot.source().as_str(),
            cache_status: current.status.as_str(),
            base: selection.base.as_str(),
            quote: selection.quotation.as_str(),
            snapshot_id: snapshot.id().as_str(),
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
