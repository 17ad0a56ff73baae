//! Keyboard shortcuts. Each is in the help, too: `src/app/help.rs`.

use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{dom, links, refresher::Refresher};
use crate::{
    app::{clipboard, model::Model, reader::Reader, state::PageState},
    rates::Code,
};

/// The attribute of the document that tells what the reader has used last.
const USED: &str = "data-used";

pub fn start(model: Model, refresher: Refresher) {
    // A ring tells where the keyboard is; browsers draw it for whoever uses the pointer, too, if a script moves the
    // focus.
    dom::listen("pointerdown", |_| dom::set_attribute(USED, "pointer"));
    dom::listen("keydown", move |event| {
        dom::set_attribute(USED, "keyboard");
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && let Some(key) = shortcut(event)
            && on_key(model, refresher, &key)
        {
            event.prevent_default();
        }
    });
}

/// What letters are typed into.
const TEXT_FIELD: &str = "input:not([type=range]):not([type=checkbox])";

/// Returns the key, unless it is part of another shortcut or meant for a field or an open dialog. A text field
/// leaves Escape to the page, and the help the key that opens it.
pub fn shortcut(event: &KeyboardEvent) -> Option<String> {
    let other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
    let mut key = event.key();
    // Letters that are not Latin go by their place.
    if !key.is_ascii()
        && let Some(letter) = event.code().strip_prefix("Key")
    {
        key = letter.to_ascii_lowercase();
    }
    let meant_for_it = dom::find("dialog[open]").is_some() && key != "?"
        || focused("select").is_some()
        || focused(TEXT_FIELD).is_some() && key != "Escape";
    (!other && !meant_for_it).then_some(key)
}

/// Returns the element that has the focus, if it matches `selector`.
pub fn focused(selector: &str) -> Option<Element> {
    let active = document().active_element()?;
    active.matches(selector).is_ok_and(|matches| matches).then_some(active)
}

/// Handles a key. Returns whether it meant anything. The wallboard has more: `src/app/wallboard/mod.rs`.
fn on_key(model: Model, refresher: Refresher, key: &str) -> bool {
    let on_wallboard = model.wallboard;
    match key {
        "Escape" => return escape(model, on_wallboard),
        // Readers with speech input can turn the rest off, because a spoken word is many keys.
        _ if !model.reader.with_untracked(|reader| reader.keys) => return false,
        "?" => model.help_open.update(|open| *open = !*open),
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

/// Empties the search, leaves an empty one or another field, or closes the detail view. Returns whether there
/// was any of these.
fn escape(model: Model, on_wallboard: bool) -> bool {
    let shown = untrack(|| model.shown());
    if let Some(field) = focused(TEXT_FIELD) {
        // Some browsers would empty it by themselves, without an event.
        if field.matches("[type=search]").is_ok_and(|it| it) && !shown.search.is_empty() {
            model.replace(PageState { search: String::new(), ..shown });
        } else {
            let _ = field.unchecked_into::<HtmlElement>().blur();
        }
        return true;
    }
    let closes = !on_wallboard && shown.symbol.is_some();
    if closes {
        links::open(model, None);
    }
    closes
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
