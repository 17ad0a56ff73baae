//! Which rates the table shows, and in what order.

use std::cmp::Ordering;

use super::{
    fold::fold,
    sort::{Column, Sort},
    state::PageState,
};
use crate::rates::{Code, Rate, RateType, Snapshot, Span, Trends};

/// A rate that a search found, and how well it fits.
#[derive(Clone, Copy)]
struct Found<'a> {
    rate: &'a Rate,
    fit: Fit,
    /// Favourites come first, however the table is sorted. On a wallboard, popular currencies lead both
    /// groups. A script in the page moves the favourites up and keeps the rest in order:
    /// `src/assets/inline_scripts.rs`.
    favourite: bool,
    popular: bool,
}

/// How well a rate fits a search, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The code is equal to it, or there is no search.
    Code,
    /// The code starts with it.
    CodeBegins,
    /// The name starts with it.
    NameBegins,
    /// Code, name or unit contains it.
    Elsewhere,
}

impl PageState {
    /// Returns the rates to show: favourites first, then by how well they fit the search, then in the order
    /// of the table.
    pub fn select<'a>(
        &self,
        snapshot: &'a Snapshot,
        trends: Option<&Trends>,
        favourites: &[Code],
    ) -> Vec<&'a Rate> {
        let search = fold(self.search.trim());
        let found = |rate: &'a Rate| {
            let of_kind = self.kind.is_none_or(|kind| kind == rate.kind);
            let fit = fit(&search, rate).filter(|_| of_kind && self.wants(&rate.code))?;
            let favourite = favourites.contains(&rate.code);
            let popular = self.wallboard && Code::POPULAR.contains(&rate.code.as_str());
            Some(Found { rate, fit, favourite, popular })
        };
        let order = |a: &Found, b: &Found| {
            (b.favourite.cmp(&a.favourite))
                .then_with(|| b.popular.cmp(&a.popular))
                .then_with(|| a.fit.cmp(&b.fit))
                .then_with(|| self.sort.order(a.rate, b.rate, trends))
        };
        let mut found: Vec<Found> = snapshot.rates().iter().filter_map(found).collect();
        found.sort_by(order);
        found.into_iter().map(|found| found.rate).collect()
    }

    /// Counts the rates to show, of one type or of all.
    pub fn count(&self, snapshot: &Snapshot, kind: Option<RateType>) -> usize {
        let search = fold(self.search.trim());
        let counts = |rate: &&Rate| {
            kind.is_none_or(|kind| kind == rate.kind)
                && self.wants(&rate.code)
                && fit(&search, rate).is_some()
        };
        snapshot.rates().iter().filter(counts).count()
    }

    /// Returns whether the address names a currency, or names none at all. A wallboard leaves out the base,
    /// whose value is always the amount.
    fn wants(&self, code: &Code) -> bool {
        let named = self.symbols.is_empty() || self.symbols.contains(code);
        let alone = self.symbols.len() == 1;
        named && (alone || !self.wallboard || *code != self.base)
    }
}

impl Sort {
    /// Equal keys stay in order of value. That order is the same for every base, as is that of changes.
    fn order(self, a: &Rate, b: &Rate, trends: Option<&Trends>) -> Ordering {
        let ignoring_case = |a: &str, b: &str| {
            a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
        };
        let by_key = match self.column {
            Column::Value => Ordering::Equal,
            Column::Name => ignoring_case(&a.name, &b.name),
            Column::Code => a.code.cmp(&b.code),
            Column::Type => a.kind.cmp(&b.kind),
            Column::Unit => ignoring_case(&a.unit, &b.unit),
            Column::Change => {
                let change = |rate: &Rate| trends?.get(&rate.code)?.change(Span::Day);
                match (change(a), change(b)) {
                    (Some(a), Some(b)) => a.total_cmp(&b),
                    // Unknown changes come last in either direction.
                    (Some(_), None) => return Ordering::Less,
                    (None, Some(_)) => return Ordering::Greater,
                    (None, None) => Ordering::Equal,
                }
            }
        };
        let order = by_key.then_with(|| Rate::by_value(a, b));
        if self.descending == (self.column == Column::Value) { order } else { order.reverse() }
    }
}

/// Returns how well a rate fits `search`, which is folded; `None` if it doesn't.
fn fit(search: &str, rate: &Rate) -> Option<Fit> {
    let code = rate.code.as_str();
    if search.is_empty() || code == search {
        return Some(Fit::Code);
    }
    if code.starts_with(search) {
        return Some(Fit::CodeBegins);
    }
    let name = fold(&rate.name);
    if name.starts_with(search) {
        return Some(Fit::NameBegins);
    }
    let elsewhere =
        code.contains(search) || name.contains(search) || fold(&rate.unit).contains(search);
    elsewhere.then_some(Fit::Elsewhere)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        rates::{Quotation, SourceName, Trend},
        sources::sample,
        test_support,
    };

    fn state(query: &str) -> PageState {
        let (state, query_warnings) = PageState::read(query);
        assert_eq!(query_warnings, Vec::<String>::new(), "{query}");
        state
    }

    fn codes(query: &str) -> Vec<String> {
        let snapshot = sample::snapshot();
        let rates = state(query).select(&snapshot, None, &[]);
        rates.iter().map(|rate| rate.code.to_string()).collect()
    }

    #[test]
    fn rows_are_selected_and_sorted() {
        assert_eq!(codes("")[..3], ["lbp", "vnd", "idr"]);
        assert_eq!(codes("dir=asc")[..3], ["btc", "xau", "yfi"]);
        assert_eq!(codes("type=commodity&sort=name"), ["xau", "xag"]);
        assert_eq!(codes("type=commodity&sort=name&dir=desc"), ["xag", "xau"]);
        assert_eq!(codes("q=DOLLAR&sort=code")[..2], ["aud", "bmd"]);
        assert_eq!(codes("symbols=eur,USD,xau"), ["usd", "eur", "xau"]);
        assert_eq!(codes("symbols=eur,usd,xau&type=fiat&q=euro"), ["eur"]);
        assert_eq!(codes("q=nothing"), Vec::<String>::new());
    }

    #[test]
    fn a_search_finds_code_name_and_unit_and_ignores_case_and_marks() {
        for (search, first) in [
            ("EUR", "eur"),
            ("€", "eur"),
            ("zł", "pln"),
            ("zl", "pln"),
            ("ZŁOTY", "pln"),
            ("Kč", "czk"),
            ("kc", "czk"),
            ("New  zea", ""),
            ("new zéa", "nzd"),
            (" gold ", "xau"),
        ] {
            let query = crate::query::write([("q", search)]);
            let found = codes(&query);
            assert_eq!(found.first().map_or("", String::as_str), first, "{search}: {found:?}");
        }
    }

    #[test]
    fn the_exact_code_comes_first_then_what_begins_so() {
        assert_eq!(codes("q=bit"), ["bits", "bch", "btc"]);
        assert_eq!(codes("q=btc")[0], "btc");
        assert_eq!(codes("q=us")[0], "usd");
        assert_eq!(codes("q=eth")[0], "eth");
        assert_eq!(codes("q=sol&sort=name&dir=desc")[0], "sol");
        // Within the same fit, in the order of the table.
        assert_eq!(codes("q=dollar&sort=name")[..2], ["aud", "bmd"]);
    }

    #[test]
    fn favourites_are_pinned_on_top_in_the_order_of_the_table() {
        let snapshot = sample::snapshot();
        let favourites = ["xau", "usd"].map(|code| code.parse().unwrap());
        let of = |query: &str| {
            let rates = state(query).select(&snapshot, None, &favourites);
            rates[..3].iter().map(|rate| rate.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of(""), ["usd", "xau", "lbp"]);
        assert_eq!(of("dir=asc"), ["xau", "usd", "btc"]);
        // On a wallboard, popular currencies follow.
        assert_eq!(of("view=board"), ["usd", "xau", "jpy"]);
        // Moving favourites up in a list without favourites gives the same, as the page's script does.
        for query in ["", "sort=name", "view=board", "view=board&sort=code&dir=desc", "q=d"] {
            for favourites in [["lbp", "usd"], ["sats", "usd"], ["vnd", "xau"]] {
                let favourites = favourites.map(|code| code.parse().unwrap());
                let state = state(query);
                let mut moved = state.select(&snapshot, None, &[]);
                moved.sort_by_key(|rate| !favourites.contains(&rate.code));
                assert_eq!(state.select(&snapshot, None, &favourites), moved, "{query}");
            }
        }
    }

    #[test]
    fn unknown_changes_come_last_either_way() {
        let value = |rate: &Rate| match rate.code.as_str() {
            "btc" | "eur" | "usd" => rate.value,
            _ => 0.0,
        };
        let snapshot = test_support::snapshot(SourceName::Coingecko, sample::TAKEN, value);
        let trend = |code: &str, change| {
            let code = code.parse().unwrap();
            Trend { code, changes: [None, change, None], path: String::new() }
        };
        let of = vec![trend("btc", Some(0.0)), trend("eur", None), trend("usd", Some(-1.5))];
        let quotation = Quotation::Inverse;
        let trends = Trends { base: Code::btc(), quotation, since: None, of };
        let of = |query: &str| {
            let rates = state(query).select(&snapshot, Some(&trends), &[]);
            rates.iter().map(|rate| rate.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("sort=change"), ["btc", "usd", "eur"]);
        assert_eq!(of("sort=change&dir=asc"), ["usd", "btc", "eur"]);
    }
}
