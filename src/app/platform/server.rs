//! The server's side: a page is made once, for a reader of whom nothing is known.

use crate::rates::Timestamp;

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

pub fn document_data(_name: &str) -> Option<String> {
    None
}

pub fn remember(_name: &str, _value: &str) {}

pub fn show_theme(_theme: &str) {}
