//! How a reader's language formats numbers.

use std::borrow::Cow;

use super::FormattedNumber;

/// Separators, groups and digits. The page is rendered in English, and changes to the reader's style in the
/// browser, which knows it; see [`NumberStyle::learn`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberStyle {
    pub(super) group: Cow<'static, str>,
    pub(super) decimal: char,
    /// Digits in every group but the last, which has three; two in India.
    group_length: usize,
    /// The fewest digits that are grouped: five in Spain, where 1234 stays whole.
    least_grouped: usize,
    pub(super) zero: char,
}

impl Default for NumberStyle {
    /// English: `1,234.5`.
    fn default() -> Self {
        Self {
            group: Cow::Borrowed(","),
            decimal: '.',
            group_length: 3,
            least_grouped: 4,
            zero: '0',
        }
    }
}

impl NumberStyle {
    /// The numbers whose formatted forms [`NumberStyle::learn`] needs.
    pub const SAMPLES: [f64; 2] = [12_345_678.9, 1_234.0];

    /// Learns a style from the formatted [`NumberStyle::SAMPLES`]; `None` if they don't fit any style known
    /// here.
    pub fn learn(large: &str, small: &str) -> Option<Self> {
        let one = large.chars().next()?;
        let zero = char::from_u32(u32::from(one).checked_sub(1)?)?;
        let digit = |c: char| u32::from(c).checked_sub(zero.into()).filter(|digit| *digit < 10);
        let digits: Vec<u32> = large.chars().filter_map(digit).collect();
        if digits != [1, 2, 3, 4, 5, 6, 7, 8, 9] {
            return None;
        }
        // `12`, `,`, `345`, `,`, `678`, `.`, `9`
        let separators = large.chars().filter(|c| digit(*c).is_none()).collect::<Vec<_>>();
        let (decimal, groups) = separators.split_last()?;
        let group = groups.first().map(char::to_string).unwrap_or_default().into();
        // Before 678 and, where groups have three digits, also before 345.
        let group_length = if groups.len() == 3 { 2 } else { 3 };
        let alike = groups.iter().all(|other| Some(*other) == groups.first().copied());
        let small_is_grouped = small.chars().any(|c| digit(c).is_none());
        alike.then_some(Self {
            group,
            decimal: *decimal,
            group_length,
            least_grouped: if small_is_grouped { 4 } else { 5 },
            zero,
        })
    }

    /// Returns the number in this style.
    #[must_use]
    pub fn write(&self, number: &FormattedNumber) -> FormattedNumber {
        if *self == Self::default() {
            return number.clone();
        }
        let digits: Vec<char> = number.integer.chars().filter(char::is_ascii_digit).collect();
        let mut integer = String::new();
        for (index, digit) in digits.iter().enumerate() {
            let left = digits.len() - index;
            let begins_group = left >= 3 && (left - 3).is_multiple_of(self.group_length);
            if index > 0 && begins_group && digits.len() >= self.least_grouped {
                integer.push_str(&self.group);
            }
            integer.push(self.digit(*digit));
        }
        FormattedNumber { integer, fraction: self.plain(&number.fraction) }
    }

    /// Formats digits and a decimal point in this style, without groups.
    pub fn plain(&self, english: &str) -> String {
        let own = |c| if c == '.' { self.decimal } else { self.digit(c) };
        english.chars().map(own).collect()
    }

    fn digit(&self, ascii: char) -> char {
        let value = ascii.to_digit(10).unwrap_or_default();
        char::from_u32(u32::from(self.zero) + value).unwrap_or(ascii)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::Amount;

    fn number(integer: &str, fraction: &str) -> FormattedNumber {
        FormattedNumber { integer: integer.to_owned(), fraction: fraction.to_owned() }
    }

    /// The samples as browsers format them.
    const LANGUAGES: [(&str, &str, &str, [&str; 3]); 8] = [
        ("en-GB", "12,345,678.9", "1,234", ["75,817.76", "6,790,586,630", "1,234.5"]),
        ("de", "12.345.678,9", "1.234", ["75.817,76", "6.790.586.630", "1.234,5"]),
        ("de-CH", "12’345’678.9", "1’234", ["75’817.76", "6’790’586’630", "1’234.5"]),
        (
            "fr",
            "12\u{202f}345\u{202f}678,9",
            "1\u{202f}234",
            ["75\u{202f}817,76", "6\u{202f}790\u{202f}586\u{202f}630", "1\u{202f}234,5"],
        ),
        ("es", "12.345.678,9", "1234", ["75.817,76", "6.790.586.630", "1234,5"]),
        ("en-IN", "1,23,45,678.9", "1,234", ["75,817.76", "6,79,05,86,630", "1,234.5"]),
        ("ar-EG", "١٢٬٣٤٥٬٦٧٨٫٩", "١٬٢٣٤", ["٧٥٬٨١٧٫٧٦", "٦٬٧٩٠٬٥٨٦٬٦٣٠", "١٬٢٣٤٫٥"]),
        ("none", "12345678.9", "1234", ["75817.76", "6790586630", "1234.5"]),
    ];

    #[test]
    fn numbers_are_written_as_the_reader_s_language_does() {
        for (language, large, small, expected) in LANGUAGES {
            let style = NumberStyle::learn(large, small).unwrap();
            let numbers =
                [number("75,817", ".76"), number("6,790,586,630", ""), number("1,234", ".5")];
            let written = numbers.map(|number| style.write(&number).to_string());
            assert_eq!(written, expected, "{language}");
        }
        assert_eq!(NumberStyle::learn("12,345,678.9", "1,234"), Some(NumberStyle::default()));
    }

    #[test]
    fn what_is_written_in_a_style_is_read_in_it() {
        let plain = "1234.5".parse::<Amount>().unwrap();
        for (language, large, small, [.., written]) in LANGUAGES {
            let style = NumberStyle::learn(large, small).unwrap();
            assert_eq!(style.read(written).map(|typed| typed.amount), Some(plain), "{language}");
        }
    }

    #[test]
    fn what_is_no_sample_teaches_nothing() {
        for (large, small) in [("", ""), ("9", ""), ("12345678", "1234"), ("1 2,345,678.9", "")] {
            assert_eq!(NumberStyle::learn(large, small), None, "{large}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(large in ".*", small in ".*", typed in ".*") {
            if let Some(style) = NumberStyle::learn(&large, &small) {
                let _ = style.write(&number("1,234", ".5"));
                let _ = style.read(&typed);
            }
        }
    }
}
