//! Keeps an open page fresh. It asks the server for rates only when there are new ones: when the server's
//! stream says so or, without a stream, after the server's next refresh.

use futures::future::{AbortHandle, abortable};
use gloo_timers::callback::Interval;
use leptos::{prelude::*, task::spawn_local};

use super::{
    device, dom, flash,
    question::{answered, ask, question},
    reload,
    schedule::{Clocks, Schedule},
    stream,
};
use crate::{
    app::model::Model,
    rates::{Latest, LatestAnswer, LatestRequest, OtherBuild, SnapshotId},
    server_fn::LatestError,
};

/// Asks the server for new rates when it is time to. Components get it by [`expect_context`].
#[derive(Clone, Copy)]
pub struct Refresher {
    model: Model,
    asking: StoredValue<Asking>,
}

/// What the refresher keeps from one question to the next.
struct Asking {
    /// The page's own build. The page reloads itself if another build answers.
    build: String,
    /// `None` until the page is hydrated.
    schedule: Option<Schedule>,
    /// What was asked last, without what the page had.
    last_question: LatestRequest,
    in_flight: Option<AbortHandle>,
}

impl Refresher {
    /// Returns the refresher of a page. It does nothing until it is started.
    pub fn new(model: Model) -> Self {
        let build = model.latest.with_untracked(|latest| latest.build.clone());
        let last_question = answered(model);
        let asking = Asking { build, schedule: None, last_question, in_flight: None };
        Self { model, asking: StoredValue::new(asking) }
    }

    /// Starts the clock and the refreshes.
    pub fn start(self) {
        let latest = self.model.latest.read_untracked();
        let (time, next_refresh) = (latest.server_time, latest.next_refresh);
        let schedule = Schedule::start(time, next_refresh, latest.interval, clocks(), random());
        self.asking.update_value(|asking| asking.schedule = Some(schedule));
        // An old page, as from the worker, has the rates of then.
        if !schedule.is_due(clock()) {
            self.model.check_alerts();
        }
        self.listen();
        self.tick();
        // One timer for clock, countdown and refresh: a tick asks when the time has come.
        Interval::new(1_000, move || self.tick()).forget();
        dom::listen("visibilitychange", move |_| {
            device::stay_awake_again();
            self.listen();
            self.tick();
        });
        // Another base needs other trends, and another currency needs its chart.
        Effect::new(move || {
            self.model.state.track();
            self.ask_if_changed();
        });
    }

    /// Asks the server for newer rates, unless that is under way.
    pub fn ask(self) {
        if self.asking.with_value(|asking| asking.in_flight.is_none()) {
            self.model.refreshing.set(true);
            self.send();
        }
    }

    /// Asks in the background if the reader looks at something else than at the last question.
    fn ask_if_changed(self) {
        if self.asking.with_value(|asking| asking.last_question != question(self.model)) {
            self.send();
        }
    }

    /// Sends the question for what the reader looks at now. One that is in flight is not needed any more.
    fn send(self) {
        let question = question(self.model);
        let last_question = question.clone();
        let have = self.have();
        let (answer, abort) = abortable(ask(LatestRequest { have, ..question }));
        self.asking.update_value(|asking| {
            asking.last_question = last_question;
            if let Some(earlier) = asking.in_flight.replace(abort) {
                earlier.abort();
            }
        });
        spawn_local(async move {
            // An aborted question has a successor, which goes on.
            let Ok(answer) = answer.await else { return };
            self.asking.update_value(|asking| asking.in_flight = None);
            match answer {
                Ok(LatestAnswer::Latest(latest)) => self.accept(*latest),
                Ok(LatestAnswer::OtherBuild(build)) => self.fail(&LatestError::OtherBuild(build)),
                Err(error) => self.fail(&error),
            }
            self.model.refreshing.set(false);
            self.ask_if_changed();
        });
    }

    /// Runs once a second unless the page rests; browsers let a hidden one run once a minute.
    fn tick(self) {
        if self.rests() {
            return;
        }
        self.update(|schedule| schedule.tick(clocks()));
        let Some(schedule) = self.asking.with_value(|asking| asking.schedule) else { return };
        self.model.now.set(Some(schedule.server_time(clock())));
        if schedule.is_due(clock()) {
            self.ask();
        }
    }

    fn accept(self, latest: Latest) {
        let model = self.model;
        self.reload_if_other(&latest.build);
        if latest.snapshot.is_some() {
            device::keep_newer();
        }
        let Latest { next_refresh, interval, server_time, .. } = latest;
        dom::keep_focus();
        let codes = model.readers_codes();
        let before = model.rows.get_untracked();
        model.latest.update(|before| *before = latest.or(before, &codes));
        flash::moved(&before, &model.rows.get_untracked());
        model.refresh_error.set(None);
        model.check_alerts();
        dom::forget_timings();
        self.update(|schedule| {
            schedule.answered(server_time, next_refresh, interval, clock(), random());
        });
        self.listen();
        self.tick();
    }

    /// Records a failure. The rates stay, and the reader is shown why they are not newer.
    fn fail(self, error: &LatestError) {
        if let LatestError::OtherBuild(OtherBuild { build }) = error {
            self.reload_if_other(build);
        }
        // Its connection may be the one that the next question needs.
        stream::close();
        self.update(|schedule| schedule.failed(clock(), random()));
        self.model.refresh_error.set(Some(self.model.texts.get(reason(error))));
    }

    fn reload_if_other(self, build: &str) {
        if self.asking.with_value(|asking| asking.build != build) {
            reload::once_for(build);
        }
    }

    /// Returns whether nobody waits for new rates: a hidden page goes on if it has alerts.
    fn rests(self) -> bool {
        !dom::is_visible() && self.model.reader.with_untracked(|reader| reader.alerts.is_empty())
    }

    /// Listens to the stream unless the page rests: its events bring the next question forward.
    fn listen(self) {
        if self.rests() {
            return stream::close();
        }
        stream::open(move |id| {
            if self.have().is_none_or(|have| have.as_str() != id) {
                self.update(|schedule| schedule.hurry(clock(), random()));
            }
        });
    }

    /// Returns the snapshot that the page has.
    fn have(self) -> Option<SnapshotId> {
        let snapshot = untrack(|| self.model.snapshot());
        snapshot.map(|snapshot| snapshot.id().clone())
    }

    fn update(self, change: impl FnOnce(&mut Schedule)) {
        self.asking.update_value(|asking| {
            if let Some(schedule) = &mut asking.schedule {
                change(schedule);
            }
        });
    }
}

/// Returns the id of the text that says what went wrong.
fn reason(error: &LatestError) -> &'static str {
    match error {
        LatestError::NoRatesYet => "error-no-rates",
        LatestError::Unreachable => "error-unreachable",
        LatestError::Failed => "error-failed",
        LatestError::OtherBuild(_) => "error-other-build",
    }
}

/// Returns seconds by the clock that goes evenly.
fn clock() -> f64 {
    clocks().steady
}

fn clocks() -> Clocks {
    let steady = window().performance().map_or(0.0, |performance| performance.now());
    Clocks { steady: steady / 1000.0, wall: js_sys::Date::now() / 1000.0 }
}

fn random() -> f64 {
    js_sys::Math::random()
}
