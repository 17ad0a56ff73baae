//! Which rates an answer has, and in which order: the query that `/api/rates` and `/api/rates.csv` share.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    http::{
        current_rates::CurrentRates,
        problem::{Problem, truncated},
        query::{Codes, Parameter, optional},
    },
    rates::{Code, Origin, Quotation, Rate, RateType, Snapshot, Timestamp},
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
    /// RFC 3339, or a date (midnight UTC): the last rates recorded by then; now if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>)]
    pub date: Option<Timestamp>,
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
pub type Selected<'a> = (&'a Rate, f64, Option<Origin>);

impl RatesQuery {
    pub fn select(self, current: &CurrentRates) -> Result<Selection, Problem> {
        let Self { base, symbols, kind, quote, sort, date: _ } = self;
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

    /// Returns the currencies that there must be rates of: the base, and those that are named.
    pub fn needed(&self) -> Vec<&Code> {
        let named = match &self.symbols {
            Symbols::All => &[][..],
            Symbols::ByValue(codes) | Symbols::AsNamed(codes) => codes,
        };
        let others = named.iter().filter(|code| **code != self.base);
        [&self.base].into_iter().chain(others).collect()
    }

    /// Returns the selected rates of a snapshot in order.
    pub fn rates<'a>(&self, snapshot: &'a Snapshot) -> Vec<Selected<'a>> {
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
