//! Mouse, touch and fields. The page is links and a form; here the browser handles them, with one listener
//! per kind of event however many links there are.

use leptos::{
    ev::{self, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

use super::{actions, device, dom, refresher::Refresher, wallboard};
use crate::app::{converter::FORM_ID, model::Model, state::PageState};

pub fn start(model: Model, refresher: Refresher) {
    dom::listen("click", move |event| {
        if let Some(click) = event.dyn_ref::<MouseEvent>() {
            on_click(model, refresher, click);
        }
    });
    dom::listen("input", move |event| on_input(model, &event));
    dom::listen("change", move |event| on_change(model, &event));
    // The fields act as they change, so there is nothing to submit.
    dom::listen("submit", |event| {
        if target(&event).is_some_and(|form| form.id() == FORM_ID) {
            event.prevent_default();
        }
    });
    dom::listen("pointermove", move |event| on_pointer(model, &event));
    dom::listen("pointerdown", move |event| on_pointer(model, &event));
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn on_click(model: Model, refresher: Refresher, click: &MouseEvent) {
    let Some(element) = target(click) else { return };
    let closest = |selector| element.closest(selector).ok().flatten();
    if let Some(button) = closest("[data-do]") {
        click.prevent_default();
        match button.get_attribute("data-do").as_deref() {
            Some("refresh") => refresher.ask(),
            Some("theme") => actions::change_theme(model),
            Some("help") => actions::toggle_help(),
            Some("copy") => {
                if let Some(code) = model.state.with_untracked(|state| state.symbol.clone()) {
                    actions::copy(model, &code);
                }
            }
            Some("full") => device::toggle_full(),
            Some("pause") => wallboard::pause(model),
            Some("back") => wallboard::turn(model, false),
            Some("next") => wallboard::turn(model, true),
            _ => {}
        }
    } else if let Some(star) = closest("button.star") {
        if let Some(code) = actions::code_of(&star) {
            // A click by keyboard has no detail; then the focus stays on the button.
            actions::toggle_favourite(model, code, (click.detail() == 0).then_some("button"));
        }
    } else if let Some(link) = closest("a[href]") {
        let href = link.get_attribute("href").unwrap_or_default();
        // Any other click (a new tab, a download) or link is left to the browser.
        if is_plain(click) && (href == "/" || href.starts_with("/?")) {
            click.prevent_default();
            actions::follow(model, &href);
        }
    } else if is_plain(click)
        && nothing_is_marked()
        && let Some(code) = actions::code_of(&element)
    {
        actions::open(model, code);
    }
}

fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !(click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key())
}

/// Returns whether no text is selected: selecting a value must not open its row.
fn nothing_is_marked() -> bool {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    selection.is_none_or(|selection| selection.is_collapsed())
}

/// Handles each letter typed.
fn on_input(model: Model, event: &Event) {
    let Some(field) = target(event).and_then(|field| field.dyn_into::<HtmlInputElement>().ok())
    else {
        return;
    };
    let (value, state) = (field.value(), model.state.get_untracked());
    match &*field.name() {
        "q" => model.replace(PageState { search: value, ..state }),
        "amount" => {
            let style = model.reader.with_untracked(|reader| reader.style.clone());
            model.replace(state.with_typed(value, &style));
        }
        "point" => model.pointed.set(value.parse().ok()),
        _ => {}
    }
}

/// Handles a choice.
fn on_change(model: Model, event: &Event) {
    let Some(field) = target(event) else { return };
    if let Some(choice) = field.dyn_ref::<HtmlSelectElement>() {
        let (value, state) = (choice.value(), model.state.get_untracked());
        match &*choice.name() {
            "base" => {
                if let Ok(base) = value.parse() {
                    model.go(PageState { base, ..state });
                }
            }
            "symbol" => model.go(PageState { symbol: value.parse().ok(), ..state }),
            _ => {}
        }
    } else if let Some(field) = field.dyn_ref::<HtmlInputElement>()
        && field.name() == "keys"
    {
        let keys = field.checked();
        model.reader.update(|reader| reader.set_keys(keys));
    }
}

/// Moves the crosshair to the pointer. On a wallboard, shows the controls.
fn on_pointer(model: Model, event: &Event) {
    if model.wallboard.get_untracked() {
        wallboard::touched();
        return;
    }
    let Some(plot) = target(event).and_then(|element| element.closest(".plot").ok().flatten())
    else {
        return;
    };
    let Some(pointer) = event.dyn_ref::<ev::PointerEvent>() else { return };
    let area = plot.get_bounding_client_rect();
    let place = (f64::from(pointer.client_x()) - area.left()) / area.width();
    let nearest = model.server_data.with_untracked(|data| data.chart.as_ref()?.nearest(place));
    if nearest.is_some() && nearest != model.pointed.get_untracked() {
        model.pointed.set(nearest);
    }
}
