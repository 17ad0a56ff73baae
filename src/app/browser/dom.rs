//! The parts of the browser's window and document that the page needs.

use leptos::prelude::window_event_listener_untyped;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlElement};

pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Returns the first element that matches `selector`.
pub fn find(selector: &str) -> Option<Element> {
    document()?.query_selector(selector).ok().flatten()
}

pub fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Clicks the first element that matches `selector`.
pub fn press(selector: &str) {
    if let Some(element) = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        element.click();
    }
}

/// Returns the query of the address, without its `?`.
pub fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.unwrap_or_default().trim_start_matches('?').to_owned()
}

/// Clears the browser's record of how long each request took. Nobody reads it, and on a page that is open for
/// weeks it is all that grows.
pub fn forget_timings() {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        performance.clear_resource_timings();
    }
}

/// Calls `act` for each event of this name, until the document is closed.
pub fn listen(name: &'static str, act: impl Fn(Event) + 'static) {
    let _ = window_event_listener_untyped(name, act);
}
