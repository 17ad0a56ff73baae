//! Links to a state of the page, which a click shows without loading the page again, and the way back. From the table
//! to the wallboard, which is another page, the browser goes by itself.

use leptos::{ev::MouseEvent, prelude::*};
use wasm_bindgen::JsCast;

use super::dom;
use crate::{
    app::{model::Model, reader::remember, state::PageState},
    rates::Code,
};

pub fn start(model: Model) {
    // The page may have been made for another address: without a network, the worker shows the one it has.
    let (state, query_warnings) = PageState::read(&dom::query());
    let now = remember(state.clone(), untrack(|| model.quotation()));
    if model.state.with(|made_for| made_for.query() != now.query()) {
        model.show(state, query_warnings);
    }
    dom::listen("click", move |event| {
        if let Some(click) = event.dyn_ref::<MouseEvent>() {
            on_click(model, click);
        }
    });
    dom::listen("popstate", move |_| {
        let (state, query_warnings) = PageState::read(&dom::query());
        model.show(state, query_warnings);
    });
}

fn on_click(model: Model, click: &MouseEvent) {
    let Some(link) = dom::closest(click, "a[href]") else { return };
    let href = link.get_attribute("href").unwrap_or_default();
    // Any other click (a new tab, a download) or link is left to the browser, such as one to another language.
    let is_own = !link.has_attribute("lang") && (href == "./" || href.starts_with('?'));
    if is_own && is_plain(click) && follow(model, &href) {
        click.prevent_default();
    }
}

/// Goes to the state that a link leads to. The focus goes into a detail view that opens, and back to the row
/// when it closes. Returns whether that is on this page.
pub fn follow(model: Model, href: &str) -> bool {
    let before = model.state.with_untracked(|state| state.symbol.clone());
    let (state, query_warnings) = PageState::read(href.trim_start_matches(['.', '/', '?']));
    if state.wallboard != model.wallboard {
        return false;
    }
    let now = state.symbol.clone();
    dom::push(href);
    model.show(state, query_warnings);
    match (before, now) {
        (before, Some(now)) if before.as_ref() != Some(&now) => {
            dom::focus_after_change(|| dom::find("#pair"));
        }
        (Some(before), None) => focus_row(before),
        _ => {}
    }
    true
}

/// Shows a currency in detail, or none.
pub fn open(model: Model, symbol: Option<Code>) {
    let state = PageState { symbol, ..untrack(|| model.shown()) };
    follow(model, &state.href());
}

/// Focuses the link of a currency's row, once the page has changed.
pub fn focus_row(code: Code) {
    let link = format!(".rates tr:has([value=\"{code}\"]) th a");
    dom::focus_after_change(move || dom::find(&link));
}

/// Returns whether a click means the element itself, and neither a link or button in it nor the text that it
/// selects.
pub fn is_meant(click: &MouseEvent) -> bool {
    let selection = window().get_selection().ok().flatten();
    is_plain(click)
        && dom::closest(click, "a, button").is_none()
        && selection.is_none_or(|selection| selection.is_collapsed())
}

fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key())
}
