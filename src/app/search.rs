//! What a reader searches for, and how well a rate fits it.

use super::{fold::fold, texts::Texts};
use crate::rates::{Code, Rate, Snapshot};

/// A search as it is compared.
pub struct Search {
    /// In whose language the names are, too.
    texts: Texts,
    /// Folded, with one blank between words.
    text: String,
    /// The currencies of `eur/usd`, `eurusd` or `eur usd`, if it is such a list.
    codes: Vec<Code>,
}

/// How well a rate fits a search, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The code is equal to it, or there is no search.
    Code,
    /// The code begins with it.
    CodeBegins,
    /// It is another name of the currency, or its sign, with letters before it or without: `A$` fits `$` as well
    /// as `$` does, so that popularity decides. Before the names, so that "uk" finds pounds and "ukr" hryvnias.
    OtherName,
    /// The name begins with it.
    NameBegins,
    /// A word of its names begins with it.
    WordBegins,
    /// Code, name or unit contains it.
    Elsewhere,
}

impl Search {
    pub fn new(typed: &str, snapshot: &Snapshot, texts: Texts) -> Self {
        let text = fold(typed.trim());
        if text.is_empty() {
            return Self { texts, text, codes: Vec::new() };
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let codes = codes(&text, snapshot);
        Self { texts, text, codes }
    }

    /// Returns how well a rate fits; `None` if it doesn't. Each word must be found, in any order, and the one
    /// that fits worst decides.
    pub fn fit(&self, rate: &Rate) -> Option<Fit> {
        if self.text.is_empty() || self.codes.contains(&rate.code) {
            return Some(Fit::Code);
        }
        if !self.codes.is_empty() {
            return None;
        }
        let own = self.texts.name(rate);
        let (name, unit) = (fold(&own), fold(&rate.unit));
        let mut other_names = rate.code.other_names().to_owned();
        // The English name is found in every language.
        if own != rate.name {
            other_names = format!("{other_names} {}", fold(&rate.name));
        }
        let fit = self.text.split(' ').try_fold(Fit::Code, |worst, word| {
            Some(worst.max(fit(word, rate.code.as_str(), &name, &unit, &other_names)?))
        })?;
        Some(if name.starts_with(&self.text) { fit.min(Fit::NameBegins) } else { fit })
    }
}

/// Returns how well a currency fits one word.
fn fit(word: &str, code: &str, name: &str, unit: &str, other_names: &str) -> Option<Fit> {
    let sign = unit.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let is_word = |other: &str| other == word;
    let begins = |other: &str| other.starts_with(word);
    Some(if code == word {
        Fit::Code
    } else if code.starts_with(word) {
        Fit::CodeBegins
    } else if unit == word || sign == word || other_names.split(' ').any(is_word) {
        Fit::OtherName
    } else if name.starts_with(word) {
        Fit::NameBegins
    } else if name.split(' ').any(begins) || other_names.split(' ').any(begins) {
        Fit::WordBegins
    } else if code.contains(word) || name.contains(word) || unit.contains(word) {
        Fit::Elsewhere
    } else {
        return None;
    })
}

/// Returns the currencies of a text that has nothing but codes, at least two; else none. Six letters may be two
/// codes, as traders write a pair.
fn codes(text: &str, snapshot: &Snapshot) -> Vec<Code> {
    let known = |code: &str| code.parse().ok().filter(|code| snapshot.get(code).is_some());
    let pair = text.split_at_checked(3).filter(|(_, second)| second.len() == 3);
    let pair = pair.and_then(|(first, second)| Some(vec![known(first)?, known(second)?]));
    let list = || {
        text.split([' ', '/', '-'])
            .filter(|part| !part.is_empty())
            .map(known)
            .collect::<Option<Vec<_>>>()
    };
    pair.or_else(list).filter(|codes| codes.len() > 1).unwrap_or_default()
}
