//! The actions of a reader, by mouse, touch or keyboard.

use gloo_timers::callback::Timeout;
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

use super::{device, dom};
use crate::{
    app::{model::Model, platform, reader::Reader, state::PageState},
    rates::Code,
};

/// Milliseconds for which a toast is shown.
const TOAST_FOR: u32 = 4_000;

/// The links to a row's detail view, in the order of the rows.
pub const ROW_LINKS: &str = ".rates tbody th a";

/// Returns the currency of the row or tile that contains an element.
pub fn code_of(element: &Element) -> Option<Code> {
    let row = element.closest("tbody tr").ok()??;
    let star = row.query_selector("button.star").ok()??;
    star.get_attribute("value")?.parse().ok()
}

/// Goes to the state that a link leads to.
pub fn follow(model: Model, href: &str) {
    let (state, query_warnings) = PageState::read(href.trim_start_matches(['/', '?']));
    let opened = state.symbol.is_some()
        && model.state.with_untracked(|before| before.symbol != state.symbol);
    let closed = state.symbol.is_none();
    let before = model.state.with_untracked(|before| before.symbol.clone());
    platform::push(href);
    model.show(state, query_warnings);
    if opened {
        after_the_change(|| dom::focus(dom::find("#pair")));
    } else if let Some(code) = before.filter(|_| closed) {
        focus_row(code, "a");
    }
}

pub fn open(model: Model, code: Code) {
    let state = PageState { symbol: Some(code), ..model.state.get_untracked() };
    follow(model, &state.href());
}

/// Closes the detail view, if one is open.
pub fn close(model: Model) {
    let state = model.state.get_untracked();
    if state.symbol.is_some() {
        follow(model, &PageState { symbol: None, ..state }.href());
    }
}

/// Adds a row to the favourites, or removes it. Keyboard focus in the row stays on its link or button.
pub fn toggle_favourite(model: Model, code: Code, focus: Option<&'static str>) {
    model.reader.update(|reader| reader.toggle(&code));
    if let Some(part) = focus {
        focus_row(code, part);
    }
}

/// Shows all values per this currency.
pub fn rebase(model: Model, code: Code) {
    let state = PageState { base: code.clone(), ..model.state.get_untracked() };
    model.go(state);
    focus_row(code, "a");
}

pub fn change_theme(model: Model) {
    model.reader.update(Reader::change_theme);
}

/// Opens the help, or closes it.
pub fn toggle_help() {
    let dialog = dom::find("#help").and_then(|help| help.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = dialog {
        if dialog.open() {
            dialog.close();
        } else {
            let _ = dialog.show_modal();
        }
    }
}

/// Copies a value with all its digits, in a form that programs read.
pub fn copy(model: Model, code: &Code) {
    let Some(snapshot) = model.server_data.with_untracked(|data| data.snapshot.clone()) else {
        return;
    };
    let value = model.state.with_untracked(|state| {
        let per = snapshot.per(&state.base)?;
        Some(per.quote(snapshot.get(code)?).times(state.amount.value()).value)
    });
    let Some(value) = value else { return };
    let Ok(number) = js_sys::Number::from(value).to_string_with_radix(10) else { return };
    let number = String::from(number);
    spawn_local(async move {
        let done = if device::copy(&number).await {
            ["Copied ", &number].concat()
        } else {
            ["The browser does not let this page copy: ", &number].concat()
        };
        model.toast.set(done);
        Timeout::new(TOAST_FOR, move || model.toast.set(String::new())).forget();
    });
}

/// Moves the focus by `by` rows.
pub fn move_focus(by: i32) {
    let Some(links) =
        dom::document().and_then(|document| document.query_selector_all(ROW_LINKS).ok())
    else {
        return;
    };
    let last = i32::try_from(links.length()).unwrap_or(i32::MAX) - 1;
    let active = focused_row().and_then(|row| row.query_selector("th a").ok().flatten());
    let place = (0..=last).find(|index| {
        let link = u32::try_from(*index).ok().and_then(|index| links.get(index));
        link.as_ref() == active.as_ref().map(AsRef::as_ref)
    });
    let next = place.filter(|_| active.is_some()).map_or(0, |place| (place + by).clamp(0, last));
    let link = u32::try_from(next).ok().and_then(|next| links.get(next));
    dom::focus(link.and_then(|link| link.dyn_into().ok()));
}

/// Returns the row that has the focus.
pub fn focused_row() -> Option<Element> {
    dom::document()?.active_element()?.closest(".rates tbody tr").ok()?
}

/// Returns the currency of the focused row, or else the one in detail.
pub fn current(model: Model) -> Option<Code> {
    let row = focused_row().and_then(|row| code_of(&row));
    row.or_else(|| model.state.with_untracked(|state| state.symbol.clone()))
}

/// Returns the focused currency of the table, and the part of its row.
pub fn focused() -> Option<(Code, &'static str)> {
    let row = focused_row()?;
    let on_star = dom::document()?.active_element()?.tag_name() == "BUTTON";
    Some((code_of(&row)?, if on_star { "button" } else { "a" }))
}

/// Keeps the focus on its currency when new rates have moved its row.
pub fn keep_focus((code, part): (Code, &'static str)) {
    after_the_change(move || {
        if focused_row().is_some_and(|row| code_of(&row).as_ref() != Some(&code)) {
            focus_row(code, part);
        }
    });
}

/// Focuses part of a row after the rows have moved.
fn focus_row(code: Code, part: &'static str) {
    after_the_change(move || {
        let star = [".rates button[value=\"", code.as_str(), "\"]"].concat();
        let cell = dom::find(&star).and_then(|star| star.parent_element());
        dom::focus(cell.and_then(|cell| cell.query_selector(part).ok().flatten()));
    });
}

fn after_the_change(act: impl FnOnce() + 'static) {
    spawn_local(async move {
        tick().await;
        act();
    });
}
