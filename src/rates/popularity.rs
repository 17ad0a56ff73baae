//! In what order readers look for currencies.

use super::Code;

/// What most readers look for, the most popular first.
///
/// Bitcoin, which everything here is about, leads the currencies of the largest turnover (Bank for International
/// Settlements, Triennial Central Bank Survey, April 2022); ether stands as high as a coin can without hiding
/// one of the four largest. The other coins follow by market value, then the metals, then other money by the
/// turnover of the same survey. The rest, at [`REST`], is in order of name. Last come the units of
/// bitcoin, the IMF's unit of account, which nobody pays with, and money that is no longer traded.
///
/// Each takes four letters, with blanks: every code is looked up for every page, and splitting a text into words
/// takes five times as long.
const ORDER: &str = "btc usd eur jpy gbp eth cny aud cad chf xrp bnb sol bch link\
    xlm ltc dot eos yfi xau xag hkd sgd sek krw nok nzd inr mxn twd zar brl dkk pln thb ils idr czk aed try huf \
    clp sar php myr cop rub ron pen *   bitssatsxdr vef ";

/// Where codes stand that are not in [`ORDER`]. No code is like it.
const REST: &str = "*";

impl Code {
    /// Returns what most readers look for, the most popular first.
    pub fn popular() -> impl Iterator<Item = Self> {
        let code = |code| std::str::from_utf8(code).ok()?.parse().ok();
        in_order().filter_map(code)
    }

    /// Returns the place in the order of popularity: the lower, the more popular. It is the same for all codes
    /// that nothing is known of.
    pub fn popularity(&self) -> usize {
        let place = |code: &str| in_order().position(|other| other == code.as_bytes());
        place(self.as_str()).or_else(|| place(REST)).unwrap_or_default()
    }
}

fn in_order() -> impl Iterator<Item = &'static [u8]> {
    ORDER.as_bytes().chunks(4).map(<[u8]>::trim_ascii_end)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{rates::RateType, sources::sample};

    #[test]
    fn each_code_stands_once_in_the_order_and_is_known() {
        let codes: Vec<Code> = Code::popular().collect();
        assert_eq!(codes.len(), in_order().count() - 1, "all but the mark of the rest");
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        let sample = sample::snapshot();
        for code in &codes {
            assert!(sample.get(code).is_some(), "{code}");
        }
        let coins = sample.rates().iter().filter(|rate| rate.kind != RateType::Fiat);
        for rate in coins {
            assert!(codes.contains(&rate.code), "{} has no place", rate.code);
        }
    }

    #[test]
    fn majors_come_first_and_what_nobody_looks_for_last() {
        let popularity = |code: &str| code.parse::<Code>().unwrap().popularity();
        let order = ["btc", "usd", "eur", "eth", "xau", "hkd", "lbp", "bits", "sats", "xdr", "vef"];
        assert!(order.map(popularity).is_sorted(), "{:?}", order.map(popularity));
        assert_eq!(popularity("lbp"), popularity("a-new-one"));
        assert!(popularity("jpy") < popularity("cny"), "¥");
    }
}
