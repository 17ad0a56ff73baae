//! The query of an API request, as a typed struct.
//!
//! axum's own `Query` ignores unknown parameters, so a typo silently means the default, and its errors do not
//! say which parameter is at fault. Here serde refuses parameters that are unknown, repeated or missing, and
//! every error is a [`Problem`] that names the parameter.

use std::fmt;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, value::MapDeserializer},
};

use super::problem::{Problem, truncated};
use crate::{
    query::{self, NotUtf8},
    rates::{Code, Quotation, RateType, Timestamp},
};

/// The most codes in one list; more than there are currencies.
const MAX_CODES: usize = 500;

/// Extracts the query as a `T`, which should deny unknown fields.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// The query of an address that takes no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// Reads a query into a struct whose fields are read by [`optional`] or [`required`].
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut pairs = Vec::new();
    for pair in query::pairs(query) {
        let Ok(name) = pair.name else {
            return Err(Problem::parameter("query", "a parameter's name is not valid UTF-8"));
        };
        match pair.value {
            Ok(value) => pairs.push((name.into_owned(), value.into_owned())),
            Err(error @ NotUtf8) => return Err(Problem::parameter(&truncated(&name), error)),
        }
    }
    let deserializer = MapDeserializer::<_, QueryError>::new(pairs.into_iter());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let field = error.path().to_string();
        match error.into_inner() {
            QueryError::Parameter { name, why } => Problem::parameter(&name, why),
            QueryError::Value(why) => Problem::parameter(&field, why),
        }
    })
}

/// Error returned when a query does not fit its struct.
#[derive(Debug, thiserror::Error)]
enum QueryError {
    /// A parameter that is unknown, repeated or missing.
    #[error("{name}: {why}")]
    Parameter { name: String, why: String },
    /// A value that is invalid for its field.
    #[error("{0}")]
    Value(String),
}

impl de::Error for QueryError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let known = match expected {
            [] => "this address takes none".to_owned(),
            known => format!("this address takes {}", known.join(", ")),
        };
        let why = format!("there is no such parameter; {known}");
        Self::Parameter { name: truncated(field), why }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Parameter { name: field.to_owned(), why: "is missing".to_owned() }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Parameter { name: field.to_owned(), why: "is given twice".to_owned() }
    }
}

/// The value of a parameter. An empty one is parsed like any other, and is mostly invalid.
pub trait Parameter: Sized {
    /// Returns the value, or what is wrong with the text.
    fn parse(text: &str) -> Result<Self, String>;
}

/// Reads a parameter that may be left out; its field needs `#[serde(default)]`, too.
pub fn optional<'de, T: Parameter, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    required(value).map(Some)
}

/// Reads a parameter that must be there.
pub fn required<'de, T: Parameter, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    T::parse(&String::deserialize(value)?).map_err(de::Error::custom)
}

impl Parameter for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Parameter for Code {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| unknown_code(text))
    }
}

/// Returns the message about a text that is not the code of any rate.
pub fn unknown_code(text: &str) -> String {
    match text {
        "" => "a code is missing".to_owned(),
        text => format!("“{}” is not the code of a currency known here", truncated(text)),
    }
}

/// A list of codes separated by commas: at least one, each once.
#[derive(Debug)]
pub struct Codes(pub Vec<Code>);

impl Parameter for Codes {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the list is empty".to_owned());
        }
        let count = text.split(',').count();
        if count > MAX_CODES {
            return Err(format!("{count} codes are more than the {MAX_CODES} allowed"));
        }
        let mut codes = Vec::with_capacity(count);
        for text in text.split(',') {
            let code = <Code as Parameter>::parse(text.trim())?;
            if codes.contains(&code) {
                return Err(format!("“{code}” stands in the list twice"));
            }
            codes.push(code);
        }
        Ok(Self(codes))
    }
}

impl Parameter for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("“{}” is neither true nor false", truncated(text)))
    }
}

/// A time with its offset from UTC, or a date, which is midnight UTC.
impl Parameter for Timestamp {
    fn parse(text: &str) -> Result<Self, String> {
        // A `+` that the caller has not escaped arrives as a space: `2026-11-23T09:00:00 01:00`.
        let with_plus = text.rsplit_once(' ').map(|(time, offset)| format!("{time}+{offset}"));
        let midnight = format!("{text}T00:00:00Z");
        [Some(text), with_plus.as_deref(), Some(&midnight)]
            .into_iter()
            .flatten()
            .find_map(|text| text.parse::<jiff::Timestamp>().ok())
            .and_then(|time| u64::try_from(time.as_second()).ok())
            .map(Self::from_unix_seconds)
            .ok_or_else(|| {
                let text = truncated(text);
                format!("“{text}” is not a time as in 2026-11-23T08:00:00Z or 2026-11-23")
            })
    }
}

impl Parameter for RateType {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error| format!("“{}” is not a type; {error}", truncated(text)))
    }
}

impl Parameter for Quotation {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("“{}” is neither direct nor inverse", truncated(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Times {
            #[serde(deserialize_with = "required")]
            at: Timestamp,
        }
        parse::<Times>(&format!("at={text}")).ok().map(|times| times.at.to_string())
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for (text, expected) in [
            ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-11-01T00:00:00%2B01:00", "2026-10-31T23:00:00Z"),
            // The offset's `+` as it is, which a query decodes to a space.
            ("2026-11-01T00:00:00+01:00", "2026-10-31T23:00:00Z"),
            ("2026-11-01T00:00:00.5+05:30", "2026-10-31T18:30:00Z"),
            ("2026-11-01T00:00:00-01:00", "2026-11-01T01:00:00Z"),
            ("2026-11-01+00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-11-01+00:00:00+01:00", "2026-10-31T23:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_be_another_time_is_refused() {
        for text in [
            "",
            "+",
            "2026-11",
            "2026-02-29",
            "2026-11-01T00:00:00",
            "2026-11-01+00:00:00",
            "2026-11-01+01:00",
            "2026-11-01T00:00:00++01:00",
            "2026-11-01T00:00:00+",
            "2026-11-01T00:00:00Z+01:00",
            "1960-01-01",
            "01.11.2026",
            "11/01/2026",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
