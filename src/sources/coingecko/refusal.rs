//! What CoinGecko's answers mean that have not what was asked for.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::sources::SourceError;

/// The part of an answer that says why there is nothing else in it. Seen in three shapes.
#[derive(Default, Deserialize)]
struct Refusal<'a> {
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Returns what a body means that is JSON. The fetch adds the reason.
pub fn refusal(body: &[u8]) -> SourceError {
    let Refusal { status, error } = serde_json::from_slice(body).unwrap_or_default();
    let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
    let told = status.map(read).or_else(|| read(error?).get("status").cloned());
    // A number, or a number as text.
    let code = told.and_then(|status| match &status["error_code"] {
        Value::String(code) => code.parse().ok(),
        code => code.as_u64(),
    });
    match code {
        Some(429) => SourceError::RateLimited { retry_after: None, reason: None },
        Some(code) => SourceError::Refused(format!("error code {code}")),
        None => match error.or(status) {
            Some(_) => SourceError::Refused("an error without a message".to_owned()),
            None => SourceError::NoRates,
        },
    }
}
