//! The parts of the browser's window and document that the page needs.

use leptos::{
    prelude::{document, window, window_event_listener_untyped},
    task::{spawn_local, tick},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, History, HtmlElement, MouseEvent, VisibilityState};

/// Returns the first element that matches `selector`.
pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// Returns the innermost element around a click that matches `selector`.
pub fn closest(click: &MouseEvent, selector: &str) -> Option<Element> {
    click.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

pub fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Focuses what `find` returns once the page has changed.
pub fn focus_after_change(find: impl FnOnce() -> Option<Element> + 'static) {
    spawn_local(async move {
        tick().await;
        focus(find());
    });
}

/// Keeps the focus where it is while the page changes. Browsers take it from an element that moves.
pub fn keep_focus() {
    let focused = document().active_element();
    focus_after_change(move || {
        // Not without need: it would scroll to the element.
        let lost = document().active_element() != focused;
        focused.filter(|element| lost && element.is_connected())
    });
}

/// Returns the query of the address, without its `?`.
pub fn query() -> String {
    let search = window().location().search().unwrap_or_default();
    search.trim_start_matches('?').to_owned()
}

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

/// Loads another page.
pub fn visit(href: &str) {
    let _ = window().location().assign(href);
}

fn history() -> Option<History> {
    window().history().ok()
}

/// Returns an attribute of the document; `src/assets/inline_scripts.rs` sets some.
pub fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

/// Sets an attribute of the document, which the style sheet goes by.
pub fn set_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(name, value);
    }
}

/// Returns whether the system's colour scheme is dark.
pub fn prefers_dark() -> bool {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

pub fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Clears the browser's record of how long each request took. Nobody reads it, and on a page that is open for
/// weeks it is all that grows.
pub fn forget_timings() {
    if let Some(performance) = window().performance() {
        performance.clear_resource_timings();
    }
}

/// Calls `act` for each event of this name, until the document is closed.
pub fn listen(name: &'static str, act: impl Fn(Event) + 'static) {
    let _ = window_event_listener_untyped(name, act);
}
