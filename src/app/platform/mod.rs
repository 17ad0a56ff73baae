//! What only a browser can do, for the parts of the page that both sides have. On the server, these functions
//! do nothing.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
mod server;

#[cfg(feature = "hydrate")]
use self::browser as side;
#[cfg(not(feature = "hydrate"))]
use self::server as side;

pub use self::side::{document_data, local_time, push, remember, remembered, replace, show_theme};

/// Returns `text` as a search compares it: in lower case, and without the marks of its letters.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in side::decomposed(text).chars() {
        match letter {
            // A mark of the letter before it.
            '\u{300}'..='\u{36f}' => {}
            // Letters with a stroke and others that Unicode does not decompose.
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
