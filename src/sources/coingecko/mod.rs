//! CoinGecko's `GET /exchange_rates`, and what it knows of the past (`market_chart`, `simple_price`,
//! `vs_currencies`).
//!
//! The answer is `{"rates":{"<code>":{"name","unit","value","type"}}}` with values per bitcoin and
//! no time. Also seen: the body of a 429 under status 200, errors in three shapes, Cloudflare's HTML.
//! Docs: <https://docs.coingecko.com/reference/exchange-rates>.

pub mod market_chart;
mod refusal;
pub mod simple_price;
pub mod vs_currencies;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Url, header::HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::refusal::refusal;
use super::{
    Archive, Asking, Changes, Fetched, Fetching, Now, Past, RateSource, SourceError, http, not_json,
};
use crate::rates::{Code, Rate, RateType, Snapshot, SourceName, Timestamp};

/// The plan that a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Demo,
    Pro,
}

/// A key for CoinGecko.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub String);

// A key must not reach a log through a `{:?}` of the configuration.
impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// CoinGecko as a source.
pub struct Coingecko {
    pub client: Client,
    /// The API's base address: `https://api.coingecko.com/api/v3`.
    pub base: Url,
    pub key: Option<ApiKey>,
    /// Decides which header carries the key.
    pub plan: Plan,
    pub timeout: Duration,
}

impl RateSource for Coingecko {
    fn name(&self) -> SourceName {
        SourceName::Coingecko
    }

    fn fetch<'a>(&'a self, now: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        Box::pin(async move {
            let answer = self.get("exchange_rates").await?;
            let read = parse(&answer.body, SourceName::Coingecko, now());
            Ok(read.map_err(|error| error.because(&answer.body, self.key()))?.aged(answer.age))
        })
    }

    fn archive(&self) -> Option<&dyn Archive> {
        Some(self)
    }
}

impl Archive for Coingecko {
    fn currencies(&self) -> Asking<'_, BTreeSet<Code>> {
        Box::pin(async {
            let body = self.get("simple/supported_vs_currencies").await?.body;
            vs_currencies::parse(&body).map_err(|error| error.because(&body, self.key()))
        })
    }

    fn changes<'a>(&'a self, codes: &'a [Code]) -> Asking<'a, Changes> {
        Box::pin(async move {
            let codes = codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",");
            let query = format!("ids=bitcoin&vs_currencies={codes}&include_24hr_change=true");
            let body = self.get(&format!("simple/price?{query}")).await?.body;
            simple_price::parse(&body).map_err(|error| error.because(&body, self.key()))
        })
    }

    fn past<'a>(&'a self, code: &'a Code, days: u64) -> Asking<'a, Past> {
        Box::pin(async move {
            let path = format!("coins/bitcoin/market_chart?vs_currency={code}&days={days}");
            let body = self.get(&path).await?.body;
            market_chart::parse(&body).map_err(|error| error.because(&body, self.key()))
        })
    }
}

impl Coingecko {
    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|ApiKey(key)| &**key)
    }

    async fn get(&self, path: &str) -> Result<http::Answer, SourceError> {
        http::get(self.request(path)?, self.timeout, self.key()).await
    }

    fn request(&self, path: &str) -> Result<RequestBuilder, SourceError> {
        let address = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        let request = self.client.get(address).header("accept", "application/json");
        Ok(match (&self.key, self.plan) {
            (None, _) => request,
            (Some(key), Plan::Demo) => request.header("x-cg-demo-api-key", secret(key)?),
            (Some(key), Plan::Pro) => request.header("x-cg-pro-api-key", secret(key)?),
        })
    }
}

/// Makes a header value that logs do not show.
fn secret(ApiKey(key): &ApiKey) -> Result<HeaderValue, SourceError> {
    let value = HeaderValue::from_str(key);
    let mut value =
        value.map_err(|_| SourceError::Refused("the key can't be sent in a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// An answer, good or bad. Entries stay raw, so that a broken one, even a number too large for a double,
/// costs only itself.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    rates: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    unit: String,
    value: f64,
    #[serde(rename = "type")]
    kind: RateType,
}

/// Makes a snapshot of an answer's body.
pub fn parse(body: &[u8], source: SourceName, now: Timestamp) -> Result<Fetched, SourceError> {
    let answer: Answer = serde_json::from_slice(body).map_err(not_json)?;
    let Some(rates) = answer.rates else { return Err(refusal(body)) };
    let entries: BTreeMap<String, &RawValue> =
        serde_json::from_str(rates.get()).map_err(|_| SourceError::NoRates)?;
    let total = entries.len();
    let rates = entries.into_iter().filter_map(|(code, raw)| rate(code.parse().ok()?, raw));
    let snapshot = Snapshot::new(source, now, rates.collect())?;
    let dropped = total - snapshot.rates().len();
    Ok(Fetched { snapshot, dropped, announced: Vec::new() })
}

fn rate(code: Code, raw: &RawValue) -> Option<Rate> {
    let Entry { name, unit, value, kind } = serde_json::from_str(raw.get()).ok()?;
    Rate::new(code, name, unit, value, kind).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::damaged;

    fn read(body: &str) -> Result<Fetched, SourceError> {
        parse(body.as_bytes(), SourceName::Coingecko, Timestamp::from_unix_seconds(0))
    }

    const BTC: &str = r#""btc":{"name":"Bitcoin","unit":"BTC","value":1,"type":"crypto"}"#;

    #[test]
    fn whole_numbers_and_fractions_are_both_read() {
        let usd = r#""usd":{"name":"US Dollar","unit":"$","value":75817.765,"type":"fiat"}"#;
        let fetched = read(&format!(r#"{{"rates":{{{usd},{BTC}}}}}"#)).unwrap();
        assert_eq!((fetched.snapshot.rates().len(), fetched.dropped), (2, 0));
    }

    #[test]
    fn a_broken_entry_is_dropped_and_counted() {
        for broken in [
            r#""usd":{"name":"US Dollar","unit":"$","value":-1,"type":"fiat"}"#,
            r#""usd":{"name":"US Dollar","unit":"$","value":0,"type":"fiat"}"#,
            r#""usd":{"name":"US Dollar","unit":"$","value":1e400,"type":"fiat"}"#,
            r#""usd":{"name":"US Dollar","unit":"$","value":"75817","type":"fiat"}"#,
            r#""usd":{"name":"US Dollar","unit":"$","value":null,"type":"fiat"}"#,
            r#""usd":{"name":"US Dollar","unit":"$","value":1,"type":"stock"}"#,
            r#""usd":{"name":"","unit":"$","value":1,"type":"fiat"}"#,
            r#""usd":{"unit":"$","value":1,"type":"fiat"}"#,
            r#""u s d":{"name":"US Dollar","unit":"$","value":1,"type":"fiat"}"#,
            r#""usd":null"#,
        ] {
            let fetched = read(&format!(r#"{{"rates":{{{broken},{BTC}}}}}"#)).unwrap();
            assert_eq!((fetched.snapshot.rates().len(), fetched.dropped), (1, 1), "{broken}");
        }
    }

    #[test]
    fn a_code_in_both_cases_counts_once_and_is_counted() {
        let usd = |code| format!(r#""{code}":{{"name":"D","unit":"$","value":2,"type":"fiat"}}"#);
        let fetched = read(&format!(r#"{{"rates":{{{BTC},{},{}}}}}"#, usd("usd"), usd("USD")));
        assert_eq!(fetched.map(|f| (f.snapshot.rates().len(), f.dropped)), Ok((2, 1)));
    }

    #[test]
    fn rates_count_whatever_stands_beside_them() {
        let body = format!(r#"{{"rates":{{{BTC}}},"status":"ok","error":null}}"#);
        assert_eq!(read(&body).unwrap().snapshot.rates().len(), 1);
    }

    #[test]
    fn an_upstream_s_text_is_kept_short() {
        for body in [
            format!("\"{}\"", "x".repeat(9_000)),
            format!(r#"{{"error":"{}"}}"#, "x".repeat(9_000)),
        ] {
            let error = read(&body).unwrap_err().because(body.as_bytes(), Some("CG-geheim"));
            assert!(error.to_string().len() < 300, "{error}");
        }
    }

    #[test]
    fn a_body_that_fails_as_a_whole_says_why() {
        let limited = SourceError::RateLimited { retry_after: None, reason: None };
        for (body, outcome) in [
            (
                r#"{"status":{"error_code":429,"error_message":"You've exceeded …"}}"#,
                limited.outcome(),
            ),
            (r#"{"error":{"status":{"error_code":429}}}"#, limited.outcome()),
            (r#"{"status":{"error_code":"429"}}"#, limited.outcome()),
            (r#"{"status":{"error_code":10010}}"#, "refused"),
            (r#"{"status":"500","error":"Internal Server Error"}"#, "refused"),
            (r#""a text""#, "not_json"),
            (r#"{"error":"coin not found"}"#, "refused"),
            ("{}", "no_rates"),
            (r#"{"rates":[]}"#, "no_rates"),
            (r#"{"rates":null}"#, "no_rates"),
            (r#"{"rates":{}}"#, "invalid"),
            (
                r#"{"rates":{"btc":{"name":"Bitcoin","unit":"BTC","value":0,"type":"crypto"}}}"#,
                "invalid",
            ),
            (r#"{"status":{"error_code":10002}}"#, "refused"), // no key
            (r#"{"error":{"status":{"error_code":10005}}}"#, "refused"), // not in the key's plan
            (r#"{"error":"internal"}"#, "refused"),
            (
                r#"{"rates":{"usd":{"name":"US Dollar","unit":"$","value":1,"type":"fiat"}}}"#,
                "invalid",
            ),
            (
                r#"{"rates":{"btc":{"name":"Bitcoin","unit":"BTC","value":100,"type":"crypto"}}}"#,
                "invalid",
            ),
            ("<!DOCTYPE html><title>Just a moment…</title>", "not_json"),
            (r#"{"rates":{"btc":{"na"#, "not_json"),
            ("", "not_json"),
        ] {
            assert_eq!(read(body).unwrap_err().outcome(), outcome, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000)) {
            let _ = parse(&body, SourceName::Coingecko, Timestamp::from_unix_seconds(0));
        }

        #[test]
        fn no_damage_to_a_good_body_is_too_strange(body in damaged(include_bytes!("../sample.json"))) {
            if let Ok(fetched) = parse(&body, SourceName::Coingecko, Timestamp::from_unix_seconds(0)) {
                for rate in fetched.snapshot.rates() {
                    proptest::prop_assert!(rate.value > 0.0 && rate.value.is_finite());
                }
            }
        }
    }
}
