//! The short name of a currency, coin or metal.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A currency's code, in lower case as in CoinGecko's answers: `btc`, `usd`, `xau`.
///
/// One to sixteen ASCII letters, digits, `-` or `_`. Parsing ignores case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Code(String);

/// Error returned when a text can't be a currency's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency code is 1 to {max} letters, digits, '-' or '_'", max = Code::MAX_LEN)]
pub struct InvalidCode;

impl Code {
    /// The longest code accepted; the longest known one (`sats`, `link`, `bits`) has four letters.
    pub const MAX_LEN: usize = 16;

    /// Bitcoin: the base of every snapshot that an upstream sends.
    pub fn btc() -> Self {
        Self("btc".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value per bitcoin of bitcoin and its subunits, which never changes.
    pub fn constant(&self) -> Option<f64> {
        match self.as_str() {
            "btc" => Some(1.0),
            "bits" => Some(1e6),
            "sats" => Some(1e8),
            _ => None,
        }
    }

    /// Returns bitcoin and its subunits, sorted.
    #[cfg(feature = "ssr")]
    pub fn constants() -> [Self; 3] {
        ["bits", "btc", "sats"].map(|code| Self(code.to_owned()))
    }

    pub fn is_constant(&self) -> bool {
        self.constant().is_some()
    }

    /// Returns the code as people write it: `BTC`.
    pub fn shown(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > Self::MAX_LEN || !text.bytes().all(allowed) {
            return Err(InvalidCode);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl TryFrom<String> for Code {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_case_is_read_and_lower_case_kept() {
        assert_eq!("USD".parse::<Code>().unwrap().as_str(), "usd");
    }

    #[test]
    fn what_cannot_be_a_code_is_refused() {
        for text in ["", " usd", "us d", "zł", "a-code-of-seventeen", "usd,eur", "<b>"] {
            assert_eq!(text.parse::<Code>(), Err(InvalidCode), "{text:?}");
        }
    }
}
