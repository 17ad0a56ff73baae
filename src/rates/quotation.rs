//! Which of two currencies a number is the price of.

use serde::{Deserialize, Serialize};

use crate::words::from_words;

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
    pub const ALL: [Self; 2] = [Self::Direct, Self::Inverse];

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

from_words!(Quotation::as_str, UnknownQuotation);
