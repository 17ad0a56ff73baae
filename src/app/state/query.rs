//! The query of the page's address: how it is read and written.

use std::{borrow::Cow, ops::RangeInclusive};

use super::{
    PageState,
    warning::{QueryProblem, QueryWarning},
};
use crate::{
    app::sort::Column,
    query::{self, NotUtf8},
    rates::Code,
};

/// The names in the query that belong to the page.
const NAMES: &[&str] = &[
    "base",
    "amount",
    "quote",
    "digits",
    "type",
    "q",
    "symbols",
    "sort",
    "dir",
    "view",
    "rotate",
    "symbol",
    "span",
    "compare",
    "lang",
    // To the browser it is as any name of others: whatever page it has is one of the rates of now.
    #[cfg(feature = "ssr")]
    "date",
];

impl PageState {
    /// The longest search kept, in characters; no name is half as long.
    const LONGEST_SEARCH: usize = 80;
    /// The most currencies that an address can name; there are fewer.
    const MOST_SYMBOLS: usize = 100;
    /// The seconds for which the wallboard can show a page.
    const ROTATE: RangeInclusive<u16> = 5..=3600;

    /// Reads the query of an address. Invalid values keep their default, and each adds a warning for the
    /// reader. Unknown names are ignored.
    pub fn read(query: &str) -> (Self, Vec<QueryWarning>) {
        let mut state = Self::default();
        let mut query_warnings = Vec::new();
        let mut warn = |name: Cow<str>, problem| {
            query_warnings.push(QueryWarning { name: name.into_owned(), problem });
        };
        let mut descending = None;
        let mut seen = Vec::new();
        for pair in query::pairs(query) {
            let Ok(name) = pair.name else { continue };
            if !NAMES.contains(&name.as_ref()) {
                continue;
            }
            if seen.contains(&name) {
                warn(name, QueryProblem::Twice);
                continue;
            }
            seen.push(name.clone());
            let value = match pair.value {
                Ok(value) => value,
                Err(NotUtf8) => {
                    warn(name, QueryProblem::NotUtf8);
                    continue;
                }
            };
            // An empty field of a form was not filled in.
            if value.is_empty() {
                continue;
            }
            let allowed = state.set(&name, &value, &mut descending);
            if let Err(allowed) = allowed {
                let value: String = value.chars().take(Self::LONGEST_SEARCH).collect();
                warn(name, QueryProblem::Value { value, allowed });
            }
        }
        if let Some(descending) = descending {
            state.sort.descending = descending;
        }
        (state, query_warnings)
    }

    /// Sets what a name of the query stands for. The direction of the order may come before its column, so it is
    /// only noted. Returns the id of the text that says what is allowed if the value is not.
    fn set(
        &mut self,
        name: &str,
        value: &str,
        descending: &mut Option<bool>,
    ) -> Result<(), &'static str> {
        match name {
            "base" => value.parse().map(|base| self.base = base).or(Err("allowed-base")),
            "amount" => value.parse().map(|amount| self.amount = amount).or(Err("allowed-amount")),
            "quote" => value
                .parse()
                .map(|quotation| self.quotation = Some(quotation))
                .or(Err("allowed-quote")),
            "digits" => {
                value.parse().map(|digits| self.digits = Some(digits)).or(Err("allowed-digits"))
            }
            "type" => match (value, value.parse()) {
                ("all", _) => Ok(()),
                (_, Ok(kind)) => {
                    self.kind = Some(kind);
                    Ok(())
                }
                (_, Err(_)) => Err("allowed-type"),
            },
            "q" => {
                self.search = value.chars().take(Self::LONGEST_SEARCH).collect();
                Ok(())
            }
            "symbols" => value
                .split(',')
                .take(Self::MOST_SYMBOLS)
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map(|symbols: Vec<Code>| {
                    for symbol in symbols {
                        if !self.symbols.contains(&symbol) {
                            self.symbols.push(symbol);
                        }
                    }
                })
                .or(Err("allowed-symbols")),
            "sort" => value
                .parse()
                .map(|column: Column| self.sort = column.first_sort())
                .or(Err("allowed-sort")),
            "view" => match value {
                "board" | "table" => {
                    self.wallboard = value == "board";
                    Ok(())
                }
                _ => Err("allowed-view"),
            },
            "rotate" => match value.parse() {
                Ok(0) => Ok(None),
                Ok(seconds) if Self::ROTATE.contains(&seconds) => Ok(Some(seconds)),
                _ => Err("allowed-rotate"),
            }
            .map(|rotate| self.rotate = rotate),
            "symbol" => {
                value.parse().map(|symbol| self.symbol = Some(symbol)).or(Err("allowed-code"))
            }
            "compare" => {
                value.parse().map(|code| self.compare = Some(code)).or(Err("allowed-code"))
            }
            "lang" => {
                value.parse().map(|language| self.language = Some(language)).or(Err("allowed-lang"))
            }
            #[cfg(feature = "ssr")]
            "date" => value.parse().map(|date| self.date = Some(date)).or(Err("allowed-date")),
            "span" => value.parse().map(|span| self.span = span).or(Err("allowed-span")),
            _ => match value {
                "asc" => Ok(false),
                "desc" => Ok(true),
                _ => Err("allowed-dir"),
            }
            .map(|way| *descending = Some(way)),
        }
    }

    /// Returns the query that reads back as this state, without its `?` and defaults.
    pub fn query(&self) -> String {
        let default = Self::default();
        let amount = self.amount.to_string();
        let mut pairs = Vec::new();
        if self.base != default.base {
            pairs.push(("base", self.base.as_str()));
        }
        if self.amount != default.amount {
            pairs.push(("amount", &amount));
        }
        if let Some(quotation) = self.quotation {
            pairs.push(("quote", quotation.as_str()));
        }
        if let Some(digits) = self.digits {
            pairs.push(("digits", digits.as_str()));
        }
        if let Some(kind) = self.kind {
            pairs.push(("type", kind.as_str()));
        }
        if !self.search.is_empty() {
            pairs.push(("q", &self.search));
        }
        let symbols = self.symbols_text();
        if !symbols.is_empty() {
            pairs.push(("symbols", &symbols));
        }
        if self.sort.column != default.sort.column {
            pairs.push(("sort", self.sort.column.as_str()));
        }
        if self.sort.descending != self.sort.column.first_sort().descending {
            pairs.push(("dir", self.sort.direction()));
        }
        if self.wallboard {
            pairs.push(("view", "board"));
        }
        let rotate = self.rotate.unwrap_or(0).to_string();
        if self.rotate != default.rotate {
            pairs.push(("rotate", &rotate));
        }
        if let Some(symbol) = &self.symbol {
            pairs.push(("symbol", symbol.as_str()));
        }
        if self.span != default.span {
            pairs.push(("span", self.span.as_str()));
        }
        if let Some(compare) = &self.compare {
            pairs.push(("compare", compare.as_str()));
        }
        if let Some(day) = self.day() {
            pairs.push(("date", day));
        }
        if let Some(language) = self.language {
            pairs.push(("lang", language.tag()));
        }
        query::write(pairs)
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::app::texts::Texts;

    #[test]
    fn a_state_reads_back_from_its_own_query() {
        for query in [
            "",
            "type=fiat",
            "base=eur&amount=250.5&type=crypto&q=bit%20coin&sort=name&dir=desc",
            "sort=code",
            "dir=desc",
            "sort=value",
            "sort=value&dir=asc",
            "symbols=usd,eur,xau&view=board",
            "view=board&rotate=0",
            "view=board&rotate=5&span=7d",
            "rotate=3600",
            "sort=change&symbol=usd&span=7d",
            "span=1h",
            "base=usd&amount=2&quote=direct&digits=all&type=crypto",
            "quote=inverse",
            "symbol=usd&span=7d&compare=eur",
            "base=eur&lang=ar",
            "base=eur&symbol=usd&date=2026-10-31",
            "date=2026-10-31&lang=ja",
            "date=2026-02-30",
        ] {
            let (state, query_warnings) = PageState::read(query);
            assert!(query_warnings.is_empty(), "{query_warnings:?}");
            assert_eq!(state.query(), query);
            let detail = PageState { symbol: Some("xag".parse().unwrap()), ..state.clone() };
            assert_eq!(state.details()(&"xag".parse().unwrap()), detail.href());
        }
    }

    #[test]
    fn defaults_and_empty_fields_leave_the_address_clean() {
        let (state, query_warnings) = PageState::read(
            "base=&amount=1&q=&type=all&sort=popularity&dir=asc&view=table&rotate=12&symbol=&span=24h",
        );
        assert_eq!((state.href().as_str(), query_warnings.len()), ("./", 0));
    }

    #[test]
    fn wrong_values_are_named_and_their_defaults_kept() {
        let query = "base=%20&amount=-1&quote=x&digits=x&type=stocks&sort=up&dir=down&q=%FF&utm_source=mail&q=x\
            &symbols=usd,,eur&view=wall&rotate=4&symbol=%3F&span=1y&compare=%3F&date=tomorrow&lang=xx";
        let (state, query_warnings) = PageState::read(query);
        assert_eq!(state, PageState::default());
        for name in NAMES {
            let named = |warning: &QueryWarning| {
                warning.text(Texts::default()).contains(&format!("“{name}”"))
            };
            assert!(query_warnings.iter().any(named), "{name} is missing in {query_warnings:?}");
        }
        assert!(!query_warnings.iter().any(|warning| warning.name == "utm_source"));
        for rotate in ["3601", "-5", "5s", "0.5", "65536"] {
            let (state, warnings) = PageState::read(&format!("rotate={rotate}"));
            assert_eq!((state, warnings.len()), (PageState::default(), 1), "{rotate}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_address_is_read_and_written_back(query in ".*") {
            let (state, _) = PageState::read(&query);
            let (again, query_warnings) = PageState::read(&state.query());
            proptest::prop_assert_eq!(again, state);
            proptest::prop_assert_eq!(query_warnings, Vec::new());
        }

        #[test]
        fn any_search_is_kept(search in "\\PC{0,80}") {
            let state = PageState { search, ..PageState::default() };
            proptest::prop_assert_eq!(PageState::read(&state.query()).0, state);
        }
    }
}
