//! The wallboard: a few rates at a time, readable from ten metres.

mod controls;
mod note;
mod pages;

use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};

use self::{
    controls::Controls,
    note::Note,
    pages::{pause, place, turn, turn_pages},
};
use super::{
    browser::keys::{focused, shortcut},
    freshness::{Freshness, trust},
    model::Model,
    paging::Paging,
    row,
    tile::Tile,
};
use crate::rates::{CacheStatus, SourceName};

/// Milliseconds for which the controls are shown after the last touch.
const CONTROLS_SHOWN_FOR: u32 = 4_000;

#[component]
pub fn Wallboard() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { rows, .. } = model;
    // `None`, which shows all tiles, until the browser turns pages.
    let paging = RwSignal::new(None::<Paging>);
    turn_pages(model, paging);
    let touched = RwSignal::new(false);
    let touch = show_while_touched(touched);
    handle_keys(model, paging, touch);

    let tiles = move || {
        let mut rows = rows.get();
        if let Some(paging) = paging.get() {
            let first = paging.shown(paging.pages(rows.len())) * paging.size;
            rows = rows.into_iter().skip(first).take(paging.size).collect();
        }
        rows
    };
    let banner = move || match (model.source(), model.status()) {
        (None, _) => "NO RATES YET",
        (Some(SourceName::Sample), _) => "SAMPLE, NOT LIVE RATES",
        (_, CacheStatus::Stale) => "STALE RATES",
        _ => "",
    };
    let class = move || {
        let touched = if touched.get() { " touched" } else { "" };
        format!("wall wall-{}{touched}", trust(model).0)
    };
    view! {
        <div class=class on:pointermove=move |_| touch() on:pointerdown=move |_| touch()>
            <header class="wall-head">
                <h1 translate="no" inner_html=move || format!("{} is", model.measure())></h1>
                <Freshness/>
                <span
                    class="wall-page"
                    inner_html=move || place(paging.get(), rows.with(Vec::len))
                ></span>
            </header>
            <p
                class="wall-banner"
                role="status"
                hidden=move || banner().is_empty()
                inner_html=banner
            ></p>
            <Note/>
            <main id="main">
                <ul class="tiles" translate="no">
                    <For each=tiles key=|row| row.code.clone() let:row>
                        <Tile row=row::follow(rows, row)/>
                    </For>
                </ul>
            </main>
            <Controls paging/>
        </div>
    }
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
        if !model.reader.with_untracked(|reader| reader.keys) {
            return;
        }
        match &*key {
            "j" => turn(model, paging, 1),
            "k" => turn(model, paging, -1),
            // Not on a button, which it activates.
            " " if focused("a, button").is_none() => pause(paging),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
