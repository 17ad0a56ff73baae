//! Which rates a request wants, and in units per what.

use crate::{
    http::params::Params,
    http::problem::Problem,
    rates::{Code, Origin, Rate, RateType, Snapshot},
};

/// The query of `/api/rates` and `/api/rates.csv`.
pub struct Selection {
    pub base: Code,
    symbols: Option<Vec<Code>>,
    kind: Option<RateType>,
}

impl Selection {
    pub fn read(query: Option<&str>, snapshot: &Snapshot) -> Result<Self, Problem> {
        let mut params = Params::read(query, &["base", "symbols", "type"])?;
        Ok(Self {
            base: params.currency("base", snapshot)?.unwrap_or_else(Code::btc),
            symbols: params.currencies("symbols", snapshot)?.map(|mut codes| {
                codes.sort();
                codes
            }),
            kind: params.kind("type")?,
        })
    }

    /// Names the selection: two requests for the same rates have the same key.
    pub fn key(&self, route: &str) -> String {
        let symbols = self.symbols.as_deref().unwrap_or_default();
        let symbols: Vec<&str> = symbols.iter().map(Code::as_str).collect();
        let kind = self.kind.map_or("", RateType::as_str);
        format!("{route}?base={}&symbols={}&type={kind}", self.base, symbols.join(","))
    }

    /// The rates, each with its value in units per one base, largest first, and with where that
    /// comes from if it is older than the rest.
    pub fn rates<'a>(&self, snapshot: &'a Snapshot) -> Vec<(&'a Rate, f64, Option<Origin>)> {
        let wanted = |rate: &&Rate| {
            let listed = |codes: &Vec<Code>| codes.binary_search(&rate.code).is_ok();
            self.symbols.as_ref().is_none_or(listed) && self.kind.is_none_or(|k| k == rate.kind)
        };
        let Some(per) = snapshot.per(&self.base) else { return Vec::new() };
        let rates = snapshot.by_value().into_iter().filter(wanted);
        rates.map(|rate| (rate, per.quote(rate).value, per.held(rate))).collect()
    }
}
