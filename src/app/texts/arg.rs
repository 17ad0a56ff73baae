//! What a text has places for.

/// A value that a text has a place for.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A text as it is to be shown, such as an amount.
    Text(&'a str),
    /// A number that decides over the plural.
    Number(u32),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

/// Beyond that, plurals do not differ.
impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number.try_into().unwrap_or(u32::MAX))
    }
}

impl From<u64> for Arg<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number.try_into().unwrap_or(u32::MAX))
    }
}
