//! Frankfurter's `GET /rates?base=EUR&providers=ECB`: the daily rates of the European Central Bank, a reference.
//!
//! The answer is `[{"date":"2026-11-27","base":"EUR","quote":"USD","rate":1.1594},…]`, some thirty rows with the ECB's
//! own digits. It has no bitcoin, so it can't be a source. The ECB tells its rates of a working day at about 16:00 CET,
//! and none on others.
//! Docs: <https://frankfurter.dev>.

use std::{collections::BTreeMap, time::Duration};

use jiff::{civil::Date, tz::TimeZone};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Asking, Now, Reference, SourceError, http, not_json};
use crate::rates::{Code, ReferenceName, ReferenceRates, Timestamp};

/// The ECB, as a reference.
pub struct Frankfurter {
    pub client: Client,
    /// The API's base address: `https://api.frankfurter.dev/v2`.
    pub base: Url,
    pub timeout: Duration,
}

impl Reference for Frankfurter {
    fn name(&self) -> ReferenceName {
        ReferenceName::Frankfurter
    }

    fn ask<'a>(&'a self, now: Now<'a>) -> Asking<'a, ReferenceRates> {
        let base = self.base.as_str().trim_end_matches('/');
        let request = self.client.get(format!("{base}/rates?base=EUR&providers=ECB"));
        let request = request.header("accept", "application/json");
        Box::pin(async move {
            let body = http::get(request, self.timeout, None).await?.body;
            parse(&body, now()).map_err(|error| error.because(&body, None))
        })
    }
}

#[derive(Deserialize)]
struct Row {
    date: String,
    base: String,
    quote: String,
    rate: f64,
}

/// Reads the rates of the last day in an answer's body. Rows that can't be right, and those of earlier days, are left
/// out: the ECB has given these currencies up. Public for `fuzz/`.
pub fn parse(body: &[u8], now: Timestamp) -> Result<ReferenceRates, SourceError> {
    let answer: &RawValue = serde_json::from_slice(body).map_err(not_json)?;
    let Ok(rows) = serde_json::from_str::<Vec<&RawValue>>(answer.get()) else {
        // Its errors are `{"status":422,"message":"…"}`, and have that status.
        return Err(SourceError::NoRates);
    };
    let tomorrow = now + Duration::from_secs(86_400);
    let row = |raw: &RawValue| {
        let Row { date, base, quote, rate } = serde_json::from_str(raw.get()).ok()?;
        let day = midnight(&date).filter(|day| base == "EUR" && *day <= tomorrow)?;
        Some((day, quote.parse::<Code>().ok()?, rate))
    };
    let rows: Vec<_> = rows.into_iter().filter_map(row).collect();
    let last = rows.iter().map(|(day, ..)| *day).max().ok_or(SourceError::NoRates)?;
    let rows = rows.into_iter().filter(|(day, ..)| *day == last);
    let values: BTreeMap<_, _> = rows.map(|(_, code, rate)| (code, rate)).collect();
    ReferenceRates::new(ReferenceName::Frankfurter, last, now, values).ok_or(SourceError::NoRates)
}

/// Returns when a day begins, UTC.
fn midnight(date: &str) -> Option<Timestamp> {
    let day = date.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?;
    u64::try_from(day.timestamp().as_second()).ok().map(Timestamp::from_unix_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{at, damaged};

    /// 2026-11-29T12:00:00Z, a Sunday.
    const NOW: u64 = 1_795_953_600;

    /// As Frankfurter documents it.
    const EXAMPLE: &str = r#"[{"date":"2026-11-27","base":"EUR","quote":"CHF","rate":0.9331},
        {"date":"2026-11-27","base":"EUR","quote":"EUR","rate":1.0},
        {"date":"2026-11-18","base":"EUR","quote":"BGN","rate":1.9558},
        {"date":"2026-11-27","base":"EUR","quote":"JPY","rate":181},
        {"date":"2026-11-27","base":"EUR","quote":"USD","rate":1.1594}]"#;

    #[test]
    fn the_rates_of_the_last_day_are_read() {
        let read = parse(EXAMPLE.as_bytes(), at(NOW)).unwrap();
        let values: Vec<_> = read.values().iter().map(|(code, by)| (code.as_str(), *by)).collect();
        assert_eq!(values, [("chf", 0.9331), ("eur", 1.0), ("jpy", 181.0), ("usd", 1.1594)]);
        assert_eq!(read.time().to_string(), "2026-11-27T00:00:00Z");
        assert_eq!(read.asked(), at(NOW));
    }

    #[test]
    fn a_broken_row_costs_only_itself() {
        for broken in [
            r#"{"date":"2026-11-31","base":"EUR","quote":"SEK","rate":11}"#,
            r#"{"date":"1926-11-27","base":"EUR","quote":"SEK","rate":11}"#,
            // The other rows would all be of an earlier day.
            r#"{"date":"2027-11-27","base":"EUR","quote":"SEK","rate":11}"#,
            r#"{"date":"2026-11-27","base":"USD","quote":"SEK","rate":11}"#,
            r#"{"date":"2026-11-27","base":"EUR","quote":"S E K","rate":11}"#,
            r#"{"date":"2026-11-27","base":"EUR","quote":"SEK","rate":"11"}"#,
            r#"{"date":"2026-11-27","base":"EUR","quote":"SEK","rate":-11}"#,
            r#"{"date":"2026-11-27","base":"EUR","quote":"SEK","rate":1e400}"#,
            r#"{"date":"2026-11-27","base":"EUR","quote":"SEK"}"#,
            "null",
        ] {
            let body = EXAMPLE.replacen('[', &format!("[{broken},"), 1);
            assert_eq!(parse(body.as_bytes(), at(NOW)).unwrap().values().len(), 4, "{broken}");
        }
    }

    #[test]
    fn what_has_no_rates_says_why() {
        for (body, outcome) in [
            (r#"{"status":422,"message":"invalid currency: XXX"}"#, "no_rates"),
            ("[]", "no_rates"),
            ("7", "no_rates"),
            (r#"[{"date":"2026-11-27","base":"EUR","quote":"USD","rate":1.1}]"#, "no_rates"),
            ("<html>", "not_json"),
            (&EXAMPLE[..99], "not_json"),
            ("", "not_json"),
        ] {
            assert_eq!(parse(body.as_bytes(), at(NOW)).unwrap_err().outcome(), outcome, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000)) {
            let _ = parse(&body, at(NOW));
        }

        #[test]
        fn no_damage_to_a_good_body_is_too_strange(body in damaged(EXAMPLE.as_bytes())) {
            if let Ok(read) = parse(&body, at(NOW)) {
                for value in read.values().values() {
                    proptest::prop_assert!(*value > 0.0 && value.is_finite());
                }
            }
        }
    }
}
