//! Text that changes while the page is open.
//!
//! It is written to its element, by `inner_html`, and not into a text node. Translators and extensions replace
//! text nodes, and a change to one that has been replaced is never seen: an old number would stay beside a
//! new name.

/// Escapes text, for `inner_html`.
pub fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

/// Returns source and time of a value that was carried forward, as HTML; nothing if it was not.
pub fn stale(text: Option<&str>) -> String {
    text.map(|text| format!("<small class=held>{}</small>", html(text))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_no_markup() {
        assert_eq!(super::html("<b> & &lt;"), "&lt;b&gt; &amp; &amp;lt;");
    }
}
