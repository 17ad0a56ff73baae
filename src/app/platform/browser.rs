//! The browser's side.

use js_sys::JsString;
use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::rates::Timestamp;

/// Adds an entry to the browser's history.
pub fn push(href: &str) {
    if let Some(history) = history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

/// Changes the address in place.
pub fn replace(href: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

fn root() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

fn history() -> Option<web_sys::History> {
    web_sys::window()?.history().ok()
}

/// Returns what [`remember`] has kept, on this or an earlier visit. `None` also if the browser keeps nothing.
pub fn remembered(name: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Returns the document's data attribute `name`, which `src/assets/inline_scripts.rs` has set.
pub fn document_data(name: &str) -> Option<String> {
    root()?.get_attribute(&["data-", name].concat())
}

pub fn remember(name: &str, value: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = storage.set_item(name, value);
    }
}

/// Sets the attribute that the style sheet takes the theme from.
pub fn show_theme(theme: &str) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", theme);
    }
}

/// Returns the reader's local date and time in the server's format and width: `2026-11-23 09:21:28 +01`.
/// `toLocaleString` would block a phone for 60 ms while it loads the browser's language data.
pub fn local_time(time: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit a double")]
    let milliseconds = time.unix_seconds() as f64 * 1000.0;
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a time zone")]
    let ahead = -(date.get_timezone_offset() as i64);
    let local = time.unix_seconds().saturating_add_signed(ahead * 60);
    let two = |number: u64| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let (hours, minutes) = (ahead.unsigned_abs() / 60, ahead.unsigned_abs() % 60);
    let sign = if ahead < 0 { "-" } else { "+" };
    let minutes = if minutes == 0 { String::new() } else { [":", &two(minutes)].concat() };
    let zone = [" ", sign, &two(hours), &minutes].concat();
    Timestamp::from_unix_seconds(local).readable().replace(" UTC", &zone)
}

/// Returns the text in lower case and in Unicode's form NFKD, where marks follow their letters.
pub fn decomposed(text: &str) -> String {
    JsString::from(text).normalize("NFKD").to_lower_case().into()
}
