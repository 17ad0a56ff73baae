//! Turns the pages of the wallboard, and shows its controls while it is touched.

use std::cell::Cell;

use leptos::prelude::*;

use super::{device, dom};
use crate::{
    app::{model::Model, paging::Paging},
    rates::Timestamp,
};

/// Seconds for which a page is shown.
const STAY: u64 = 12;
/// Seconds for which the controls are shown after the last touch.
const CONTROLS_STAY: f64 = 4.0;
/// Set on the document while the controls are shown.
const TOUCHED: &str = "data-touched";

thread_local! {
    static TOUCHED_AT: Cell<f64> = const { Cell::new(0.0) };
    static TURN_AT: Cell<u64> = const { Cell::new(0) };
}

/// Runs once a second.
pub fn tick(model: Model, now: Timestamp) {
    if !model.wallboard.get_untracked() {
        device::sleep();
        return;
    }
    device::stay_awake();
    if js_sys::Date::now() / 1000.0 > TOUCHED_AT.get() + CONTROLS_STAY
        && let Some(root) = root()
    {
        let _ = root.remove_attribute(TOUCHED);
    }
    let now = now.unix_seconds();
    let paging = model.paging.get_untracked();
    let size = page_size();
    match paging {
        Some(paging) if paging.size == size => {
            // A clock that was set back must not keep the page from turning.
            let due = now >= TURN_AT.get() || TURN_AT.get() > now + STAY;
            if due && !paging.paused {
                TURN_AT.set(now + STAY);
                model.paging.set(Some(paging.by(1)));
            }
        }
        _ => {
            TURN_AT.set(now + STAY);
            model.paging.set(Some(Paging { page: 0, size, paused: false }));
        }
    }
}

/// Turns to the next page or the previous one, which is then shown for its full time.
pub fn turn(model: Model, forward: bool) {
    let now = model.now.get_untracked().map_or(0, Timestamp::unix_seconds);
    TURN_AT.set(now + STAY);
    let pages = if forward { 1 } else { -1 };
    model.paging.update(|paging| *paging = paging.map(|paging| paging.by(pages)));
}

pub fn pause(model: Model) {
    model.paging.update(|paging| {
        *paging = paging.map(|paging| Paging { paused: !paging.paused, ..paging });
    });
}

pub fn touched() {
    TOUCHED_AT.set(js_sys::Date::now() / 1000.0);
    if let Some(root) = root() {
        let _ = root.set_attribute(TOUCHED, "");
    }
}

fn root() -> Option<web_sys::Element> {
    dom::document()?.document_element()
}

/// Returns the number of tiles that `style/_wallboard.scss` has room for.
fn page_size() -> usize {
    let size =
        |of: fn(&web_sys::Window) -> Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
            web_sys::window().and_then(|window| of(&window).ok()?.as_f64()).unwrap_or_default()
        };
    let (width, height) = (size(web_sys::Window::inner_width), size(web_sys::Window::inner_height));
    Paging::tiles(width > height)
}
