//! Coinbase's `GET /exchange-rates?currency=BTC`.
//!
//! The answer is `{"data":{"currency":"BTC","rates":{"AED":"…"}}}`: several hundred codes in upper
//! case, with values per bitcoin as text. Names, units and types come from the last good rates, else
//! from the sample in the binary. Codes in neither are left out.
//! Docs: <https://docs.cdp.coinbase.com/coinbase-app/track-apis/exchange-rates>.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fetched, Fetching, Now, RateSource, SourceError, http, not_json, sample};
use crate::rates::{Code, Snapshot, SourceName, Timestamp};

/// Coinbase as a source.
pub struct Coinbase {
    pub client: Client,
    /// The API's base address: `https://api.coinbase.com/v2`.
    pub base: Url,
    pub timeout: Duration,
}

impl RateSource for Coinbase {
    fn name(&self) -> SourceName {
        SourceName::Coinbase
    }

    fn fetch<'a>(&'a self, now: Now<'a>, known: Option<&'a Snapshot>) -> Fetching<'a> {
        let base = self.base.as_str().trim_end_matches('/');
        let request = self.client.get(format!("{base}/exchange-rates?currency=BTC"));
        let request = request.header("accept", "application/json");
        Box::pin(async move {
            let answer = http::get(request, self.timeout, None).await?;
            let read = parse(&answer.body, known, now());
            Ok(read.map_err(|error| error.because(&answer.body, None))?.aged(answer.age))
        })
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Data<'a> {
    currency: String,
    #[serde(borrow)]
    rates: BTreeMap<String, &'a RawValue>,
}

/// Makes a snapshot of the codes whose names are known. Only those can count as broken.
/// Public for `fuzz/`.
pub fn parse(
    body: &[u8],
    known: Option<&Snapshot>,
    now: Timestamp,
) -> Result<Fetched, SourceError> {
    let answer: Answer = serde_json::from_slice(body).map_err(not_json)?;
    let data = answer.data.filter(|data| data.currency == "BTC");
    let data = data.ok_or_else(|| match answer.errors {
        Some(_) => SourceError::Refused("an error without a message".to_owned()),
        None => SourceError::NoRates,
    })?;
    let sample = sample::snapshot();
    let catalogue = |code: &Code| known.and_then(|known| known.get(code)).or(sample.get(code));
    let known = data.rates.into_iter().filter_map(|(code, value)| {
        let code: Code = code.parse().ok()?;
        Some((catalogue(&code)?, value))
    });
    let (mut rates, mut dropped) = (Vec::new(), 0);
    for (entry, value) in known {
        let value = serde_json::from_str::<String>(value.get()).ok().and_then(|v| v.parse().ok());
        match value.and_then(|value| entry.with_value(value)) {
            Some(rate) => rates.push(rate),
            None => dropped += 1,
        }
    }
    let snapshot = Snapshot::new(SourceName::Coinbase, now, rates)?;
    Ok(Fetched { snapshot, dropped, announced: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::{Rate, RateType};

    fn read(body: &str) -> Result<Fetched, SourceError> {
        parse(body.as_bytes(), None, Timestamp::from_unix_seconds(0))
    }

    #[test]
    fn known_codes_get_their_names_and_others_are_left_out() {
        let rates = r#"{"BTC":"1.0","EUR":"65000.1","00":"2781.6","USD":"-1","JPY":1}"#;
        let body = format!(r#"{{"data":{{"currency":"BTC","rates":{rates}}}}}"#);
        let fetched = read(&body).unwrap();
        let names: Vec<_> = fetched.snapshot.rates().iter().map(|rate| &*rate.name).collect();
        assert_eq!((names, fetched.dropped), (vec!["Bitcoin", "Euro"], 2));
    }

    #[test]
    fn names_come_from_the_last_good_rates() {
        let rate = |code: &str, name: &str, value| {
            let (name, unit) = (name.to_owned(), "Z".to_owned());
            Rate::new(code.parse().unwrap(), name, unit, value, RateType::Commodity).unwrap()
        };
        let known = vec![rate("btc", "Bitcoin", 1.0), rate("zzz", "Zloth", 7.0)];
        let known = Snapshot::new(SourceName::Coingecko, sample::TAKEN, known).unwrap();
        let body = br#"{"data":{"currency":"BTC","rates":{"BTC":"1","EUR":"2","ZZZ":"8"}}}"#;
        let fetched = parse(body, Some(&known), sample::TAKEN).unwrap();
        let names: Vec<_> = fetched.snapshot.rates().iter().map(|rate| &*rate.name).collect();
        assert_eq!(names, ["Bitcoin", "Euro", "Zloth"]);
        assert_eq!(fetched.snapshot.rates()[2], rate("zzz", "Zloth", 8.0));
    }

    #[test]
    fn other_answers_are_failures() {
        for (body, outcome) in [
            (r#"{"errors":[{"id":"internal_server_error"}]}"#, "refused"),
            (r#"{"data":{"currency":"USD","rates":{"BTC":"1"}}}"#, "no_rates"),
            (r#"{"data":{"currency":"BTC","rates":{"EUR":"1"}}}"#, "invalid"),
            ("<html>", "not_json"),
        ] {
            assert_eq!(read(body).unwrap_err().outcome(), outcome, "{body}");
        }
    }
}
