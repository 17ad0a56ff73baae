//! How the reader writes numbers and times.

use wasm_bindgen::prelude::wasm_bindgen;

use super::dom;
use crate::rates::NumberStyle;

/// Languages that format numbers as the server does in English. Asking the browser would block a phone for 60 ms while
/// it loads its language data.
const ENGLISH: [&str; 7] = ["en", "en-US", "en-GB", "en-AU", "en-CA", "en-IE", "en-NZ"];

#[wasm_bindgen]
extern "C" {
    /// Returns the reader's form of the page's language, such as `de-CH`, if there is one.
    #[wasm_bindgen(js_namespace = texts, js_name = ownForm)]
    fn own_form() -> Option<String>;
}

/// Returns the language that times are written in, with the digits of the page.
pub fn of_times() -> String {
    own_form().unwrap_or_else(|| dom::attribute("lang").unwrap_or_default() + "-u-nu-latn")
}

/// Returns how the reader writes numbers, if that may differ from how the page does.
pub fn number_style() -> Option<NumberStyle> {
    let language = own_form()?;
    if ENGLISH.contains(&&*language) {
        return Some(NumberStyle::default());
    }
    let [large, small] = NumberStyle::SAMPLES
        .map(|number| String::from(js_sys::Number::from(number).to_locale_string(&language)));
    NumberStyle::learn(&large, &small)
}
