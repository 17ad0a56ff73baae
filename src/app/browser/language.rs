//! How the reader's language formats numbers.

use leptos::prelude::window;

use crate::rates::NumberStyle;

/// Languages that format numbers as the server does in English. Asking the browser would block a phone for 60 ms while
/// it loads its language data.
const ENGLISH: [&str; 7] = ["en", "en-US", "en-GB", "en-AU", "en-CA", "en-IE", "en-NZ"];

/// Returns the reader's style.
pub fn number_style() -> Option<NumberStyle> {
    let language = window().navigator().language()?;
    if ENGLISH.contains(&&*language) {
        return Some(NumberStyle::default());
    }
    let [large, small] = NumberStyle::SAMPLES
        .map(|number| String::from(js_sys::Number::from(number).to_locale_string(&language)));
    NumberStyle::learn(&large, &small)
}
