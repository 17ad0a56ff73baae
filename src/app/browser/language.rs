//! How the reader's language writes numbers.

use crate::rates::NumberStyle;

/// These write numbers as the server does. To ask the browser would hold a phone up for 60 ms, while
/// it loads what it knows of languages.
const ENGLISH: [&str; 7] = ["en", "en-US", "en-GB", "en-AU", "en-CA", "en-IE", "en-NZ"];

/// `None` if it is as the server's.
pub fn number_style() -> Option<NumberStyle> {
    let language = web_sys::window()?.navigator().language()?;
    if ENGLISH.contains(&&*language) {
        return None;
    }
    let [large, small] = NumberStyle::SAMPLES
        .map(|number| String::from(js_sys::Number::from(number).to_locale_string(&language)));
    NumberStyle::learn(&large, &small)
}
