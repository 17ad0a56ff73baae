//! The server's side: a page is rendered once, for an unknown reader.

use crate::rates::Timestamp;

/// Returns the text in lower case and in Unicode's form NFKD, where marks follow their letters. The browser
/// can do this without a table in the wasm.
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
