//! The rate of one currency, coin or metal.

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

use super::{Code, SourceName, Timestamp};
use crate::words::from_words;

/// What one currency, coin or metal is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub code: Code,
    /// The name in English: `US Dollar`.
    pub name: String,
    /// The sign it is written with. Not unique, as `$` stands for four currencies. `ل.ل` is written from
    /// right to left.
    pub unit: String,
    /// Units of this currency for one bitcoin; finite and above zero.
    pub value: f64,
    #[serde(rename = "type")]
    pub kind: RateType,
    /// The origin of a value that was carried forward from an earlier snapshot, because the source does
    /// not have it.
    #[serde(rename = "held", default, skip_serializing_if = "Option::is_none")]
    pub carried_forward: Option<Origin>,
}

/// The source of a value, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub source: SourceName,
    /// When the source's answer arrived.
    pub time: Timestamp,
}

/// Error returned when an entry cannot be a [`Rate`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidRate {
    #[error("its value {0} is not a number from 1e-100 to 1e100")]
    Value(f64),
    #[error("its name is empty")]
    NoName,
    #[error(
        "its name or unit has control characters or more than {} characters",
        Rate::LONGEST_TEXT
    )]
    Text,
}

impl Rate {
    /// The range of a value. No currency comes near its ends. Within it every quotient of two values, and
    /// every amount of one, is a finite number above zero.
    pub(super) const VALUES: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

    /// In characters. The longest known name has 33.
    const LONGEST_TEXT: usize = 100;

    /// Makes a rate if its parts are valid. A value that is not finite would become `null` in JSON and
    /// break every reader.
    pub fn new(
        code: Code,
        name: String,
        unit: String,
        value: f64,
        kind: RateType,
    ) -> Result<Self, InvalidRate> {
        if !Self::VALUES.contains(&value) {
            return Err(InvalidRate::Value(value));
        }
        if name.trim().is_empty() {
            return Err(InvalidRate::NoName);
        }
        let sane = |text: &str| {
            text.chars().count() <= Self::LONGEST_TEXT && !text.chars().any(char::is_control)
        };
        if !sane(&name) || !sane(&unit) {
            return Err(InvalidRate::Text);
        }
        Ok(Self { code, name, unit, value, kind, carried_forward: None })
    }

    /// Returns the rate of the same currency with this value, if it can be one.
    #[cfg(feature = "ssr")]
    pub fn with_value(&self, value: f64) -> Option<Self> {
        let Self { code, name, unit, kind, .. } = self.clone();
        Self::new(code, name, unit, value, kind).ok()
    }

    /// Returns the decimals of the currency's minor unit, as ISO 4217 has them: two for dollars and cents. `None`
    /// for what has no such unit: coins, metals, and the fund's unit of account.
    pub fn minor_unit(&self) -> Option<i32> {
        if self.kind != RateType::Fiat {
            return None;
        }
        match self.code.as_str() {
            "xdr" => None,
            "bif" | "clp" | "djf" | "gnf" | "isk" | "jpy" | "kmf" | "krw" | "pyg" | "rwf"
            | "ugx" | "vnd" | "vuv" | "xaf" | "xof" | "xpf" => Some(0),
            "bhd" | "iqd" | "jod" | "kwd" | "lyd" | "omr" | "tnd" => Some(3),
            _ => Some(2),
        }
    }

    /// Compares by value, the largest first. The order is the same for every base.
    pub fn by_value(a: &Self, b: &Self) -> Ordering {
        b.value.total_cmp(&a.value)
    }
}

/// The type of a currency, as CoinGecko has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RateType {
    Crypto,
    Fiat,
    Commodity,
}

/// Error returned when a text is not a [`RateType`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the type is one of crypto, fiat, commodity")]
pub struct UnknownRateType;

impl RateType {
    pub const ALL: [Self; 3] = [Self::Crypto, Self::Fiat, Self::Commodity];

    /// Returns the word in JSON and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crypto => "crypto",
            Self::Fiat => "fiat",
            Self::Commodity => "commodity",
        }
    }
}

from_words!(RateType::as_str, UnknownRateType);

impl fmt::Display for RateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
