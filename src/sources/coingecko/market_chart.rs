//! CoinGecko's `GET /coins/bitcoin/market_chart?vs_currency=…&days=…`.
//!
//! The answer is `{"prices":[[<milliseconds>,<value>],…],"market_caps":…,"total_volumes":…}`: of the last day every
//! five minutes, of up to 90 days every hour; the last price is the current one.
//! Docs: <https://docs.coingecko.com/reference/coins-id-market-chart>.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::refusal::refusal;
use crate::{
    rates::Timestamp,
    sources::{Past, SourceError, not_json},
};

/// No time after it is believed: the year 5138.
const LATEST_MS: f64 = 1e14;

/// An answer, good or bad. Entries stay raw, so that a broken one costs only itself.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    prices: Option<&'a RawValue>,
}

/// Reads the values in an answer's body, in order of time. Entries that can't be right are left out. Public for `fuzz/`.
pub fn parse(body: &[u8]) -> Result<Past, SourceError> {
    let answer: Answer = serde_json::from_slice(body).map_err(not_json)?;
    let Some(prices) = answer.prices else { return Err(refusal(body)) };
    let prices: Vec<&RawValue> =
        serde_json::from_str(prices.get()).map_err(|_| SourceError::NoRates)?;
    let mut past: Past = prices.into_iter().filter_map(price).collect();
    past.sort_by_key(|(time, _)| *time);
    Ok(past)
}

fn price(raw: &RawValue) -> Option<(Timestamp, f64)> {
    let (time, value): (f64, f64) = serde_json::from_str(raw.get()).ok()?;
    let sane = (0.0..LATEST_MS).contains(&time) && value.is_finite() && value > 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
    sane.then(|| (Timestamp::from_unix_seconds((time / 1_000.0) as u64), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{at, damaged};

    /// The example in CoinGecko's documentation.
    const EXAMPLE: &str = r#"{"prices":[[1711843200000,69702.3087473573],[1711929600000,71246.9514406015],
        [1711983682000,68887.7495158568]],"market_caps":[[1711843200000,1370247487960.09],
        [1711929600000,1401370211582.37],[1711983682000,1355701979725.16]],"total_volumes":[[1711843200000,16408802301.8374],
        [1711929600000,19723005998.215],[1711983682000,30137418199.6431]]}"#;

    #[test]
    fn the_documented_answer_is_read() {
        let past = [
            (at(1_711_843_200), 69_702.308_747_357_3),
            (at(1_711_929_600), 71_246.951_440_601_5),
            (at(1_711_983_682), 68_887.749_515_856_8),
        ];
        assert_eq!(parse(EXAMPLE.as_bytes()), Ok(past.to_vec()));
    }

    #[test]
    fn a_broken_price_costs_only_itself_and_all_are_in_order() {
        let prices = r#"[[1711929600000,2],[1711843200000,1],[1,null],[2,0],[3,-1],[4,1e400],[5,"6"],[-1,1],[1e15,1],
            [7],[8,9,10],null,{}]"#;
        let past = parse(format!(r#"{{"prices":{prices}}}"#).as_bytes()).unwrap();
        assert_eq!(past, [(at(1_711_843_200), 1.0), (at(1_711_929_600), 2.0)]);
        assert_eq!(parse(br#"{"prices":[]}"#), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_chart_says_why() {
        for (body, outcome) in [
            (r#"{"status":{"error_code":429,"error_message":"…"}}"#, "rate_limited"),
            (r#"{"error":"invalid vs_currency"}"#, "refused"),
            (r#"{"error":{"status":{"error_code":10005}}}"#, "refused"),
            (r#"{"prices":null}"#, "no_rates"),
            (r#"{"prices":{}}"#, "no_rates"),
            ("{}", "no_rates"),
            ("[]", "not_json"),
            (r#"{"prices":[[1711843200000,69702.3"#, "not_json"),
            ("<!DOCTYPE html><title>Just a moment…</title>", "not_json"),
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
            for (_, value) in parse(&body).unwrap_or_default() {
                proptest::prop_assert!(value > 0.0 && value.is_finite());
            }
        }
    }
}
