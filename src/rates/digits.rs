//! How many of its digits a number is written with: the reader's choice.

use std::str::FromStr;

/// How many of its digits a number is written with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Digits {
    /// As many as people use: money ends with its minor unit. See [`super::number`].
    #[default]
    Usual,
    /// All that the upstream's rounding supports, up to seven.
    All,
}

/// Error returned when a text is not the name of [`Digits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("digits are usual or all")]
pub struct UnknownDigits;

impl Digits {
    /// Returns the word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::All => "all",
        }
    }
}

impl FromStr for Digits {
    type Err = UnknownDigits;

    fn from_str(text: &str) -> Result<Self, UnknownDigits> {
        let is = |digits: &Self| digits.as_str() == text;
        [Self::Usual, Self::All].into_iter().find(is).ok_or(UnknownDigits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_chosen_by_their_word() {
        for digits in [Digits::Usual, Digits::All] {
            assert_eq!(digits.as_str().parse(), Ok(digits));
        }
        assert_eq!("8".parse::<Digits>(), Err(UnknownDigits));
    }
}
