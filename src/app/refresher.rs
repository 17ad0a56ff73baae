//! Keeps an open page fresh: asks the server when it has new rates, and only then.

use gloo_timers::callback::Interval;
use leptos::{mount::hydrate_from, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, VisibilityState};

use super::{
    App, LATEST_ID, ROOT_ID,
    latest::Latest,
    model::{Model, set_changed},
    state::PageState,
};
use crate::{rates::Timestamp, server_fn::latest};

/// Seconds after the server's own refresh in which the open pages ask, each at a random moment:
/// all at once would be a burst, earlier would be in vain.
const SPREAD: f64 = 5.0;
/// Seconds until another try when the server can't be reached; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: u32 = 5;
const LONGEST_PAUSE: u32 = 60;
/// Keeps the build that the page has reloaded itself for, so that it does so once.
const RELOADED_FOR: &str = "crypto-rates-reloaded-for";

/// Takes the server's page over. Does nothing on a page that is not ours.
pub fn hydrate() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let json = document.get_element_by_id(LATEST_ID).and_then(|script| script.text_content());
    let root = document.get_element_by_id(ROOT_ID).and_then(|root| root.dyn_into().ok());
    let latest = json.and_then(|json| serde_json::from_str::<Latest>(&json).ok());
    let (Some(root), Some(latest)) = (root, latest) else { return };
    let root: HtmlElement = root;
    let (state, notes) = PageState::read(&query());
    let app = hydrate_from(root, move || view! { <App latest state notes/> });
    app.forget();
}

/// What the timer needs from one tick to the next.
#[derive(Clone, Copy)]
struct Refresher {
    model: Model,
    /// Seconds to add to the reader's clock for the server's.
    offset: StoredValue<f64>,
    /// When to ask, by the server's clock.
    due: StoredValue<f64>,
    /// Seconds to wait after the next failure.
    pause: StoredValue<u32>,
    /// The build that made this page.
    build: StoredValue<String>,
    interval: StoredValue<u32>,
}

/// Starts the clock and the refreshes of a page that has just been hydrated.
pub fn keep_fresh(model: Model, build: String, interval: u32) {
    let refresher = Refresher {
        model,
        offset: StoredValue::new(0.0),
        due: StoredValue::new(0.0),
        pause: StoredValue::new(FIRST_PAUSE),
        build: StoredValue::new(build),
        interval: StoredValue::new(interval),
    };
    // After hydration, so that what is hydrated is what the server sent.
    Effect::new(move |_| {
        refresher.schedule();
        refresher.tick();
        // One timer for clock, countdown and refresh: the tick that finds the time come asks.
        let ticks = StoredValue::new_local(Some(Interval::new(1_000, move || refresher.tick())));
        on_cleanup(move || ticks.set_value(None));
    });
    Effect::new(move |_| {
        if model.asked.get() > 0 {
            refresher.ask();
        }
    });
    let back = window_event_listener_untyped("visibilitychange", move |_| refresher.tick());
    let moved = window_event_listener_untyped("popstate", move |_| {
        let (state, notes) = PageState::read(&query());
        model.notes.set(notes);
        model.state.set(state);
    });
    on_cleanup(move || {
        back.remove();
        moved.remove();
    });
}

impl Refresher {
    /// Once a second while the page is seen; a hidden page rests.
    fn tick(self) {
        if !is_visible() {
            return;
        }
        let now = self.now();
        set_changed(self.model.now, Some(timestamp(now)));
        if now >= self.due.get_value() {
            self.ask();
        }
    }

    /// Asks the server, unless an answer is on its way.
    fn ask(self) {
        let model = self.model;
        if model.busy.get_untracked() {
            return;
        }
        model.busy.set(true);
        let have = model.snapshot.with_untracked(|snapshot| {
            snapshot.as_ref().map(|snapshot| snapshot.id().as_str().to_owned())
        });
        spawn_local(async move {
            match latest(have).await {
                Ok(answer) => self.accept(answer),
                Err(error) => self.fail(&error.to_string()),
            }
            model.busy.set(false);
        });
    }

    fn accept(self, answer: Latest) {
        if answer.build != self.build.get_value() {
            reload_once_for(&answer.build);
        }
        self.offset.set_value(seconds(answer.server_time) - clock());
        self.interval.set_value(answer.interval);
        self.pause.set_value(FIRST_PAUSE);
        self.model.update(answer);
        self.schedule();
        self.tick();
    }

    /// The rates stay; the reader is told why they are not newer.
    fn fail(self, why: &str) {
        let pause = self.pause.get_value();
        self.pause.set_value((pause * 2).min(LONGEST_PAUSE));
        self.due.set_value(self.now() + f64::from(pause) * (1.0 + js_sys::Math::random()));
        set_changed(self.model.trouble, Some(why.to_owned()));
    }

    /// Sets the time for the next question: shortly after the server's own refresh.
    fn schedule(self) {
        let spread = 1.0 + js_sys::Math::random() * SPREAD;
        let interval = f64::from(self.interval.get_value());
        let wait = seconds(self.model.next_refresh.get_untracked()) - self.now();
        // A reader's clock that is far off must not put the refresh off; a server that is late is
        // not asked again at once.
        let wait = if wait > 0.0 { wait.min(interval) } else { interval.min(10.0) };
        self.due.set_value(self.now() + wait + spread);
    }

    /// Seconds since 1970 by the server's clock.
    fn now(self) -> f64 {
        clock() + self.offset.get_value()
    }
}

/// A page of an old build asks for its successor once; if what comes back is old again (a roll-out
/// under way, a cache), it goes on with what it has.
fn reload_once_for(build: &str) {
    let Some(window) = web_sys::window() else { return };
    let Ok(Some(storage)) = window.session_storage() else { return };
    let done = storage.get_item(RELOADED_FOR).ok().flatten();
    if done.as_deref() != Some(build) && storage.set_item(RELOADED_FOR, build).is_ok() {
        let _ = window.location().reload();
    }
}

fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

/// The query of the address, without its `?`.
fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.unwrap_or_default().trim_start_matches('?').to_owned()
}

/// Seconds since 1970 by the reader's clock.
fn clock() -> f64 {
    js_sys::Date::now() / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a double")]
fn seconds(time: Timestamp) -> f64 {
    time.unix_seconds() as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds as u64)
}
