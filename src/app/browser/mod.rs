//! What no component can do: the refreshes, the keyboard, the address, and what only some browsers have.
//!
//! Nothing here runs on the server, because Leptos runs effects and event handlers in the browser only.

pub mod device;
pub mod dom;
mod flash;
pub mod keys;
pub mod language;
pub mod links;
mod other_tabs;
mod question;
pub mod refresher;
mod reload;
mod schedule;
pub mod storage;
mod stream;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use self::refresher::Refresher;
use super::model::Model;

/// Starts all that, once the page is hydrated. It never stops, because the page lives as long as its document.
pub fn start(model: Model, refresher: Refresher) {
    Effect::new(move || {
        untrack(|| {
            model.hydrated.set(true);
            // From now on the wallboard turns pages; until then it can be scrolled.
            dom::set_attribute("data-live", "");
            // First, because an alert may have been reached while no page was open.
            device::register_worker();
            refresher.start();
            links::start(model);
            keys::start(model, refresher);
            other_tabs::start(model);
        });
        Effect::new(move || document().set_title(&model.title()));
        // Later, because the page should respond first.
        Timeout::new(0, move || {
            model.local.set(true);
            if let Some(style) = language::number_style() {
                model.reader.maybe_update(|reader| {
                    let other = reader.style != style;
                    reader.style = style;
                    other
                });
            }
        })
        .forget();
    });
}
