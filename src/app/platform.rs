//! The few things that only a browser can do; on the server they do nothing.

use leptos::ev::MouseEvent;

use crate::rates::Timestamp;

/// Whether a click on a link is one that the page handles itself: any other (a new tab, a
/// download) is the browser's.
pub fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key())
}

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::JsValue;

    use super::Timestamp;
    pub use crate::app::refresher::Refresher;

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

    fn history() -> Option<web_sys::History> {
        web_sys::window()?.history().ok()
    }

    /// The reader's own date and time, written as the server writes it: `toLocaleString` first loads
    /// the browser's knowledge of languages, which holds a phone up for 60 ms.
    pub fn local_time(time: Timestamp) -> String {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit a double")]
        let milliseconds = time.unix_seconds() as f64 * 1000.0;
        let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
        #[expect(clippy::cast_possible_truncation, reason = "minutes of a time zone")]
        let behind = date.get_timezone_offset() as i64 * 60;
        let local = time.unix_seconds().saturating_add_signed(-behind);
        Timestamp::from_unix_seconds(local).readable().replace(" UTC", "")
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::Timestamp;
    use crate::app::model::Model;

    pub fn push(_href: &str) {}

    pub fn replace(_href: &str) {}

    pub fn local_time(time: Timestamp) -> String {
        time.readable()
    }

    /// On the server a page is made once and never refreshed.
    #[derive(Clone, Copy)]
    pub struct Refresher;

    impl Refresher {
        pub fn start(_model: Model, _build: String, _interval: u32) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "as in the browser")]
        pub fn ask(self) {}
    }
}

pub use browser::{Refresher, local_time, push, replace};
