//! The browser's window and document, in the few words that the rest of the page needs.

use leptos::prelude::window_event_listener_untyped;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlElement};

pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The first element that `selector` finds.
pub fn find(selector: &str) -> Option<Element> {
    document()?.query_selector(selector).ok().flatten()
}

pub fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Does what a click on the first element does that `selector` finds.
pub fn press(selector: &str) {
    if let Some(element) = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        element.click();
    }
}

/// The query of the address, without its `?`.
pub fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.unwrap_or_default().trim_start_matches('?').to_owned()
}

/// The browser records how long each request took, for whoever asks, and nobody does. On a page that is
/// open for weeks these records are all that grows.
pub fn forget_timings() {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        performance.clear_resource_timings();
    }
}

/// Calls `act` with each event of this name. Nothing ends it: the page is never taken down but with the
/// whole document.
pub fn listen(name: &'static str, act: impl Fn(Event) + 'static) {
    let _ = window_event_listener_untyped(name, act);
}
