//! Keyboard shortcuts. Each is in the help, too: `src/app/help.rs`.

use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{dom, links, refresher::Refresher};
use crate::{
    app::{clipboard, model::Model, reader::Reader},
    rates::Code,
};

pub fn start(model: Model, refresher: Refresher) {
    dom::listen("keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && let Some(key) = shortcut(event)
            && on_key(model, refresher, &key)
        {
            event.prevent_default();
        }
    });
}

/// Returns the key, unless it is part of another shortcut or meant for a field or an open dialog.
pub fn shortcut(event: &KeyboardEvent) -> Option<String> {
    let other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
    if other || dom::find("dialog[open]").is_some() {
        return None;
    }
    let key = event.key();
    let Some(field) = focused("input:not([type=range]):not([type=checkbox]), select, textarea")
    else {
        return Some(key);
    };
    // The browser would empty the search without an event.
    if key == "Escape" && field.tag_name() == "INPUT" {
        let _ = field.unchecked_into::<HtmlElement>().blur();
        event.prevent_default();
    }
    None
}

/// Returns the element that has the focus, if it matches `selector`.
pub fn focused(selector: &str) -> Option<Element> {
    let active = document().active_element()?;
    active.matches(selector).is_ok_and(|matches| matches).then_some(active)
}

/// Handles a key. Returns whether it meant anything. The wallboard has more: `src/app/wallboard/mod.rs`.
fn on_key(model: Model, refresher: Refresher, key: &str) -> bool {
    let on_wallboard = model.wallboard.get_untracked();
    match key {
        "Escape" if !on_wallboard && current(model).is_some() => links::open(model, None),
        // Readers with speech input can turn the rest off, because a spoken word is many keys.
        _ if !model.reader.with_untracked(|reader| reader.keys) => return false,
        "?" => model.help_open.set(true),
        "r" => refresher.ask(),
        "t" => model.reader.update(Reader::change_theme),
        "w" => model.toggle_wallboard(),
        _ if on_wallboard => return false,
        "/" => dom::focus(dom::find("input[name=q]")),
        "j" => move_focus(model, 1),
        "k" => move_focus(model, -1),
        "f" | "b" | "c" | "C" | "J" | "K" => {
            let focused = model.focused.get_untracked();
            let Some(code) = focused.or_else(|| current(model)) else { return false };
            match key {
                "f" => {
                    dom::keep_focus();
                    model.toggle_favourite(&code);
                }
                "b" => {
                    let base = code.clone();
                    model.go(untrack(|| model.shown()).with_base(base));
                    links::focus_row(code);
                }
                "J" => model.move_favourite(&code, 1),
                "K" => model.move_favourite(&code, -1),
                _ => clipboard::copy_value(model, &code, key == "C"),
            }
        }
        _ => return false,
    }
    true
}

/// Returns the currency shown in detail.
fn current(model: Model) -> Option<Code> {
    model.state.with_untracked(|state| state.symbol.clone())
}

/// Moves the focus by `by` rows; to the first one if no row has it.
fn move_focus(model: Model, by: isize) {
    let focused = model.focused.get_untracked();
    let code = model.rows.with_untracked(|rows| {
        let place = rows.iter().position(|row| Some(&row.code) == focused.as_ref());
        let next = place.map_or(0, |place| place.saturating_add_signed(by));
        Some(rows.get(next).or(rows.last())?.code.clone())
    });
    if let Some(code) = code {
        links::focus_row(code);
    }
}
