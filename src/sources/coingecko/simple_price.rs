//! CoinGecko's `GET /simple/price?ids=bitcoin&vs_currencies=…&include_24hr_change=true`.
//!
//! The answer is `{"bitcoin":{"usd":<value>,"usd_24h_change":<percent>,…}}`. A change may be null, and a currency
//! that CoinGecko does not know is left out. Docs: <https://docs.coingecko.com/reference/simple-price>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::refusal::refusal;
use crate::{
    rates::Code,
    sources::{Changes, SourceError, not_json},
};

/// What follows a currency in the name of its change.
const CHANGE: &str = "_24h_change";

/// An answer, good or bad. Entries stay raw, so that a broken one costs only itself.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    bitcoin: Option<&'a RawValue>,
}

/// Reads the changes in an answer's body, in percent. Entries that can't be right are left out. Public for `fuzz/`.
pub fn parse(body: &[u8]) -> Result<Changes, SourceError> {
    let answer: Answer = serde_json::from_slice(body).map_err(not_json)?;
    let Some(bitcoin) = answer.bitcoin else { return Err(refusal(body)) };
    let entries: BTreeMap<String, &RawValue> =
        serde_json::from_str(bitcoin.get()).map_err(|_| SourceError::NoRates)?;
    let change = |(name, raw): (String, &RawValue)| {
        let code: Code = name.strip_suffix(CHANGE)?.parse().ok()?;
        let percent: f64 = serde_json::from_str(raw.get()).ok()?;
        (percent.is_finite() && percent > -100.0).then_some((code, percent))
    };
    Ok(entries.into_iter().filter_map(change).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::damaged;

    /// As CoinGecko documents it.
    const EXAMPLE: &str = r#"{"bitcoin":{"usd":67187.3358936566,"usd_market_cap":1317802988326.25,
        "usd_24h_vol":31260929299.5248,"usd_24h_change":3.63727894677354,"eur":62000.5,"eur_24h_change":-1.5,
        "last_updated_at":1711356300}}"#;

    #[test]
    fn the_documented_answer_is_read() {
        let changes = parse(EXAMPLE.as_bytes()).unwrap();
        let changes: Vec<_> = changes.iter().map(|(code, by)| (code.as_str(), *by)).collect();
        assert_eq!(changes, [("eur", -1.5), ("usd", 3.637_278_946_773_54)]);
    }

    #[test]
    fn a_broken_change_costs_only_itself() {
        let body = r#"{"bitcoin":{"usd_24h_change":null,"eur_24h_change":"1","gbp_24h_change":-100,
            "chf_24h_change":1e400,"a b_24h_change":1,"_24h_change":1,"jpy_24h_change":2,"xau":7}}"#;
        let changes = parse(body.as_bytes()).unwrap();
        assert_eq!(changes.keys().map(Code::as_str).collect::<Vec<_>>(), ["jpy"]);
        assert_eq!(parse(br#"{"bitcoin":{}}"#), Ok(Changes::new()));
    }

    #[test]
    fn what_is_no_price_says_why() {
        for (body, outcome) in [
            (r#"{"status":{"error_code":429}}"#, "rate_limited"),
            (r#"{"error":"invalid"}"#, "refused"),
            (r#"{"bitcoin":7}"#, "no_rates"),
            ("{}", "no_rates"),
            (r#"{"bitcoin":{"usd":1"#, "not_json"),
            ("", "not_json"),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().outcome(), outcome, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000)) {
            let _ = parse(&body);
        }

        #[test]
        fn no_damage_to_a_good_body_is_too_strange(body in damaged(EXAMPLE.as_bytes())) {
            for percent in parse(&body).unwrap_or_default().values() {
                proptest::prop_assert!(percent.is_finite() && *percent > -100.0);
            }
        }
    }
}
