//! How a search compares texts.

/// Returns `text` as a search compares it: in lower case, and without the marks of its letters.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in decomposed(text).chars() {
        match letter {
            // A mark of the letter before it.
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{655}' | '\u{670}' => {}
            // Letters with a stroke and others that Unicode does not decompose.
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ø' => folded.push('o'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // Two forms of one letter in Arabic.
            'ى' => folded.push('ي'),
            'ة' => folded.push('ه'),
            // Hiragana as katakana, in which names of currencies are.
            'ぁ'..='ゖ' => folded.extend(char::from_u32(u32::from(letter) + 0x60)),
            other => folded.push(other),
        }
    }
    folded
}

/// Returns the text in lower case and in Unicode's form NFKD, where marks follow their letters.
#[cfg(feature = "ssr")]
fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    text.nfkd().collect::<String>().to_lowercase()
}

/// Does the same without a table of all letters in the wasm: the browser has one.
#[cfg(not(feature = "ssr"))]
fn decomposed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKD").to_lower_case().into()
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
            ("أُوقِيَّة", "اوقيه"),
            ("どる", &fold("ドル")),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
