//! The sources of rates.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::from_words;

/// An upstream that snapshots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum SourceName {
    Coingecko,
    Coinbase,
    Kraken,
    /// The snapshot built into the binary, for trying out the program and never for real use.
    Sample,
}

impl SourceName {
    pub const ALL: [Self; 4] = [Self::Coingecko, Self::Coinbase, Self::Kraken, Self::Sample];

    /// Returns the results of [`Self::as_str`], [`Self::label`], [`Self::credit`] and [`Self::home`].
    #[rustfmt::skip]
    fn row(self) -> [&'static str; 4] {
        match self {
            Self::Coingecko => ["coingecko", "CoinGecko", "Data provided by CoinGecko", "https://www.coingecko.com"],
            Self::Coinbase => ["coinbase", "Coinbase", "Data provided by Coinbase", "https://www.coinbase.com"],
            Self::Kraken => ["kraken", "Kraken", "Data provided by Kraken", "https://www.kraken.com"],
            Self::Sample => ["sample", "Sample", "Sample data after CoinGecko's published example", "https://docs.coingecko.com/reference/exchange-rates"],
        }
    }

    /// Returns the word in configuration, API and metrics.
    pub fn as_str(self) -> &'static str {
        self.row()[0]
    }

    /// Returns the name for people.
    pub fn label(self) -> &'static str {
        self.row()[1]
    }

    /// Returns the credit to show near the data. CoinGecko's terms require this wording, visible and
    /// hyperlinked.
    pub fn credit(self) -> &'static str {
        self.row()[2]
    }

    /// Returns the address that the credit links to.
    pub fn home(self) -> &'static str {
        self.row()[3]
    }
}

/// Error returned when a text is not the name of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a source is one of coingecko, coinbase, kraken, sample")]
pub struct UnknownSource;

from_words!(SourceName::as_str, UnknownSource);

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
