//! Keeps an open page fresh: asks the server when it has new rates, and only then. When that is, the
//! server tells by its stream; where there is none, the page asks after the server's next refresh.

use gloo_timers::callback::Interval;
use leptos::{mount::hydrate_from, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, VisibilityState};

use super::{
    App, LATEST_ID, ROOT_ID,
    latest::Latest,
    model::{Feed, Model},
    state::PageState,
    stream,
};
use crate::{rates::Timestamp, server_fn};

/// Seconds after the server's own refresh in which the open pages ask, each at a random moment:
/// all at once would be a burst, earlier would be in vain.
const SPREAD: f64 = 5.0;
/// The same after news from the stream.
const NEWS_SPREAD: f64 = 2.0;
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
    let latest = json.and_then(|json| serde_json::from_slice::<Latest>(json.as_bytes()).ok());
    let (Some(root), Some(latest)) = (root, latest) else { return };
    let root: HtmlElement = root;
    let (state, notes) = PageState::read(&query());
    let app = hydrate_from(root, move || view! { <App latest state notes/> });
    app.forget();
}

/// Asks the server when it is time to.
#[derive(Clone, Copy)]
pub struct Refresher {
    model: Model,
    schedule: StoredValue<Schedule>,
}

/// What the refresher keeps from one tick to the next.
#[derive(Clone, Copy)]
struct Schedule {
    /// Seconds to add to the reader's clock for the server's.
    offset: f64,
    /// When to ask, by the server's clock.
    due: f64,
    /// Seconds to wait after the next failure.
    pause: u32,
    /// Seconds from one refresh of the server to the next.
    interval: u32,
    /// The page asks for its successor when another build than this answers.
    build: &'static str,
}

impl Refresher {
    /// Starts the clock and the refreshes of a page that is about to be hydrated.
    ///
    /// Nothing ends them: the page is never taken down but with the whole document.
    pub fn start(model: Model, build: String, interval: u32) -> Self {
        let schedule =
            Schedule { offset: 0.0, due: 0.0, pause: FIRST_PAUSE, interval, build: build.leak() };
        let refresher = Self { model, schedule: StoredValue::new(schedule) };
        refresher.plan();
        // After hydration, so that what is hydrated is what the server sent.
        Effect::new(move || {
            refresher.tick();
            // One timer for clock, countdown and refresh: the tick that finds the time come asks.
            Interval::new(1_000, move || refresher.tick()).forget();
        });
        let _ = window_event_listener_untyped("visibilitychange", move |_| refresher.tick());
        let _ = window_event_listener_untyped("popstate", move |_| {
            let (state, notes) = PageState::read(&query());
            model.show(state, notes);
        });
        refresher
    }

    /// Asks the server, unless an answer is on its way.
    pub fn ask(self) {
        let model = self.model;
        if model.feed.with_untracked(|feed| feed.busy) {
            return;
        }
        model.feed.update(|feed| feed.busy = true);
        let have = model.feed.with_untracked(|feed| {
            feed.snapshot.as_ref().map(|snapshot| snapshot.id().to_string())
        });
        spawn_local(async move {
            match server_fn::ask(have).await {
                Ok(answer) => self.accept(answer),
                Err(error) => self.fail(error.to_string()),
            }
            model.feed.update(|feed| feed.busy = false);
        });
    }

    /// Once a second while the page is seen; a hidden page rests.
    fn tick(self) {
        if !is_visible() {
            stream::close();
            return;
        }
        if !stream::is_there() {
            self.listen();
        }
        let now = self.now();
        self.model.now.set(Some(timestamp(now)));
        if now >= self.schedule.get_value().due {
            self.ask();
        }
    }

    fn accept(self, answer: Latest) {
        self.schedule.update_value(|schedule| {
            if answer.build != schedule.build {
                reload_once_for(&answer.build);
            }
            schedule.offset = seconds(answer.server_time) - clock();
            schedule.interval = answer.interval;
            schedule.pause = FIRST_PAUSE;
        });
        self.model.feed.update(|feed| {
            if let Some(snapshot) = answer.snapshot {
                feed.snapshot = Some(snapshot);
            }
            feed.status = answer.status;
            feed.interval = answer.interval;
            feed.next_refresh = answer.next_refresh;
            feed.trouble = None;
        });
        self.model.check_base();
        self.plan();
        if stream::is_over() {
            stream::close();
        }
        self.tick();
    }

    /// Opens the stream; news bring the next question forward.
    fn listen(self) {
        let have = move || {
            let id = |feed: &Feed| Some(feed.snapshot.as_ref()?.id().to_string());
            self.model.feed.with_untracked(id).unwrap_or_default()
        };
        stream::open(&have(), move |id| {
            if id != have() {
                let soon = self.now() + js_sys::Math::random() * NEWS_SPREAD;
                self.schedule.update_value(|schedule| schedule.due = schedule.due.min(soon));
            }
        });
    }

    /// The rates stay; the reader is told why they are not newer.
    fn fail(self, why: String) {
        let now = self.now();
        self.schedule.update_value(|schedule| {
            schedule.due = now + f64::from(schedule.pause) * (1.0 + js_sys::Math::random());
            schedule.pause = (schedule.pause * 2).min(LONGEST_PAUSE);
        });
        self.model.feed.update(|feed| feed.trouble = Some(why));
    }

    /// Sets the time for the next question: shortly after the server's own refresh.
    fn plan(self) {
        let now = self.now();
        let next = self.model.feed.with_untracked(|feed| feed.next_refresh);
        self.schedule.update_value(|schedule| {
            let interval = f64::from(schedule.interval);
            let wait = seconds(next) - now;
            // A reader's clock that is far off must not put the refresh off; a server that is late
            // is not asked again at once.
            let wait = if wait > 0.0 { wait.min(interval) } else { interval.min(10.0) };
            schedule.due = now + wait + 1.0 + js_sys::Math::random() * SPREAD;
        });
    }

    /// Seconds since 1970 by the server's clock.
    fn now(self) -> f64 {
        clock() + self.schedule.get_value().offset
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
