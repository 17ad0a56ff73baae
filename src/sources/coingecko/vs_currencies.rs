//! CoinGecko's `GET /simple/supported_vs_currencies`: the currencies that prices of coins can be had in.
//!
//! The answer is `["btc","eth","usd",…]`, some 63 codes. The rates of `/exchange_rates` are more.
//! Docs: <https://docs.coingecko.com/reference/simple-supported-currencies>.

use std::collections::BTreeSet;

use serde_json::{Value, value::RawValue};

use super::refusal::refusal;
use crate::{
    rates::Code,
    sources::{SourceError, not_json},
};

/// Reads the codes in an answer's body. What is no code is left out. Public for `fuzz/`.
pub fn parse(body: &[u8]) -> Result<BTreeSet<Code>, SourceError> {
    let answer: &RawValue = serde_json::from_slice(body).map_err(not_json)?;
    let Ok(codes) = serde_json::from_str::<Vec<Value>>(answer.get()) else {
        return Err(refusal(body));
    };
    let codes: BTreeSet<Code> =
        codes.iter().filter_map(|code| code.as_str()?.parse().ok()).collect();
    if codes.is_empty() { Err(SourceError::NoRates) } else { Ok(codes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_nothing_else() {
        let codes = parse(br#"["btc","usd","USD",7,null,"no code"]"#).unwrap();
        assert_eq!(codes.iter().map(Code::as_str).collect::<Vec<_>>(), ["btc", "usd"]);
        for (body, outcome) in [
            (r#"{"status":{"error_code":429}}"#, "rate_limited"),
            (r#"{"error":"internal"}"#, "refused"),
            ("[]", "no_rates"),
            ("{}", "no_rates"),
            ("7", "no_rates"),
            (r#"["btc","us"#, "not_json"),
            ("", "not_json"),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().outcome(), outcome, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = parse(&body);
            let mut list = b"[\"usd\",".to_vec();
            list.extend(&body);
            list.push(b']');
            let _ = parse(&list);
        }
    }
}
