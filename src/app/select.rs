//! Which rates the table shows, and in what order.

use std::{borrow::Cow, cmp::Ordering};

use super::{
    fold::fold,
    search::{Fit, Search},
    sort::{Column, Sort},
    state::PageState,
    texts::Texts,
};
use crate::{
    language::Language,
    rates::{Code, Quotation, Rate, RateType, Snapshot, Trends},
};

/// A rate that a search found, and how well it fits.
#[derive(Clone, Copy)]
struct Found<'a, 'n> {
    rate: &'a Rate,
    /// By which it is sorted.
    name: &'n str,
    fit: Fit,
    /// The place among the favourites, which come first, however the table is sorted. A script in the page
    /// moves them up in the same order and keeps the rest in order: `src/assets/inline_scripts.rs`.
    favourite: usize,
    /// The place in the order of [`Column::Popularity`]; 0 if the table is sorted by another one.
    popularity: usize,
}

impl PageState {
    /// Returns the rates to show: favourites first, then by how well they fit the search, then in the order
    /// of the table.
    pub fn select<'a>(
        &self,
        snapshot: &'a Snapshot,
        trends: Option<&Trends>,
        favourites: &[Code],
        texts: Texts,
    ) -> Vec<&'a Rate> {
        let search = Search::new(&self.search, snapshot, texts);
        let by_popularity = self.sort.column == Column::Popularity;
        let rates = snapshot.rates();
        let names: Vec<_> = rates.iter().map(|rate| sorted_name(rate, texts)).collect();
        let found = |rate: &'a Rate, name| {
            let code = &rate.code;
            let of_kind = self.kind.is_none_or(|kind| kind == rate.kind);
            let fit = search.fit(rate).filter(|_| of_kind && self.wants(code))?;
            let popularity = if by_popularity { self.popularity(code) } else { 0 };
            Some(Found { rate, name, fit, favourite: place(favourites, code), popularity })
        };
        let quotation = self.quotation(snapshot);
        let order = |a: &Found, b: &Found| {
            (a.favourite.cmp(&b.favourite))
                .then_with(|| a.fit.cmp(&b.fit))
                .then_with(|| self.sort.order(a, b, trends, quotation))
        };
        let found = rates.iter().zip(&names).filter_map(|(rate, name)| found(rate, &**name));
        let mut found: Vec<Found> = found.collect();
        found.sort_by(order);
        found.into_iter().map(|found| found.rate).collect()
    }

    /// Counts the rates to show, of one type or of all.
    pub fn count(&self, snapshot: &Snapshot, kind: Option<RateType>, texts: Texts) -> usize {
        let search = Search::new(&self.search, snapshot, texts);
        let counts = |rate: &&Rate| {
            kind.is_none_or(|kind| kind == rate.kind)
                && self.wants(&rate.code)
                && search.fit(rate).is_some()
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

    /// Returns the place in the order in which a link names its currencies, else in that of popularity. The base,
    /// whose value is always the amount, is last there.
    fn popularity(&self, code: &Code) -> usize {
        if !self.symbols.is_empty() {
            place(&self.symbols, code)
        } else if *code == self.base {
            usize::MAX
        } else {
            code.popularity()
        }
    }
}

/// Returns the place in a list; what is not in it comes after all that is.
fn place(codes: &[Code], code: &Code) -> usize {
    codes.iter().position(|other| other == code).unwrap_or(usize::MAX)
}

/// Returns the name by which a currency is sorted: without the marks of its letters, which English names have none of.
fn sorted_name(rate: &Rate, texts: Texts) -> Cow<'_, str> {
    match texts.language() {
        Language::En => Cow::Borrowed(&rate.name),
        _ => Cow::Owned(fold(&texts.name(rate))),
    }
}

fn ignoring_case(a: &str, b: &str) -> Ordering {
    a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
}

impl Sort {
    /// Equal keys stay in order of value. That order is the same for every base, as is that of changes; in the
    /// other direction, both are reversed.
    fn order(
        self,
        a: &Found,
        b: &Found,
        trends: Option<&Trends>,
        quotation: Quotation,
    ) -> Ordering {
        let popularity = a.popularity.cmp(&b.popularity);
        let by_name = || ignoring_case(a.name, b.name);
        let (a, b) = (a.rate, b.rate);
        let by_value = || match quotation {
            Quotation::Inverse => Rate::by_value(a, b),
            Quotation::Direct => Rate::by_value(b, a),
        };
        let by_key = match self.column {
            Column::Popularity => popularity.then_with(by_name),
            Column::Value => Ordering::Equal,
            Column::Name => by_name(),
            Column::Code => a.code.cmp(&b.code),
            Column::Type => a.kind.cmp(&b.kind),
            Column::Unit => ignoring_case(&a.unit, &b.unit),
            Column::Change(span) => {
                let change = |rate: &Rate| trends?.get(&rate.code)?.change(span);
                match (change(a), change(b)) {
                    // Those of the other direction are about to be replaced.
                    (Some(a), Some(b)) if trends.is_some_and(|it| it.quotation != quotation) => {
                        b.total_cmp(&a)
                    }
                    (Some(a), Some(b)) => a.total_cmp(&b),
                    // Unknown changes come last in either direction.
                    (Some(_), None) => return Ordering::Less,
                    (None, Some(_)) => return Ordering::Greater,
                    (None, None) => Ordering::Equal,
                }
            }
        };
        let order = by_key.then_with(by_value);
        if self.descending == (self.column == Column::Value) { order } else { order.reverse() }
    }
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
        assert_eq!(query_warnings, Vec::new(), "{query}");
        state
    }

    fn codes(query: &str) -> Vec<String> {
        let snapshot = sample::snapshot();
        let rates = state(query).select(&snapshot, None, &[], Texts::default());
        rates.iter().map(|rate| rate.code.to_string()).collect()
    }

    #[test]
    fn rows_are_selected_and_sorted() {
        assert_eq!(codes("sort=value")[..3], ["lbp", "vnd", "idr"]);
        assert_eq!(codes("sort=value&dir=asc")[..3], ["btc", "xau", "yfi"]);
        assert_eq!(codes("type=commodity&sort=name"), ["xau", "xag"]);
        assert_eq!(codes("type=commodity&sort=name&dir=desc"), ["xag", "xau"]);
        assert_eq!(codes("q=DOLLAR&sort=code")[..2], ["aud", "bmd"]);
        assert_eq!(codes("symbols=eur,USD,xau&sort=value"), ["usd", "eur", "xau"]);
        assert_eq!(codes("symbols=eur,usd,xau&type=fiat&q=euro"), ["eur"]);
        assert_eq!(codes("q=nothing"), Vec::<String>::new());
    }

    #[test]
    fn what_most_readers_look_for_comes_first_and_the_base_last() {
        assert_eq!(codes("")[..9], ["usd", "eur", "jpy", "gbp", "eth", "cny", "aud", "cad", "chf"]);
        assert_eq!(codes("")[71..], ["bits", "sats", "xdr", "vef", "btc"]);
        assert_eq!(codes("base=usd")[..5], ["btc", "eur", "jpy", "gbp", "eth"]);
        assert_eq!(codes("base=usd").last().unwrap(), "usd");
        assert_eq!(codes("type=crypto&base=eth")[..3], ["btc", "xrp", "bnb"]);
        let of_the_rest = codes("").into_iter().skip_while(|code| code != "pen").skip(1).take(4);
        assert_eq!(of_the_rest.collect::<Vec<_>>(), ["ars", "amd", "bhd", "bdt"], "by name");
        assert_eq!(codes("dir=desc")[..3], ["btc", "vef", "xdr"]);
    }

    #[test]
    fn a_link_decides_over_the_order_unless_it_names_a_column() {
        for view in ["", "&view=board"] {
            let of = |query: &str| codes(&format!("{query}{view}"));
            assert_eq!(of("symbols=xau,LBP,usd"), ["xau", "lbp", "usd"]);
            assert_eq!(of("symbols=xau,lbp,usd&sort=value"), ["lbp", "usd", "xau"]);
        }
        assert_eq!(codes("symbols=btc,usd,eur"), ["btc", "usd", "eur"], "the base, too");
    }

    #[test]
    fn unknown_codes_come_after_the_known_ones_by_name() {
        let unknown = |code: &str, name: &str| {
            let (code, name) = (code.parse().unwrap(), name.to_owned());
            Rate::new(code, name, String::new(), 2.0, RateType::Crypto).unwrap()
        };
        let mut rates = sample::snapshot().rates().to_vec();
        rates.extend([unknown("aaa", "Zcoin"), unknown("zzz", "Acoin")]);
        let snapshot = Snapshot::new(SourceName::Coingecko, sample::TAKEN, rates).unwrap();
        let selected = state("type=crypto").select(&snapshot, None, &[], Texts::default());
        let selected: Vec<_> = selected.iter().map(|rate| rate.code.as_str()).collect();
        assert_eq!(selected[10..], ["yfi", "zzz", "aaa", "bits", "sats", "btc"]);
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
            ("New  zea", "nzd"),
            ("new zéa", "nzd"),
            (" gold ", "xau"),
        ] {
            let query = crate::query::write([("q", search)]);
            let found = codes(&query);
            assert_eq!(found.first().map_or("", String::as_str), first, "{search}: {found:?}");
        }
    }

    #[test]
    fn a_search_knows_what_people_call_a_currency() {
        for (search, first) in [
            ("ethereum", "eth"),
            ("ripple", "xrp"),
            ("stellar", "xlm"),
            ("binance", "bnb"),
            ("rmb", "cny"),
            ("Renminbi", "cny"),
            ("swiss", "chf"),
            ("switzerland", "chf"),
            ("swiss franc", "chf"),
            ("japan", "jpy"),
            ("japanese", "jpy"),
            ("mexico", "mxn"),
            ("mexican peso", "mxn"),
            ("uk", "gbp"),
            ("ukr", "uah"),
            ("britain", "gbp"),
            ("England", "gbp"),
            ("united kingdom", "gbp"),
            ("united states", "usd"),
            ("american", "usd"),
            ("Germany", "eur"),
            ("german", "eur"),
            ("dutch", "eur"),
            ("czechia", "czk"),
            ("czech republic", "czk"),
            ("dominican republic", "dop"),
            ("Türkiye", "try"),
            ("korea", "krw"),
            ("australia", "aud"),
            ("gold", "xau"),
            ("silver oz", "xag"),
            ("imf", "xdr"),
            ("sdr", "xdr"),
            ("satoshis", "sats"),
        ] {
            let found = codes(&crate::query::write([("q", search)]));
            assert_eq!(found.first().map_or("", String::as_str), first, "{search}: {found:?}");
        }
        assert_eq!(codes("q=ethereum"), ["eth"]);
        assert_eq!(codes("q=ether"), ["eth"]);
    }

    #[test]
    fn words_are_found_in_any_order_and_each_must_be() {
        assert_eq!(codes("q=dollar+us")[0], "usd");
        assert_eq!(codes("q=zealand+new"), ["nzd"]);
        assert_eq!(codes("q=franc+swiss"), ["chf"]);
        assert_eq!(codes("q=dollar+hk"), ["hkd"]);
        assert_eq!(
            codes("q=bitcoin+c")[0],
            "bch",
            "a name that begins so is nearer than its words"
        );
        assert_eq!(codes("q=dollar+mexico"), Vec::<String>::new());
    }

    #[test]
    fn a_pair_finds_both() {
        for pair in ["eur/usd", "EURUSD", "eur-usd", "USD eur", "eur / usd", "usd/eur/"] {
            let found = codes(&crate::query::write([("q", pair), ("base", "gbp")]));
            assert_eq!(found, ["usd", "eur"], "{pair}");
        }
        assert_eq!(codes("q=btcjpy&base=usd"), ["btc", "jpy"]);
        assert_eq!(codes("q=usd/xau/link"), ["usd", "link", "xau"]);
        assert_eq!(codes("q=eur/xyz"), Vec::<String>::new());
        assert_eq!(codes("q=eurxyz"), Vec::<String>::new());
        // A unit with a slash.
        assert_eq!(codes("q=S/"), ["pen"]);
    }

    #[test]
    fn of_those_with_the_same_sign_majors_come_first() {
        let of = |sign| codes(&crate::query::write([("q", sign)]));
        assert_eq!(of("$")[..5], ["usd", "aud", "cad", "hkd", "sgd"]);
        assert_eq!(of("€"), ["eur"]);
        assert_eq!(of("£"), ["gbp"]);
        assert_eq!(of("¥"), ["jpy", "cny"]);
        assert_eq!(of("dollar")[..3], ["usd", "aud", "cad"]);
        // The reader's own order stands above that.
        assert_eq!(codes("q=%24&sort=name")[..2], ["ars", "aud"]);
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
    fn favourites_are_pinned_on_top_in_the_order_of_pinning() {
        let snapshot = sample::snapshot();
        let favourites = ["xau", "usd"].map(|code| code.parse().unwrap());
        let of = |query: &str| {
            let rates = state(query).select(&snapshot, None, &favourites, Texts::default());
            rates[..3].iter().map(|rate| rate.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of(""), ["xau", "usd", "eur"]);
        assert_eq!(of("sort=value"), ["xau", "usd", "lbp"]);
        assert_eq!(of("sort=value&dir=asc"), ["xau", "usd", "btc"]);
        assert_eq!(of("view=board"), ["xau", "usd", "eur"]);
        // Moving favourites up in a list without favourites gives the same, as the page's script does.
        for query in [
            "",
            "sort=name",
            "sort=value",
            "symbols=usd,xau,vnd",
            "view=board",
            "view=board&sort=code&dir=desc",
            "q=d",
        ] {
            for favourites in [["lbp", "usd"], ["sats", "usd"], ["vnd", "xau"]] {
                let favourites = favourites.map(|code| code.parse().unwrap());
                let state = state(query);
                let mut moved = state.select(&snapshot, None, &[], Texts::default());
                moved.sort_by_key(|rate| place(&favourites, &rate.code));
                assert_eq!(
                    state.select(&snapshot, None, &favourites, Texts::default()),
                    moved,
                    "{query}"
                );
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
        let trends =
            Trends { base: Code::btc(), quotation, since: None, told_by_source: false, of };
        let of = |query: &str| {
            let rates = state(query).select(&snapshot, Some(&trends), &[], Texts::default());
            rates.iter().map(|rate| rate.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("sort=change"), ["btc", "usd", "eur"]);
        assert_eq!(of("sort=change&dir=asc"), ["usd", "btc", "eur"]);
    }
}
