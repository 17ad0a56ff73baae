//! Who a rate comes from.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An upstream that snapshots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceName {
    Coingecko,
    Coinbase,
    /// The snapshot built into the binary: for trying the program out, never for real use.
    Sample,
}

impl SourceName {
    pub const ALL: [Self; 3] = [Self::Coingecko, Self::Coinbase, Self::Sample];

    /// What [`Self::as_str`], [`Self::label`], [`Self::credit`] and [`Self::home`] return.
    #[rustfmt::skip]
    fn row(self) -> [&'static str; 4] {
        match self {
            Self::Coingecko => ["coingecko", "CoinGecko", "Data provided by CoinGecko", "https://www.coingecko.com"],
            Self::Coinbase => ["coinbase", "Coinbase", "Data provided by Coinbase", "https://www.coinbase.com"],
            Self::Sample => ["sample", "Sample", "Sample data after CoinGecko's published example", "https://docs.coingecko.com/reference/exchange-rates"],
        }
    }

    /// The word in configuration, API and metrics.
    pub fn as_str(self) -> &'static str {
        self.row()[0]
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        self.row()[1]
    }

    /// The credit to show near the data. CoinGecko's terms ask for this wording, visible and
    /// hyperlinked.
    pub fn credit(self) -> &'static str {
        self.row()[2]
    }

    /// Where the credit leads.
    pub fn home(self) -> &'static str {
        self.row()[3]
    }
}

/// Error returned when a text names none of the [`SourceName`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a source is one of coingecko, coinbase, sample")]
pub struct UnknownSource;

impl FromStr for SourceName {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        Self::ALL.into_iter().find(|source| source.as_str() == text).ok_or(UnknownSource)
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
