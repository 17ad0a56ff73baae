//! The few things that only a browser can do, for the parts of the page that both sides have; on the
//! server they do nothing.

#[cfg(feature = "hydrate")]
pub use super::browser::{
    Refresher,
    page::{decomposed, local_time, push, remember, remembered, replace, show_theme, shown},
};

#[cfg(not(feature = "hydrate"))]
pub use on_the_server::*;

/// `text` as a search compares it: in lower case, and without the marks of its letters.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in decomposed(text).chars() {
        match letter {
            // Marks that stood on the letter before them.
            '\u{300}'..='\u{36f}' => {}
            // Letters with a stroke, and others that Unicode takes for letters of their own.
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ø' => folded.push('o'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(not(feature = "hydrate"))]
mod on_the_server {
    use crate::{app::model::Model, rates::Timestamp};

    /// In Unicode's form NFKD, where marks stand apart from their letters, and in lower case. The
    /// browser has both without a table in the wasm.
    #[cfg(feature = "ssr")]
    pub fn decomposed(text: &str) -> String {
        use unicode_normalization::UnicodeNormalization;

        text.nfkd().collect::<String>().to_lowercase()
    }

    #[cfg(not(feature = "ssr"))]
    pub fn decomposed(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn push(_href: &str) {}

    pub fn replace(_href: &str) {}

    pub fn local_time(time: Timestamp) -> String {
        time.readable()
    }

    pub fn remembered(_name: &str) -> Option<String> {
        None
    }

    pub fn shown(_name: &str) -> Option<String> {
        None
    }

    pub fn remember(_name: &str, _value: &str) {}

    pub fn show_theme(_theme: &str) {}

    /// On the server a page is made once and never refreshed.
    #[derive(Clone, Copy)]
    pub struct Refresher;

    impl Refresher {
        pub fn start(_model: Model, _build: String, _interval: u32) -> Self {
            Self
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::fold;

    #[test]
    fn case_and_marks_are_folded() {
        for (text, folded) in [
            ("US Dollar", "us dollar"),
            ("Złoty", "zloty"),
            ("São Tomé", "sao tome"),
            ("đồng", "dong"),
            ("ÅNGSTRÖM", "angstrom"),
            ("Straße", "strasse"),
            ("Rub\u{301}le", "ruble"),
            ("₨", "rs"),
            ("ل.ل", "ل.ل"),
            ("ΑΘΉΝΑ", "αθηνα"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
