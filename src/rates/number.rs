//! How exactly a value is known, and how it is formatted.
//!
//! # The rule for digits
//!
//! CoinGecko rounds every value to three decimals, so each may be off by 0.0005, except for the constants
//! `btc`, `bits` and `sats`. The relative errors of two values add up in their quotient. A number gets as
//! many decimals as that error supports, and at most seven significant digits, because nobody compares more
//! at a glance: an ounce of gold is `16.843` to the bitcoin, and `4,501` dollars, not `4,501.4407`.
//!
//! Usually a number has fewer ([`Digits::Usual`]): money is written to its minor unit, `281.68` dollars and
//! `46,298` yen, because nobody pays a fraction of a cent. Where that would leave fewer than four significant
//! digits, which hides how a rate moves, it gets five: a euro is `1.1624` dollars, and a dollar `159.31` yen.
//! Coins and metals have no minor unit, and exact numbers need none: both are written by the rule above, which
//! is never exceeded.

use super::{Digits, Rate};

/// Half of the last decimal that an upstream sends, in units per bitcoin.
const ROUNDING: f64 = 0.0005;
/// The most significant digits: more can't be compared at a glance.
const SIGNIFICANT_DIGITS: i32 = 7;
/// Enough for a Vietnamese đồng in bitcoin; no currency needs more.
const MOST_DECIMALS: i32 = 20;
/// The fewest significant digits at which money ends with its minor unit.
const FEWEST_DIGITS: i32 = 4;
/// The significant digits of money that would have fewer.
const DIGITS_OF_LITTLE: i32 = 5;

/// The value of one currency in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// Units of the quoted currency.
    pub value: f64,
    /// How far the upstream's rounding may have moved `value`; zero for constants.
    pub error: f64,
    /// The decimals of the quoted currency's minor unit; see [`Rate::minor_unit`].
    pub minor_unit: Option<i32>,
}

/// A number in two parts, so that a column can be aligned on the decimal point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormattedNumber {
    /// The digits before the point, grouped by thousands: `75,817`.
    pub integer: String,
    /// The point and what follows it, or nothing: `.77`.
    pub fraction: String,
}

impl Quote {
    /// Returns one unit of `base` in `quote`, from their values per bitcoin.
    pub fn between(quote: &Rate, base: &Rate) -> Self {
        let minor_unit = quote.minor_unit();
        if quote.code == base.code {
            return Self { value: 1.0, error: 0.0, minor_unit };
        }
        let value = quote.value / base.value;
        let error = value * (relative_error(quote) + relative_error(base));
        Self { value, error, minor_unit }
    }

    /// Returns the quote for `amount` units of the base.
    #[must_use]
    pub fn times(self, amount: f64) -> Self {
        Self { value: self.value * amount, error: self.error * amount, ..self }
    }

    /// Returns another value of the same pair, with the same relative error.
    #[must_use]
    pub fn at(self, value: f64) -> Self {
        Self { value, error: value * (self.error / self.value), ..self }
    }

    /// Returns the number of decimals that the error, [`SIGNIFICANT_DIGITS`] and this choice allow.
    fn decimals(self, digits: Digits) -> usize {
        let exponent_of_value = exponent(self.value);
        let by_glance = SIGNIFICANT_DIGITS - 1 - exponent_of_value;
        // Half of the last digit covers the error. The small factor keeps 0.001, which no double equals
        // exactly, on the right side of the boundary.
        let by_error =
            if self.error > 0.0 { exponent(1.000_001 / (2.0 * self.error)) } else { MOST_DECIMALS };
        let by_use = match self.minor_unit {
            Some(decimals) if digits == Digits::Usual && self.error > 0.0 => {
                let significant = exponent_of_value + 1 + decimals;
                if significant >= FEWEST_DIGITS {
                    decimals
                } else {
                    DIGITS_OF_LITTLE - 1 - exponent_of_value
                }
            }
            _ => MOST_DECIMALS,
        };
        usize::try_from(by_glance.min(by_error).min(by_use).clamp(0, MOST_DECIMALS)).unwrap_or(0)
    }

    /// Formats the value, rounding halves to even.
    pub fn written(self, digits: Digits) -> FormattedNumber {
        let decimals = self.decimals(digits);
        let (digits, zeros) = scaled(self.value, decimals);
        let mut digits = digits.to_string();
        digits.extend(std::iter::repeat_n('0', zeros));
        let missing = (decimals + 1).saturating_sub(digits.len());
        digits.insert_str(0, &ZEROS[..missing]);
        let (integer, decimals) = digits.split_at(digits.len() - decimals);
        // Zeros at the end of an exact number say nothing; in a measured one they are significant.
        let decimals = if self.error > 0.0 { decimals } else { decimals.trim_end_matches('0') };
        FormattedNumber::new(integer, decimals)
    }
}

/// Rounds to this many significant digits, to save the bytes of those that nobody needs.
#[cfg(feature = "ssr")]
pub fn to_digits(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// The most zeros that a fraction can begin with.
const ZEROS: &str = "000000000000000000000";

/// Returns the power of ten of a positive number's first digit; 0 for any other number.
///
/// It multiplies, because logarithms may differ in the last bit between machines: the browser could then make
/// another page than the server.
fn exponent(mut x: f64) -> i32 {
    let mut exponent = 0;
    if x > 0.0 && x.is_finite() {
        while x >= 10.0 {
            x /= 10.0;
            exponent += 1;
        }
        while x < 1.0 {
            x *= 10.0;
            exponent -= 1;
        }
    }
    exponent
}

/// Returns `value` in units of its last decimal, as an integer and the number of zeros that follow it: a
/// double has at most 17 significant digits.
fn scaled(value: f64, decimals: usize) -> (u64, usize) {
    let mut units = (0..decimals).fold(value, |units, _| units * 10.0).round_ties_even();
    let mut zeros = 0;
    while units >= 1e17 && units.is_finite() {
        units /= 10.0;
        zeros += 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let digits = units as u64;
    (digits, zeros)
}

impl FormattedNumber {
    /// Creates a number from the digits before and after the point.
    pub(super) fn new(integer: &str, decimals: &str) -> Self {
        let point = if decimals.is_empty() { "" } else { "." };
        Self { integer: grouped(integer), fraction: format!("{point}{decimals}") }
    }

    /// Formats `digits` times a power of ten, with no decimals but those of the digits.
    pub fn scaled(digits: u64, exponent: i32) -> Self {
        let width = |places: i32| usize::try_from(places).unwrap_or(0);
        let decimals = width(-exponent);
        let text = format!("{digits:0>width$}", width = decimals + 1);
        let (integer, decimals) = text.split_at(text.len() - decimals);
        let zeros = if digits == 0 { 0 } else { width(exponent) };
        Self::new(&format!("{integer}{}", "0".repeat(zeros)), decimals)
    }

    /// Formats a non-negative whole number of hundredths, with two decimals.
    pub fn hundredths(number: f64) -> Self {
        let (digits, _) = scaled(number, 0);
        let hundredths = digits % 100;
        Self::new(&(digits / 100).to_string(), &format!("{hundredths:02}"))
    }
}

impl std::fmt::Display for FormattedNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.integer)?;
        f.write_str(&self.fraction)
    }
}

fn relative_error(rate: &Rate) -> f64 {
    if rate.code.is_constant() { 0.0 } else { ROUNDING / rate.value }
}

/// `6790586630` → `6,790,586,630`.
fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        let left = digits.len() - index;
        if index > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateType;

    fn rate(code: &str, value: f64) -> Rate {
        let name = code.to_owned();
        let kind = match code {
            "btc" | "sats" | "eth" => RateType::Crypto,
            "xau" => RateType::Commodity,
            _ => RateType::Fiat,
        };
        Rate::new(code.parse().unwrap(), name, String::new(), value, kind).unwrap()
    }

    fn quote(quote: (&str, f64), base: (&str, f64), amount: f64) -> Quote {
        Quote::between(&rate(quote.0, quote.1), &rate(base.0, base.1)).times(amount)
    }

    /// With all digits.
    fn written(of: (&str, f64), base: (&str, f64), amount: f64) -> String {
        quote(of, base, amount).written(Digits::All).to_string()
    }

    fn usual(of: (&str, f64), base: (&str, f64), amount: f64) -> String {
        quote(of, base, amount).written(Digits::Usual).to_string()
    }

    #[test]
    fn digits_that_nobody_needs_go() {
        let values = [75_817.765, 6_790_586_630.179, 0.000_013_189_518, 1.0];
        let shown = values.map(|value| to_digits(value, 6));
        assert_eq!(format!("{shown:?}"), "[75817.8, 6790590000.0, 1.31895e-5, 1.0]");
    }

    const BTC: (&str, f64) = ("btc", 1.0);
    const USD: (&str, f64) = ("usd", 75_817.765);
    const XAU: (&str, f64) = ("xau", 16.843);
    const EUR: (&str, f64) = ("eur", 65_223.37);
    const JPY: (&str, f64) = ("jpy", 12_079_021.102);
    const VND: (&str, f64) = ("vnd", 1_997_306_794.202);
    const KWD: (&str, f64) = ("kwd", 23_466.584);

    #[test]
    fn money_ends_with_its_minor_unit() {
        assert_eq!(usual(USD, EUR, 242.32), "281.68");
        assert_eq!(usual(USD, EUR, 1_384.77), "1,609.70");
        assert_eq!(usual(JPY, EUR, 250.0), "46,299");
        assert_eq!(usual(VND, USD, 1.0), "26,344");
        assert_eq!(usual(KWD, USD, 100.0), "30.951");
        assert_eq!(usual(USD, BTC, 1.0), "75,817.76");
    }

    #[test]
    fn little_money_has_five_digits() {
        assert_eq!(usual(USD, EUR, 1.0), "1.1624");
        assert_eq!(usual(USD, EUR, 8.6), "9.9969");
        assert_eq!(usual(USD, EUR, 8.7), "10.11");
        assert_eq!(usual(USD, JPY, 1.0), "0.0062768");
        assert_eq!(usual(JPY, USD, 1.0), "159.32");
        assert_eq!(usual(JPY, USD, 7.0), "1,115");
        assert_eq!(usual(KWD, USD, 1.0), "0.30951");
    }

    #[test]
    fn coins_metals_and_exact_numbers_keep_all_digits() {
        for (of, base, amount) in [(BTC, USD, 1.0), (XAU, BTC, 1.0), (("eth", 36.8), EUR, 9.0)] {
            assert_eq!(usual(of, base, amount), written(of, base, amount));
        }
        assert_eq!(usual(USD, USD, 1.0), "1");
        assert_eq!(usual(USD, USD, 2.5), "2.5");
        assert_eq!(usual(USD, USD, 0.123_456), "0.123456");
    }

    #[test]
    fn the_precision_of_the_source_is_the_upper_bound() {
        assert_eq!(usual(USD, XAU, 1.0), "4,501");
        assert_eq!(usual(EUR, XAU, 0.001), "3.872");
        assert_eq!(usual(KWD, BTC, 1.0), "23,466.58");
    }

    #[test]
    fn values_per_bitcoin_show_at_most_seven_digits_and_three_decimals() {
        assert_eq!(written(USD, BTC, 1.0), "75,817.76");
        assert_eq!(written(XAU, BTC, 1.0), "16.843");
        assert_eq!(written(("eth", 36.8), BTC, 1.0), "36.800");
        assert_eq!(written(("aud", 105_840.918), BTC, 1.0), "105,840.9");
        assert_eq!(written(("lbp", 6_790_586_630.179), BTC, 1.0), "6,790,586,630");
    }

    #[test]
    fn constants_are_exact() {
        assert_eq!(written(BTC, BTC, 1.0), "1");
        assert_eq!(written(BTC, BTC, 2.5), "2.5");
        assert_eq!(written(("sats", 1e8), BTC, 1.0), "100,000,000");
        assert_eq!(written(USD, USD, 250.0), "250");
    }

    #[test]
    fn another_base_shows_only_digits_that_are_known() {
        // 75 817.765 / 16.843 is 4 501.4407, but 16.843 may be 16.8425 or 16.8435.
        assert_eq!(written(USD, XAU, 1.0), "4,501");
        assert_eq!(written(("vnd", 1_997_306_794.202), USD, 1.0), "26,343.52");
    }

    #[test]
    fn tiny_values_keep_their_digits() {
        assert_eq!(written(BTC, ("vnd", 1_997_306_794.202), 1.0), "0.0000000005006742");
        assert_eq!(written(BTC, USD, 1.0), "0.00001318952");
    }

    #[test]
    fn hundredths_have_two_decimals() {
        let written =
            [0.0, 7.0, 52.0, 123_456.0].map(|n| FormattedNumber::hundredths(n).to_string());
        assert_eq!(written, ["0.00", "0.07", "0.52", "1,234.56"]);
    }

    #[test]
    fn scaled_numbers_have_the_decimals_of_their_digits() {
        let scaled = [(758, 2), (15, -1), (25, -4), (0, -1), (0, 3), (7, 0)];
        let written =
            scaled.map(|(digits, exponent)| FormattedNumber::scaled(digits, exponent).to_string());
        assert_eq!(written, ["75,800", "1.5", "0.0025", "0.0", "0", "7"]);
    }

    #[test]
    fn extremes_are_written_without_a_fuss() {
        let exact = |value| Quote { value, error: 0.0, minor_unit: Some(2) };
        let extreme = |value| exact(value).written(Digits::Usual).to_string();
        assert_eq!(extreme(0.0), "0");
        assert_eq!(extreme(1e-300), "0");
        assert_eq!(extreme(6.8e21), "6,800,000,000,000,000,000,000");
        assert!(extreme(f64::MAX).starts_with("179,769,313,486,231,"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_the_value(
            of in 1e-12..1e15_f64,
            per in 1e-12..1e15_f64,
            amount in 1e-6..1e12_f64,
        ) {
            let quote = Quote::between(&rate("usd", of), &rate("eur", per)).times(amount);
            let text = quote.written(Digits::All).to_string();
            let read: f64 = text.replace(',', "").parse().unwrap();
            // Off by the digits left out: half of the seventh, or those within the error anyway.
            let allowed = quote.value * 0.5e-6 + 10.0 * quote.error;
            proptest::prop_assert!((read - quote.value).abs() <= allowed, "{text} for {quote:?}");
            let significant = text.trim_start_matches(['0', '.']).bytes();
            let significant = significant.filter(u8::is_ascii_digit).count();
            proptest::prop_assert!(significant <= 7 || !text.contains('.'), "{text}");
        }

        #[test]
        fn usually_there_are_no_more_digits_and_enough(
            of in 1e-6..1e12_f64,
            per in 1e-6..1e12_f64,
            code in proptest::sample::select(&["usd", "jpy", "kwd", "btc", "xdr"][..]),
        ) {
            let quote = Quote::between(&rate(code, of), &rate("eur", per));
            let all = quote.written(Digits::All);
            let usual = quote.written(Digits::Usual);
            proptest::prop_assert!(usual.fraction.len() <= all.fraction.len(), "{usual} of {all}");
            let digits = |number: &FormattedNumber| {
                let text = number.to_string();
                text.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count()
            };
            proptest::prop_assert!(digits(&usual) >= digits(&all).min(4), "{usual} of {all}");
        }
    }
}
