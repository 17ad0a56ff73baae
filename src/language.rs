//! The languages of the page.

use serde::{Deserialize, Serialize};

use crate::words::from_words;

/// A language that the page is in. Each has a folder in `locales/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Language {
    #[default]
    En,
    De,
    Fr,
    Es,
    Ja,
    Ar,
}

/// Error returned when a text is not the tag of a [`Language`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is one of en, de, fr, es, ja, ar")]
pub struct UnknownLanguage;

impl Language {
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ja, Self::Ar];

    /// Returns the tag in documents, headers and addresses, as BCP 47 has it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ja => "ja",
            Self::Ar => "ar",
        }
    }

    /// Returns the name that its readers know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ja => "日本語",
            Self::Ar => "العربية",
        }
    }

    /// Returns whether it is the one of readers whose own there is no page in.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether it is written from right to left.
    pub fn is_rtl(self) -> bool {
        self == Self::Ar
    }
}

from_words!(Language::tag, UnknownLanguage);
