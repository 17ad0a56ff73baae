//! How the wallboard's pages turn.

use leptos::prelude::*;

use crate::{
    app::{browser::device, model::Model, paging::Paging},
    rates::Timestamp,
};

/// Turns a page when its time is over, and keeps the screen from going dark.
pub fn turn_pages(model: Model, paging: RwSignal<Option<Paging>>) {
    Effect::new(move || {
        let Some(now) = model.now.get() else { return };
        device::stay_awake();
        let landscape = device::is_landscape();
        let rotate = model.state.with(|state| state.rotate);
        paging.maybe_update(|paging| {
            let next = match *paging {
                Some(paging) => paging.tick(landscape, rotate, now),
                None => Paging::start(landscape, rotate, now),
            };
            paging.replace(next) != Some(next)
        });
    });
    on_cleanup(device::sleep);
}

/// Turns by this number of pages, forwards or backwards.
pub fn turn(model: Model, paging: RwSignal<Option<Paging>>, pages: i32) {
    let now = model.now.get_untracked().unwrap_or(Timestamp::from_unix_seconds(0));
    paging.update(|paging| *paging = paging.map(|paging| paging.by(pages, now)));
}

/// Stops turning by itself, or goes on.
pub fn pause(paging: RwSignal<Option<Paging>>) {
    paging.update(|paging| *paging = paging.map(Paging::toggle_pause));
}
