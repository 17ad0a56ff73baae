//! Which of two currencies a number is the price of.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The direction of a quote, in the terms of foreign exchange with the base as the reader's own money.
///
/// Value and change belong together: with base USD, a bitcoin that rises has a rising direct quote and a falling
/// inverse one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Quotation {
    /// The price of each currency in the base: `1 BTC = 75,817.77 USD` with base USD.
    Direct,
    /// What the base buys of each currency: `1 USD = 0.00001318952 BTC` with base USD. The API's default.
    #[default]
    Inverse,
}

/// Error returned when a text is not the name of a [`Quotation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is direct or inverse")]
pub struct UnknownQuotation;

impl Quotation {
    /// Returns the word on the wire and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Inverse => "inverse",
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Direct => Self::Inverse,
            Self::Inverse => Self::Direct,
        }
    }
}

/// For serde, whose own code for each such type would be 0.2 KB more to download.
impl TryFrom<String> for Quotation {
    type Error = UnknownQuotation;

    fn try_from(text: String) -> Result<Self, UnknownQuotation> {
        text.parse()
    }
}

impl FromStr for Quotation {
    type Err = UnknownQuotation;

    fn from_str(text: &str) -> Result<Self, UnknownQuotation> {
        let is = |quotation: &Self| quotation.as_str() == text;
        [Self::Direct, Self::Inverse].into_iter().find(is).ok_or(UnknownQuotation)
    }
}
