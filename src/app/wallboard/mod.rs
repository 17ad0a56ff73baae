//! The wallboard: a few rates at a time, readable from ten metres.

mod controls;
mod note;
mod pages;

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use leptos::{
    ev::{self, PointerEvent},
    prelude::*,
};

use self::{
    controls::Controls,
    note::Note,
    pages::{pause, turn, turn_pages},
};
use super::{
    alerts::some_are_older,
    browser::keys::{focused, shortcut},
    freshness::{Freshness, trust},
    model::Model,
    paging::Paging,
    price_alerts, row,
    text::html,
    tile::{self, Tile},
    time::{self, Form},
};
use crate::rates::{CacheStatus, SourceName};

/// Milliseconds for which the controls are shown after the last touch.
const CONTROLS_SHOWN_FOR: u32 = 4_000;
/// Pixels that a finger moves sideways to turn a page.
const SWIPE: i32 = 60;

#[component]
pub fn Wallboard() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { rows, now, texts, .. } = model;
    // `None`, which shows all tiles, until the browser turns pages.
    let paging = RwSignal::new(None::<Paging>);
    turn_pages(model, paging);
    let touched = RwSignal::new(false);
    let touch = show_while_touched(touched);
    handle_keys(model, paging, touch);

    // Where a finger that may turn a page has come down.
    let finger = Rc::new(Cell::new(None));
    let from = Rc::clone(&finger);
    let point = move |event: PointerEvent| {
        touch();
        finger.set(Some(event.client_x()));
    };
    let swipe = move |event: PointerEvent| {
        touch();
        let way = from.get().map_or(0, |from| from - event.client_x());
        if way.abs() >= SWIPE && event.pointer_type() == "touch" {
            from.set(None);
            turn(model, paging, forward(model) * way.signum());
        }
    };
    let tiles = move || match paging.get() {
        Some(paging) => rows.with(|rows| paging.page(rows)),
        None => rows.get(),
    };
    let banner = move || {
        let title = match (model.source(), model.status()) {
            (None, _) => texts.get("banner-none"),
            _ if model.is_past() => texts.get("banner-past"),
            (Some(SourceName::Sample), _) => texts.get("banner-sample"),
            (_, CacheStatus::Stale) => texts.get("banner-stale"),
            _ => "",
        };
        let banner = match some_are_older(model) {
            Some(why) => format!("{title} <small>{} {why}</small>", texts.get("some-older-title")),
            None => title.to_owned(),
        };
        let fired = price_alerts::fired(model);
        if fired.is_empty() { banner } else { format!("{banner}<b>{fired}</b>") }
    };
    let class = move || {
        let touched = if touched.get() { " touched" } else { "" };
        // Another class, so that it is written anew: the server's is by the order without favourites.
        let turning = if paging.get().is_some() { " turning" } else { "" };
        format!("wall wall-{}{touched}{turning} {}", trust(model).0, tile::class(&tiles()))
    };
    let place = move || {
        let paging =
            paging.get().map(|paging| paging.place(rows.with(Vec::len), texts.get("paused")));
        let now = now.get().map(|now| time::text(now, model.local.get(), Form::Clock));
        format!(
            "<span class=\"wall-page\">{}</span> <span class=\"wall-clock\">{}</span>",
            paging.unwrap_or_default(),
            now.unwrap_or_default()
        )
    };
    view! {
        <div class=class on:pointermove=swipe on:pointerdown=point>
            <header class="wall-head">
                <h1 translate="no" inner_html=move || html(&model.heading())></h1>
                <Freshness/>
                <p class="wall-place" translate="no" inner_html=place></p>
            </header>
            <p class="wall-banner" role="status" inner_html=banner></p>
            // Without pages that turn, the keyboard scrolls it.
            <main id="main" tabindex=untrack(|| model.is_past()).then_some("0")>
                <ul class="tiles" translate="no">
                    <For each=tiles key=|row| (row.list, row.code.clone()) let:row>
                        <Tile row=row::follow(rows, row)/>
                    </For>
                </ul>
            </main>
            <footer class="wall-foot">
                <Note/>
                <Controls paging/>
            </footer>
        </div>
    }
}

/// Returns by how many pages a way to the right turns.
fn forward(model: Model) -> i32 {
    if model.texts.language().is_rtl() { -1 } else { 1 }
}

/// Returns what shows the controls for a moment.
fn show_while_touched(touched: RwSignal<bool>) -> impl Fn() + Copy + Send + Sync + 'static {
    let timeout = StoredValue::new_local(None);
    move || {
        if !touched.get_untracked() {
            touched.set(true);
        }
        // The last one is dropped, which cancels it.
        timeout.set_value(Some(Timeout::new(CONTROLS_SHOWN_FOR, move || touched.set(false))));
    }
}

/// Handles the keys that turn and pause. The others are in `src/app/browser/keys.rs`.
fn handle_keys(model: Model, paging: RwSignal<Option<Paging>>, touch: impl Fn() + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let Some(key) = shortcut(&event) else { return };
        touch();
        let letters = model.reader.with_untracked(|reader| reader.keys);
        let pages = match &*key {
            "ArrowRight" => forward(model),
            "ArrowLeft" => -forward(model),
            "PageDown" => 1,
            "PageUp" => -1,
            "j" if letters => 1,
            "k" if letters => -1,
            // Not on a button, which it activates.
            " " if letters && focused("a, button").is_none() => 0,
            _ => return,
        };
        if pages == 0 {
            pause(paging);
        } else {
            turn(model, paging, pages);
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
