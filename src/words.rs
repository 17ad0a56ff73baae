//! Enums whose values each have a word, in addresses and on the wire.

/// Reads such an enum from its words: `from_words!(Span::as_str, UnknownSpan)` implements `FromStr`, and
/// `TryFrom<String>` for serde, whose own code for each such type would be 0.2 KB more to download.
macro_rules! from_words {
    ($name:ident :: $word:ident, $error:ident) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::ALL.into_iter().find(|it| it.$word() == text).ok_or($error)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
    };
}

pub(crate) use from_words;
