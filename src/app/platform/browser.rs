//! The browser's side.

use js_sys::JsString;
use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::rates::Timestamp;

/// Adds a step to the browser's history.
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

/// What [`remember`] has kept, on this or an earlier visit. `None` also where the reader's browser keeps
/// nothing.
pub fn remembered(name: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(name).ok()?
}

/// The data attribute `name` of the document. `src/assets/inline_scripts.rs` sets it before the first paint.
pub fn document_data(name: &str) -> Option<String> {
    root()?.get_attribute(&["data-", name].concat())
}

pub fn remember(name: &str, value: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = storage.set_item(name, value);
    }
}

/// The style sheet does the rest.
pub fn show_theme(theme: &str) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", theme);
    }
}

/// The reader's own date and time, written as the server writes it, and as wide: `2026-11-23 09:21:28
/// +01`. `toLocaleString` first loads the browser's knowledge of languages, which holds a phone up for
/// 60 ms.
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

/// In Unicode's form NFKD, where marks stand apart from their letters, and in lower case.
pub fn decomposed(text: &str) -> String {
    JsString::from(text).normalize("NFKD").to_lower_case().into()
}
