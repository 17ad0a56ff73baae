//! The texts of the page. They are Fluent files in `locales/`, which a translator can edit.
//!
//! Server and browser format them by the same syntax and the same rules for plurals: the server by the crate
//! `fluent-bundle`, the browser by `@fluent/bundle`, which is a fraction of what the crate would add to the wasm.

mod arg;
#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use std::borrow::Cow;

use self::arg::Arg;
#[cfg(not(feature = "ssr"))]
use self::browser as half;
#[cfg(feature = "ssr")]
use self::server as half;
use crate::{
    language::Language,
    rates::{NumberStyle, Rate},
};

/// The texts in the language of a page. Every part of the page has them from its
/// [`Model`](super::model::Model).
#[derive(Clone, Copy, Debug, Default)]
pub struct Texts(half::Of);

/// Stands for a value that is not known yet in [`Texts::around`]. No text has it.
const GAP: &str = "\u{fffc}";

impl Texts {
    /// Returns the texts in a language. A browser has those of its page, and no others.
    pub fn of(language: Language) -> Self {
        Self(half::Of::new(language))
    }

    pub fn language(self) -> Language {
        self.0.language()
    }

    /// Returns a text without places.
    pub fn get(self, id: &'static str) -> &'static str {
        self.0.get(id)
    }

    /// Returns a text that the browser leaves as the server has written it. There it is empty, and not downloaded. Only
    /// for what is in every page of its kind and stays as it is.
    pub fn fixed(self, id: &'static str) -> &'static str {
        if cfg!(feature = "ssr") { self.get(id) } else { "" }
    }

    /// Returns a text with these values in its places.
    pub fn format(self, id: &str, args: &[(&str, Arg)]) -> String {
        self.0.format(id, args).unwrap_or_default()
    }

    /// Returns what is before and after the only place of a text, for a list with another value in each row.
    pub fn around(self, id: &str, place: &str) -> (String, String) {
        let text = self.format(id, &[(place, Arg::Text(GAP))]);
        let (before, after) = text.split_once(GAP).unwrap_or((&text, ""));
        (before.to_owned(), after.to_owned())
    }

    /// Returns the name of a currency. Where the language has none, it is the source's, in English.
    pub fn name(self, rate: &Rate) -> Cow<'_, str> {
        let id = || format!("currency-{}", rate.code);
        let name = (self.language() != Language::En).then(|| self.0.format(&id(), &[])).flatten();
        name.map_or(Cow::Borrowed(&rate.name), Cow::Owned)
    }

    /// Returns how the language formats numbers. Once the page is hydrated, they are as its reader's are.
    pub fn number_style(self) -> NumberStyle {
        let [large, small] = ["number-large", "number-small"].map(|id| self.get(id));
        NumberStyle::learn(large, small).unwrap_or_default()
    }
}

/// Returns HTML that the browser leaves as the server has written it, as by [`Texts::fixed`].
pub fn fixed_html(make: impl FnOnce() -> String) -> String {
    if cfg!(feature = "ssr") { make() } else { String::new() }
}

#[cfg(all(test, feature = "ssr"))]
mod tests;
