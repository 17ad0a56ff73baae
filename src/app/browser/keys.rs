//! Keyboard shortcuts. Each is in the help, too: `src/app/help.rs`.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::{actions, dom, wallboard};
use crate::app::model::Model;

pub fn start(model: Model) {
    dom::listen("keydown", move |event| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>()
            && !(key.ctrl_key() || key.meta_key() || key.alt_key() || key.is_composing())
            && on_key(model, &key.key())
        {
            key.prevent_default();
        }
    });
}

/// Handles a key. Returns whether it meant anything.
fn on_key(model: Model, key: &str) -> bool {
    // An open dialog and the fields handle keys themselves.
    if dom::find("dialog[open]").is_some() {
        return false;
    }
    let active = dom::document().and_then(|document| document.active_element());
    let in_field = |element: &Element| {
        element
            .matches("input:not([type=range]):not([type=checkbox]), select, textarea")
            .is_ok_and(|it_is| it_is)
    };
    if let Some(field) = active.clone().filter(in_field) {
        // The browser would empty the search without an event.
        let escape = key == "Escape" && field.tag_name() == "INPUT";
        if escape {
            let _ = field.unchecked_into::<web_sys::HtmlElement>().blur();
        }
        return escape;
    }
    let on_wallboard = model.wallboard.get_untracked();
    if on_wallboard {
        wallboard::touched();
    }
    match key {
        "Escape" if !on_wallboard => actions::close(model),
        // Readers with speech input can turn the rest off, because a spoken word is many keys.
        _ if !model.reader.with_untracked(|reader| reader.keys) => return false,
        "?" => actions::toggle_help(),
        "t" => actions::change_theme(model),
        "w" => dom::press(if on_wallboard { ".wall-controls a" } else { ".tools a" }),
        "j" if on_wallboard => wallboard::turn(model, true),
        "k" if on_wallboard => wallboard::turn(model, false),
        // Not on a button, which it activates.
        " " if on_wallboard
            && !active.is_some_and(|active| active.matches("a, button").unwrap_or(false)) =>
        {
            wallboard::pause(model);
        }
        _ if on_wallboard => return false,
        "/" => dom::focus(dom::find("input[name=q]")),
        "j" => actions::move_focus(1),
        "k" => actions::move_focus(-1),
        "f" | "b" | "c" => {
            let Some(code) = actions::current(model) else { return false };
            match key {
                "f" => {
                    let link = actions::focused_row().map(|_| "a");
                    actions::toggle_favourite(model, code, link);
                }
                "b" => actions::rebase(model, code),
                _ => actions::copy(model, &code),
            }
        }
        _ => return false,
    }
    true
}
