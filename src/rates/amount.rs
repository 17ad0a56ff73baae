//! The amount of a currency that is converted.

use std::{fmt, str::FromStr};

use super::FormattedNumber;

/// An amount as a person types it: an exact decimal number above zero.
///
/// Kept as an integer and a number of decimals, so that it is written back as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The digits without the point; below 10^15, so that a double holds them exactly.
    digits: u64,
    decimals: usize,
}

/// Error returned when a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a number above 0 with at most {max} digits", max = Amount::MOST_DIGITS)]
pub struct InvalidAmount;

impl Amount {
    pub const ONE: Self = Self { digits: 1, decimals: 0 };
    /// The most digits; leading zeros, and those at the end of a fraction, don't count.
    pub const MOST_DIGITS: usize = 15;

    pub fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
        let digits = self.digits as f64;
        // Both are exact, so the quotient is the double nearest to the amount.
        digits / (0..self.decimals).fold(1.0, |power, _| power * 10.0)
    }

    /// Formats the amount for people: `1,000.5`.
    pub fn written(self) -> FormattedNumber {
        let text = self.to_string();
        let (integer, decimals) = text.split_once('.').unwrap_or((&text, ""));
        FormattedNumber::new(integer, decimals)
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    /// Parses `250`, `1,000.50`, `1 000`, `.5`. A comma that is not followed by three digits is refused,
    /// because to half of the world it is the decimal point.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (integer, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let integer = ungrouped(integer).ok_or(InvalidAmount)?;
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{integer}{fraction}");
        let digits = digits.trim_start_matches('0');
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        if !plain || digits.len() > Self::MOST_DIGITS || fraction.len() > Self::MOST_DIGITS {
            return Err(InvalidAmount);
        }
        // Empty if the amount is zero, which is refused, too.
        let digits = digits.parse().map_err(|_| InvalidAmount)?;
        Ok(Self { digits, decimals: fraction.len() })
    }
}

/// Removes the separators of `1,000,000`; `None` if a group after the first is not of three digits.
fn ungrouped(integer: &str) -> Option<String> {
    let mut groups = integer.split([',', ' ', '_', '\'', '\u{a0}', '\u{202f}']);
    let first = groups.next().unwrap_or_default();
    let mut ungrouped = first.to_owned();
    for group in groups {
        // A grouped number never starts with 0 or with a separator.
        let grouped = (1..=3).contains(&first.len()) && !first.starts_with('0');
        if group.len() != 3 || !grouped {
            return None;
        }
        ungrouped.push_str(group);
    }
    Some(ungrouped)
}

/// Writes the amount in a form that can be parsed again: `1000.5`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { digits, decimals } = *self;
        // At least one digit before the point.
        let text = format!("{digits:0width$}", width = decimals + 1);
        let (integer, fraction) = text.split_at(text.len() - decimals);
        f.write_str(integer)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (String, String) {
        let amount: Amount = text.parse().unwrap();
        (amount.to_string(), amount.written().to_string())
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, plain, grouped) in [
            ("1", "1", "1"),
            ("1,000.50", "1000.5", "1,000.5"),
            ("1 000 000", "1000000", "1,000,000"),
            (".5", "0.5", "0.5"),
            ("007.", "7", "7"),
            (" 250 ", "250", "250"),
            ("1\u{202f}000", "1000", "1,000"),
            ("0.000000000000001", "0.000000000000001", "0.000000000000001"),
            ("999999999999999", "999999999999999", "999,999,999,999,999"),
        ] {
            assert_eq!(written(text), (plain.to_owned(), grouped.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_value_is_the_nearest_double() {
        for text in ["250.5", "0.1", "0.000000000000001", "123456789.012345", "999999999999999"] {
            let amount: Amount = text.parse().unwrap();
            assert_eq!(amount.value().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            ".",
            "0,5",
            "1,5",
            "1,50",
            "1.000,50",
            "0,500",
            ",500",
            "1,0000",
            "1000,000",
            "0",
            "0.00",
            "-1",
            "1e3",
            "1e400",
            "inf",
            "NaN",
            "1.2.3",
            "٣",
            "1234567890123456",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(InvalidAmount), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_amount_reads_back_as_it_was(digits in 1..999_999_999_999_999_u64, decimals in 0..15_usize) {
            let text = format!("{digits:0width$}", width = decimals + 1);
            let (integer, fraction) = text.split_at(text.len() - decimals);
            let amount: Amount = format!("{integer}.{fraction}").parse().unwrap();
            proptest::prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            proptest::prop_assert_eq!(amount.written().to_string().parse(), Ok(amount));
        }

        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let _ = text.parse::<Amount>();
        }
    }
}
