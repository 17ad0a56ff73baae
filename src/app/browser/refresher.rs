//! Keeps an open page fresh. It asks the server for rates only when there are new ones: when the server's
//! stream says so or, without a stream, after the server's next refresh.

use gloo_timers::callback::{Interval, Timeout};
use leptos::{prelude::*, task::spawn_local};
use web_sys::VisibilityState;

use super::{actions, device, dom, language, stream, wallboard};
use crate::{
    app::{
        model::{Model, ServerData},
        reader::Reader,
        state::PageState,
    },
    rates::{Code, Latest, LatestRequest, Timestamp},
    server_fn::{self, LatestError},
};

/// Seconds after the server's refresh within which open pages ask, each at a random moment. All at once would
/// be a burst, and earlier would be in vain.
const SPREAD: f64 = 5.0;
/// The same after an event of the stream.
const NEWS_SPREAD: f64 = 2.0;
/// Seconds after the server's next refresh from which a page is old when it is opened.
const LATE: f64 = 30.0;
/// Seconds until the first retry if the server can't be reached; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: u32 = 5;
const LONGEST_PAUSE: u32 = 60;
/// The key of the build that the page has reloaded itself for, so that it does so only once.
const RELOADED_FOR: &str = "crypto-rates-reloaded-for";

/// Asks the server for new rates when it is time to.
#[derive(Clone, Copy)]
pub struct Refresher {
    model: Model,
    polling: StoredValue<Polling>,
    /// What was requested last.
    last_request: StoredValue<LatestRequest>,
}

/// The refresher's schedule, kept from one tick to the next.
#[derive(Clone, Copy)]
struct Polling {
    /// Seconds from the reader's clock to the server's.
    offset: f64,
    /// When to ask next, by the server's clock.
    due: f64,
    /// Seconds to wait after the next failure.
    pause: u32,
    /// Seconds between two refreshes of the server.
    interval: u32,
    /// Whether a request is in flight.
    asking: bool,
    /// The page's own build. The page reloads itself if another build answers.
    build: &'static str,
}

impl Refresher {
    /// Starts the clock and the refreshes of a page that is about to be hydrated.
    ///
    /// They never stop: the page lives as long as its document.
    pub fn start(model: Model, build: String, interval: u32) -> Self {
        let build = build.leak();
        let polling =
            Polling { offset: 0.0, due: 0.0, pause: FIRST_PAUSE, interval, asking: false, build };
        let refresher = Self {
            model,
            polling: StoredValue::new(polling),
            last_request: StoredValue::new(answered(model)),
        };
        refresher.plan();
        // After hydration, so that the hydrated view equals the server's HTML.
        Effect::new(move || {
            model.hydrated.set(true);
            refresher.tick();
            // One timer for clock, countdown and refresh: a tick asks when the time has come.
            Interval::new(1_000, move || refresher.tick()).forget();
            // A page from the worker or from the browser's history may be old, so it asks at once.
            let (next, now) =
                (model.server_data.with_untracked(|data| data.next_refresh), refresher.now());
            if now > seconds(next) + LATE {
                refresher.ask();
            }
            // It may also have been made for another address.
            let (state, query_warnings) = PageState::read(&dom::query());
            if model.state.with_untracked(|made_for| made_for.query() != state.query()) {
                model.show(state, query_warnings);
            }
            recall_favourites(model);
            Timeout::new(0, move || {
                if let Some(style) = language::number_style() {
                    model.reader.update(|reader| reader.style = style);
                }
            })
            .forget();
        });
        // Another base needs other trends, and another currency needs its chart.
        Effect::new(move || {
            model.state.track();
            refresher.ask_if_changed();
        });
        dom::listen("visibilitychange", move |_| {
            device::stay_awake_again();
            refresher.tick();
        });
        dom::listen("popstate", move |_| show_address(model));
        dom::listen("storage", move |_| recall_favourites(model));
        refresher
    }

    /// Asks the server for newer rates, unless a request is in flight.
    pub fn ask(self) {
        if !self.polling.get_value().asking {
            self.model.server_data.update(|data| data.busy = true);
            self.send();
        }
    }

    /// Asks in the background, if the reader looks at something else than at the last request.
    fn ask_if_changed(self) {
        let same = self.last_request.with_value(|last| *last == request(self.model));
        if !same && !self.polling.get_value().asking {
            self.send();
        }
    }

    fn send(self) {
        let model = self.model;
        let request = request(model);
        self.polling.update_value(|polling| polling.asking = true);
        self.last_request.set_value(request.clone());
        let have = model.server_data.with_untracked(|data| {
            data.snapshot.as_ref().map(|snapshot| snapshot.id().to_string())
        });
        spawn_local(async move {
            match server_fn::ask(have, request).await {
                Ok(answer) => self.accept(answer),
                Err(error) => {
                    if let LatestError::OtherBuild(build) = &error {
                        reload_once_for(build);
                    }
                    self.fail(error.to_string());
                }
            }
            self.polling.update_value(|polling| polling.asking = false);
            if model.server_data.with_untracked(|data| data.busy) {
                model.server_data.update(|data| data.busy = false);
            }
            self.ask_if_changed();
        });
    }

    /// Runs once a second while the page is visible; a hidden page rests.
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
        self.model.check_age(timestamp(now));
        wallboard::tick(self.model, timestamp(now));
        if now >= self.polling.get_value().due {
            self.ask();
        }
    }

    fn accept(self, answer: Latest) {
        self.polling.update_value(|polling| {
            if answer.build != polling.build {
                reload_once_for(&answer.build);
            }
            polling.offset = seconds(answer.server_time) - clock();
            polling.interval = answer.interval;
            polling.pause = FIRST_PAUSE;
        });
        let focused = actions::focused();
        self.model.server_data.update(|data| {
            if let Some(snapshot) = answer.snapshot {
                data.snapshot = Some(snapshot);
                device::keep_newer();
            }
            data.trends = answer.trends.or(data.trends.take());
            // Without a chart in the answer, the old one may still be right.
            data.chart = answer.chart.or(data.chart.take());
            data.status = answer.status;
            data.interval = answer.interval;
            data.next_refresh = answer.next_refresh;
            data.refresh_error = None;
        });
        self.model.check_codes();
        if let Some(focused) = focused {
            actions::keep_focus(focused);
        }
        dom::forget_timings();
        self.plan();
        if stream::is_over() {
            stream::close();
        }
        self.tick();
    }

    /// Opens the stream, whose events bring the next request forward.
    fn listen(self) {
        let have = move || {
            let id = |data: &ServerData| Some(data.snapshot.as_ref()?.id().to_string());
            self.model.server_data.with_untracked(id).unwrap_or_default()
        };
        stream::open(&have(), move |id| {
            if id != have() {
                let soon = self.now() + js_sys::Math::random() * NEWS_SPREAD;
                self.polling.update_value(|polling| polling.due = polling.due.min(soon));
            }
        });
    }

    /// Records a failure. The rates stay, and the reader is shown why they are not newer.
    fn fail(self, why: String) {
        let now = self.now();
        self.polling.update_value(|polling| {
            polling.due = now + f64::from(polling.pause) * (1.0 + js_sys::Math::random());
            polling.pause = (polling.pause * 2).min(LONGEST_PAUSE);
        });
        self.model.server_data.update(|data| data.refresh_error = Some(why));
    }

    /// Schedules the next request shortly after the server's own refresh.
    fn plan(self) {
        let now = self.now();
        let next = self.model.server_data.with_untracked(|data| data.next_refresh);
        self.polling.update_value(|polling| {
            let interval = f64::from(polling.interval);
            let wait = seconds(next) - now;
            // A reader's clock that is far off must not delay the refresh, and a server that is late is not
            // asked again at once.
            let wait = if wait > 0.0 { wait.min(interval) } else { interval.min(10.0) };
            polling.due = now + wait + 1.0 + js_sys::Math::random() * SPREAD;
        });
    }

    /// Returns seconds since 1970 by the server's clock.
    fn now(self) -> f64 {
        clock() + self.polling.get_value().offset
    }
}

/// Reloads a page of an old build. If that brings an old build again (a roll-out in progress, a cache), the
/// page stays as it is.
fn reload_once_for(build: &str) {
    let Some(window) = web_sys::window() else { return };
    let Ok(Some(storage)) = window.session_storage() else { return };
    // Once in ten minutes: another replica may have sent an old build again.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
    let minutes = (clock() / 600.0) as u64;
    let mark = [build, " ", &minutes.to_string()].concat();
    let done = storage.get_item(RELOADED_FOR).ok().flatten();
    if done.as_deref() != Some(&mark) && storage.set_item(RELOADED_FOR, &mark).is_ok() {
        let _ = window.location().reload();
    }
}

fn is_visible() -> bool {
    dom::document().is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Loads favourites that another tab may have changed.
fn recall_favourites(model: Model) {
    model.reader.maybe_update(Reader::recall_favourites);
}

fn show_address(model: Model) {
    let (state, query_warnings) = PageState::read(&dom::query());
    model.show(state, query_warnings);
}

/// Returns what the data on the page would be requested by.
fn answered(model: Model) -> LatestRequest {
    model.server_data.with_untracked(|data| LatestRequest {
        base: data.trends.as_ref().map_or_else(Code::btc, |trends| trends.base.clone()),
        chart: data.chart.as_ref().map(|chart| (chart.symbol.clone(), chart.span)),
    })
}

/// Returns the request for what the reader looks at.
fn request(model: Model) -> LatestRequest {
    model.state.with_untracked(|state| LatestRequest {
        base: state.base.clone(),
        chart: state.symbol.clone().map(|symbol| (symbol, state.span)),
    })
}

/// Returns seconds since 1970 by the reader's clock.
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
