//! Kraken's `GET /Ticker?pair=XBTUSD,XBTEUR,…`: a source of seven rates, and a reference.
//!
//! The answer is `{"error":[],"result":{"XXBTZUSD":{"a":[ask,…],"b":[bid,…],"c":[last,…],…}}}` with prices as text.
//! The names in it differ from those asked for: older pairs have an X before bitcoin and a Z before the currency.
//! Names, units and types come from the last good rates, else from the sample in the binary.
//! Docs: <https://docs.kraken.com/api/docs/rest-api/get-ticker-information>.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Asking, Fetched, Fetching, Now, RateSource, Reference, SourceError, http, not_json, reason,
    sample,
};
use crate::rates::{Code, ReferenceName, ReferenceRates, Snapshot, SourceName, Timestamp};

/// What bitcoin is traded for. One pair that Kraken gives up would make it refuse them all.
const PAIRS: &str = "XBTUSD,XBTEUR,XBTGBP,XBTCAD,XBTJPY,XBTAUD,XBTCHF";

/// Kraken as a source, and as a reference.
pub struct Kraken {
    pub client: Client,
    /// The API's base address: `https://api.kraken.com/0/public`.
    pub base: Url,
    pub timeout: Duration,
}

impl RateSource for Kraken {
    fn name(&self) -> SourceName {
        SourceName::Kraken
    }

    fn fetch<'a>(&'a self, now: Now<'a>, known: Option<&'a Snapshot>) -> Fetching<'a> {
        let base = self.base.as_str().trim_end_matches('/');
        let request = self.client.get(format!("{base}/Ticker?pair={PAIRS}"));
        let request = request.header("accept", "application/json");
        Box::pin(async move {
            let answer = http::get(request, self.timeout, None).await?;
            let read = parse(&answer.body, known, now());
            Ok(read.map_err(|error| error.because(&answer.body, None))?.aged(answer.age))
        })
    }
}

impl Reference for Kraken {
    fn name(&self) -> ReferenceName {
        ReferenceName::Kraken
    }

    fn ask<'a>(&'a self, now: Now<'a>) -> Asking<'a, ReferenceRates> {
        Box::pin(async move {
            let Fetched { snapshot, .. } = self.fetch(now, None).await?;
            let values = snapshot.rates().iter().map(|rate| (rate.code.clone(), rate.value));
            let (time, asked) = (snapshot.last_updated(), snapshot.confirmed());
            ReferenceRates::new(ReferenceName::Kraken, time, asked, values.collect())
                .ok_or(SourceError::NoRates)
        })
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    error: Vec<String>,
    #[serde(borrow)]
    result: Option<BTreeMap<String, &'a RawValue>>,
}

/// The prices of a pair, each followed by volumes.
#[derive(Deserialize)]
struct Ticker {
    #[serde(default)]
    a: Vec<String>,
    #[serde(default)]
    b: Vec<String>,
    c: Vec<String>,
}

/// Makes a snapshot of the pairs whose currencies are known. Only those can count as broken.
/// Public for `fuzz/`.
pub fn parse(
    body: &[u8],
    known: Option<&Snapshot>,
    now: Timestamp,
) -> Result<Fetched, SourceError> {
    let Answer { error, result } = serde_json::from_slice(body).map_err(not_json)?;
    let Some(pairs) = result else { return Err(refusal(&error)) };
    let sample = sample::snapshot();
    let catalogue = |code: &Code| known.and_then(|known| known.get(code)).or(sample.get(code));
    let pairs = pairs.into_iter().filter_map(|(pair, ticker)| {
        let currency = pair.strip_prefix("XXBTZ").or_else(|| pair.strip_prefix("XBT"))?;
        Some((catalogue(&currency.parse().ok()?)?, ticker))
    });
    let (mut rates, mut dropped) = (Vec::new(), 0);
    for (entry, ticker) in pairs {
        match price(ticker).and_then(|value| entry.with_value(value)) {
            Some(rate) => rates.push(rate),
            None => dropped += 1,
        }
    }
    if rates.is_empty() {
        return Err(SourceError::NoRates);
    }
    rates.extend(catalogue(&Code::btc()).cloned());
    let snapshot = Snapshot::new(SourceName::Kraken, now, rates)?;
    Ok(Fetched { snapshot, dropped, announced: Vec::new() })
}

/// Returns the price of the last trade, moved to between bid and ask: in a thin market that trade may be of hours ago.
fn price(ticker: &RawValue) -> Option<f64> {
    let Ticker { a, b, c } = serde_json::from_str(ticker.get()).ok()?;
    let first = |prices: &[String]| prices.first()?.parse::<f64>().ok();
    let sane = |price: &f64| price.is_finite() && *price > 0.0;
    let last = first(&c).filter(sane)?;
    let at_least = first(&b).filter(sane).map_or(last, |bid| last.max(bid));
    Some(first(&a).filter(sane).map_or(at_least, |ask| at_least.min(ask)))
}

/// Returns what an answer without a result means.
fn refusal(errors: &[String]) -> SourceError {
    let Some(first) = errors.first() else { return SourceError::NoRates };
    let too_many = ["EGeneral:Too many requests", "EAPI:Rate limit exceeded"];
    if errors.iter().any(|error| too_many.contains(&error.as_str())) {
        return SourceError::RateLimited { retry_after: None, reason: None };
    }
    SourceError::Refused(reason::clean(first, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::damaged;

    /// As Kraken documents it.
    const EXAMPLE: &str = r#"{"error":[],"result":{
        "XXBTZUSD":{"a":["75010.10000","1","1.000"],"b":["75010.00000","2","2.000"],"c":["75010.10000","0.00323448"],
            "v":["1971.59678625","2313.55393735"],"p":["74935.29841","74952.35837"],"t":[22298,28161],
            "l":["74743.50000","74743.50000"],"h":["75915.90000","75915.90000"],"o":"75291.30000"},
        "XBTCHF":{"a":["59038.50000","1","1.000"],"b":["59005.80000","1","1.000"],"c":["59042.10000","0.00010000"],
            "o":"58778.00000"},
        "XXBTZJPY":{"a":["11900000.0","1","1.000"],"b":["11899000.0","1","1.000"],"c":["11890000.0","0.1"]},
        "XBTEUR":{"c":["65000.5","0.1"]}}}"#;

    fn read(body: &str) -> Result<Fetched, SourceError> {
        parse(body.as_bytes(), None, Timestamp::from_unix_seconds(0))
    }

    #[test]
    fn the_documented_answer_is_read() {
        let fetched = read(EXAMPLE).unwrap();
        let rates = fetched.snapshot.rates().iter();
        let rates: Vec<_> =
            rates.map(|rate| (rate.code.as_str(), &*rate.name, rate.value)).collect();
        let expected = [
            ("btc", "Bitcoin", 1.0),
            // The last trade is above what is asked now.
            ("chf", "Swiss Franc", 59_038.5),
            ("eur", "Euro", 65_000.5),
            // And here below what is bid.
            ("jpy", "Japanese Yen", 11_899_000.0),
            ("usd", "US Dollar", 75_010.1),
        ];
        assert_eq!((rates, fetched.dropped), (expected.to_vec(), 0));
    }

    #[test]
    fn a_broken_pair_is_dropped_and_counted_and_an_unknown_one_left_out() {
        for broken in [
            r#"{"c":["-1","1"]}"#,
            r#"{"c":["0","1"]}"#,
            r#"{"c":["inf","1"]}"#,
            r#"{"c":["1e101","1"]}"#,
            r#"{"c":[75000,"1"]}"#,
            r#"{"c":[]}"#,
            r#"{"o":"75000"}"#,
            "null",
        ] {
            let pairs = r#""XBTEUR":{"c":["65000","1"]},"XETHZUSD":7,"XBTUSDC":7,"XBT":7"#;
            let body = format!(r#"{{"error":[],"result":{{"XXBTZUSD":{broken},{pairs}}}}}"#);
            let fetched = read(&body).unwrap();
            assert_eq!((fetched.snapshot.rates().len(), fetched.dropped), (2, 1), "{broken}");
        }
    }

    #[test]
    fn an_answer_without_rates_says_why() {
        for (body, outcome) in [
            (r#"{"error":["EGeneral:Too many requests"]}"#, "rate_limited"),
            (r#"{"error":["EAPI:Rate limit exceeded"]}"#, "rate_limited"),
            (r#"{"error":["EQuery:Unknown asset pair"]}"#, "refused"),
            (r#"{"error":["EService:Unavailable"],"result":null}"#, "refused"),
            (r#"{"error":[],"result":{}}"#, "no_rates"),
            (r#"{"error":[],"result":{"XXBTZUSD":null}}"#, "no_rates"),
            ("{}", "no_rates"),
            (r#"{"error":[],"result":[]}"#, "not_json"),
            ("<!DOCTYPE html><title>Just a moment…</title>", "not_json"),
            (&EXAMPLE[..200], "not_json"),
            ("", "not_json"),
        ] {
            let error = read(body).unwrap_err().because(body.as_bytes(), None);
            assert_eq!(error.outcome(), outcome, "{body}");
        }
        let told = read(r#"{"error":["EQuery:Unknown asset pair"]}"#).unwrap_err().to_string();
        assert_eq!(told, "refused: EQuery:Unknown asset pair");
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000)) {
            let _ = parse(&body, None, Timestamp::from_unix_seconds(0));
        }

        #[test]
        fn no_damage_to_a_good_body_is_too_strange(body in damaged(EXAMPLE.as_bytes())) {
            if let Ok(fetched) = parse(&body, None, Timestamp::from_unix_seconds(0)) {
                for rate in fetched.snapshot.rates() {
                    proptest::prop_assert!(rate.value > 0.0 && rate.value.is_finite());
                }
            }
        }
    }
}
