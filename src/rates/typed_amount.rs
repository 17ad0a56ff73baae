//! An amount as a person types or pastes it: `1.234,5`, `8,95,64,58,463`, `€ 1 234,56`, `250 EUR`.

use super::{Amount, NumberStyle};

/// What a reader has typed, as it is understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypedAmount<'a> {
    pub amount: Amount,
    /// The sign or code beside the number, or nothing.
    pub currency: &'a str,
    /// Whether a point or comma means something else than in the reader's language, so that the reader should
    /// be told what the number was taken for.
    pub foreign: bool,
}

/// The zeros of digits that are understood in every language: ASCII, both Arabic-Indic ones, full-width.
const ZEROS: [char; 4] = ['0', '٠', '۰', '０'];

/// What a character in a number means.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Digit(char),
    /// A point or a comma, which may separate groups or decimals.
    Either(char),
    Group,
    Decimal,
}

impl NumberStyle {
    /// Reads what a reader of this language has typed; `None` if it is no amount.
    pub fn read<'a>(&self, typed: &'a str) -> Option<TypedAmount<'a>> {
        let is_digit = |c: char| matches!(self.mark(c), Some(Mark::Digit(_)));
        let is_point = |c: &char| matches!(self.mark(*c), Some(Mark::Either(_) | Mark::Decimal));
        let first = typed.find(is_digit)?;
        // A point after a letter belongs to the sign, as in `Fr.5`.
        let (last, digit) = typed.char_indices().rfind(|(_, c)| is_digit(*c))?;
        let mut before = typed[..first].chars().rev();
        let point = before
            .next()
            .filter(is_point)
            .filter(|_| !before.next().is_some_and(char::is_alphabetic));
        let start = first - point.map_or(0, char::len_utf8);
        let end = last + digit.len_utf8();
        let end = end + typed[end..].chars().next().filter(is_point).map_or(0, char::len_utf8);
        let marks: Option<Vec<Mark>> = (typed[start..end].chars())
            .filter(|c| !is_invisible(*c))
            .map(|c| self.mark(c))
            .collect();
        let marks = marks?;
        let decimal = self.decimal_mark(&marks);
        let (integer, fraction) = match decimal {
            Some(place) => (&marks[..place], &marks[place + 1..]),
            None => (&marks[..], &[][..]),
        };
        if !well_grouped(integer) {
            return None;
        }
        let digit = |mark: &Mark| if let Mark::Digit(digit) = mark { Some(*digit) } else { None };
        let mut text: String = integer.iter().filter_map(digit).collect();
        text.push('.');
        for mark in fraction {
            text.push(digit(mark)?);
        }
        let foreign = |(place, mark): (usize, &Mark)| match *mark {
            Mark::Either(c) if Some(place) == decimal => c != self.decimal,
            Mark::Either(c) => !self.group.contains(c),
            _ => false,
        };
        let beside =
            |text: &'a str| text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let (before, after) = (beside(&typed[..start]), beside(&typed[end..]));
        Some(TypedAmount {
            amount: text.parse().ok()?,
            currency: match (before, after) {
                ("", currency) | (currency, "") => currency,
                _ => return None,
            },
            foreign: marks.iter().enumerate().any(foreign),
        })
    }

    fn mark(&self, c: char) -> Option<Mark> {
        let digit = |zero: char| u32::from(c).checked_sub(zero.into()).filter(|digit| *digit < 10);
        if let Some(digit) = ZEROS.into_iter().chain([self.zero]).find_map(digit) {
            return Some(Mark::Digit(char::from_digit(digit, 10)?));
        }
        match c {
            '.' | ',' => Some(Mark::Either(c)),
            '٫' => Some(Mark::Decimal),
            '٬' | '\'' | '’' | '_' => Some(Mark::Group),
            _ if c == self.decimal => Some(Mark::Decimal),
            _ if c.is_whitespace() || self.group.contains(c) => Some(Mark::Group),
            _ => None,
        }
    }

    /// Returns the place of the mark that separates the decimals.
    fn decimal_mark(&self, marks: &[Mark]) -> Option<usize> {
        if let Some(place) = marks.iter().position(|mark| *mark == Mark::Decimal) {
            return Some(place);
        }
        let is_either = |mark: &Mark| matches!(mark, Mark::Either(_));
        let place = marks.iter().rposition(is_either)?;
        let Mark::Either(c) = marks[place] else { return None };
        let alone = marks.iter().filter(|mark| **mark == marks[place]).count() == 1;
        let others =
            marks.iter().any(|mark| !matches!(mark, Mark::Digit(_)) && *mark != marks[place]);
        // `1.234.567` has no decimals. In `1.234,5` and `1 234,5`, only the last mark can separate them.
        if !alone {
            return None;
        }
        let decimal = c == self.decimal || (others && !self.group.contains(c)) || {
            // A point or comma that could separate groups does so, unless it does not in this language.
            let other = marks[..place].iter().any(is_either);
            other || !well_grouped(marks)
        };
        decimal.then_some(place)
    }
}

/// Characters that give the direction of a text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether digits are grouped in thousands, as in `1,234,567`, or as in India, `12,34,567`; or not at
/// all.
fn well_grouped(marks: &[Mark]) -> bool {
    let groups: Vec<&[Mark]> = marks.split(|mark| !matches!(mark, Mark::Digit(_))).collect();
    let [first, middle @ .., last] = &groups[..] else { return true };
    let same = |length: usize| middle.iter().all(|group| group.len() == length);
    (1..=3).contains(&first.len())
        && first[0] != Mark::Digit('0')
        && last.len() == 3
        && (same(3) || (first.len() < 3 && same(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn style(large: &str, small: &str) -> NumberStyle {
        NumberStyle::learn(large, small).unwrap()
    }

    fn english() -> NumberStyle {
        NumberStyle::default()
    }

    fn german() -> NumberStyle {
        style("12.345.678,9", "1.234")
    }

    fn french() -> NumberStyle {
        style("12\u{202f}345\u{202f}678,9", "1\u{202f}234")
    }

    fn swiss() -> NumberStyle {
        style("12’345’678.9", "1’234")
    }

    fn indian() -> NumberStyle {
        style("1,23,45,678.9", "1,234")
    }

    fn bengali() -> NumberStyle {
        style("১,২৩,৪৫,৬৭৮.৯", "১,২৩৪")
    }

    /// The number, and whether the reader is told.
    fn read(style: &NumberStyle, typed: &str) -> Option<(String, bool)> {
        style.read(typed).map(|typed| (typed.amount.to_string(), typed.foreign))
    }

    #[test]
    fn each_language_reads_its_own_numbers() {
        for (style, typed, amount) in [
            (english(), "1,234.5", "1234.5"),
            (english(), "1.234", "1.234"),
            (english(), ".5", "0.5"),
            (english(), "7.", "7"),
            (english(), "1 000", "1000"),
            (german(), "1.234,5", "1234.5"),
            (german(), "1.234", "1234"),
            (german(), "0,123", "0.123"),
            (german(), "1,234", "1.234"),
            (french(), "1\u{202f}234,5", "1234.5"),
            (french(), "1\u{2009}234 567", "1234567"),
            (swiss(), "1'234.5", "1234.5"),
            (indian(), "8,95,64,58,463", "8956458463"),
            (indian(), "1,00,000", "100000"),
            (bengali(), "৮,৯৫,৬৪,৫৮,৪৬৩.৫", "8956458463.5"),
            (english(), "１,２３４", "1234"),
            (english(), "١٬٢٣٤٫٥", "1234.5"),
            (english(), "\u{200f}۱۲", "12"),
        ] {
            assert_eq!(read(&style, typed), Some((amount.to_owned(), false)), "{typed}");
        }
    }

    #[test]
    fn numbers_of_other_languages_are_read_and_told() {
        for (style, typed, amount) in [
            (english(), "1,5", "1.5"),
            (english(), "0,500", "0.5"),
            (english(), "12,34", "12.34"),
            (english(), "1.234,56", "1234.56"),
            (english(), "1.234.567", "1234567"),
            (german(), "1.5", "1.5"),
            (german(), "1.2345", "1.2345"),
            (german(), "1,234.56", "1234.56"),
            (french(), "1.5", "1.5"),
            (french(), "1.234", "1234"),
            (french(), "1 234.5", "1234.5"),
            (swiss(), "1,5", "1.5"),
        ] {
            assert_eq!(read(&style, typed), Some((amount.to_owned(), true)), "{typed}");
        }
    }

    #[test]
    fn what_stands_beside_the_number_is_a_currency() {
        for (style, typed, amount, currency) in [
            (english(), "€ 1.234,56", "1234.56", "€"),
            (english(), "250 EUR", "250", "EUR"),
            (german(), "1.234,56\u{a0}€", "1234.56", "€"),
            (english(), "$.5", "0.5", "$"),
            (english(), "Fr. 5", "5", "Fr."),
            (english(), "Fr.5", "5", "Fr."),
            (german(), "5 kr.", "5", "kr."),
        ] {
            let typed = style.read(typed).unwrap();
            assert_eq!((typed.amount.to_string().as_str(), typed.currency), (amount, currency));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for typed in [
            "",
            ".",
            "EUR",
            "0",
            "0.00",
            "1e3",
            "1.2.3",
            "1,2,3",
            "1,0000,000",
            "1 2",
            "1-2",
            "€ 5 EUR",
            "1.234,567.8",
            "1234567890123456",
        ] {
            assert_eq!(read(&english(), typed), None, "{typed}");
        }
        // The sign is taken for a currency, which there is not.
        assert_eq!(english().read("-5").map(|typed| typed.currency), Some("-"));
    }

    proptest! {
        #[test]
        fn what_is_written_in_a_style_is_read_in_it(digits in 1..999_999_999_999_999_u64, decimals in 0..15_usize) {
            let text = format!("{digits:0width$}", width = decimals + 1);
            let (integer, fraction) = text.split_at(text.len() - decimals);
            let amount: Amount = format!("{integer}.{fraction}").parse().unwrap();
            for style in [english(), german(), french(), swiss(), indian(), bengali()] {
                let written = style.write(&amount.written()).to_string();
                prop_assert_eq!(read(&style, &written), Some((amount.to_string(), false)), "{}", written);
                let plain = style.plain(&amount.to_string());
                prop_assert_eq!(read(&style, &plain), Some((amount.to_string(), false)), "{}", plain);
            }
        }

        #[test]
        fn no_text_is_too_strange(typed in ".*") {
            let _ = english().read(&typed);
            let _ = bengali().read(&typed);
        }
    }
}
