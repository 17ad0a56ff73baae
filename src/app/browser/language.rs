//! How the reader writes numbers and times.

use leptos::prelude::window;

use super::dom;
use crate::rates::NumberStyle;

/// Languages that format numbers as the server does in English. Asking the browser would block a phone for 60 ms while
/// it loads its language data.
const ENGLISH: [&str; 7] = ["en", "en-US", "en-GB", "en-AU", "en-CA", "en-IE", "en-NZ"];

/// Returns the reader's form of the page's language, such as `de-CH`, if there is one: the same number means something
/// else in another language's text. English is the page of all readers in whose language there is none: it has theirs.
fn own_form(page: &str) -> Option<String> {
    let navigator = window().navigator();
    if page == "en" {
        return navigator.language();
    }
    let languages = navigator.languages();
    let mut languages = languages.iter().filter_map(|language| language.as_string());
    languages.find(|language| language.split('-').next() == Some(page))
}

/// Returns the language that times are written in, with the digits of the page.
pub fn of_times() -> String {
    let page = dom::attribute("lang").unwrap_or_default();
    own_form(&page).unwrap_or_else(|| page + "-u-nu-latn")
}

/// Returns how the reader writes numbers, if that may differ from how the page does.
pub fn number_style() -> Option<NumberStyle> {
    let language = own_form(&dom::attribute("lang")?)?;
    if ENGLISH.contains(&&*language) {
        return Some(NumberStyle::default());
    }
    let [large, small] = NumberStyle::SAMPLES
        .map(|number| String::from(js_sys::Number::from(number).to_locale_string(&language)));
    NumberStyle::learn(&large, &small)
}
