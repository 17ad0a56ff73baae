//! Text that changes while the page is open.
//!
//! It is written to its element, by `inner_html`, and not into a text node. Translators and extensions replace
//! text nodes, and a change to one that has been replaced is never seen: an old number would stay beside a
//! new name.

use leptos::prelude::*;

/// Escapes text, for `inner_html`.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Source and time of a value that was carried forward, if it was.
#[component]
pub fn Stale(text: Option<String>) -> impl IntoView {
    text.map(|text| view! { <small class="held" inner_html=html(&text)></small> })
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_no_markup() {
        assert_eq!(super::html("<b> & &lt;"), "&lt;b&gt; &amp; &amp;lt;");
    }
}
