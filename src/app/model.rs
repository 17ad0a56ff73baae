//! Everything on the page that changes, as a few signals.
//!
//! Few signals of few types: each type of signal is compiled into the wasm anew. What depends on
//! them is cheap to make again, and the page changes only where the result differs.

use std::sync::Arc;

use leptos::prelude::*;

use super::{paging::Paging, platform, reader::Reader, state::PageState};
use crate::rates::{
    CacheStatus, Chart, Code, FormattedNumber, Latest, Quote, Snapshot, SourceName, Timestamp,
    Trends,
};

/// Seconds that rates may take from the source over the server to an open page: the server's call,
/// and the page's spread.
const LONGEST_WAY: u64 = 30;

/// The page's signals, by which every component reads and changes them.
#[derive(Clone, Copy)]
pub struct Model {
    /// What the server has answered, and how asking it goes.
    pub server_data: RwSignal<ServerData>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// Whether that is the wallboard. Of the state it is what changes the whole page.
    pub wallboard: RwSignal<bool>,
    /// What the browser knows of the reader.
    pub reader: RwSignal<Reader>,
    /// The point of the chart that the reader points at.
    pub pointed: RwSignal<Option<usize>>,
    /// Which page of its tiles the wallboard shows; `None`, and all at once, until the browser turns them.
    pub paging: RwSignal<Option<Paging>>,
    /// What has just been done, such as a value copied. Shown for a moment.
    pub toast: RwSignal<String>,
    /// Whether the browser has taken the page over. Until then the page is as the server has made it:
    /// times are in UTC, and it knows nothing of its reader but the order of the rows.
    pub hydrated: RwSignal<bool>,
    /// The time by the server's clock; `None` on the server and until the page is hydrated.
    pub now: RwSignal<Option<Timestamp>>,
    /// See [`Snapshot::is_over_an_hour_old`].
    pub over_an_hour_old: RwSignal<bool>,
}

/// What the server has answered, and how asking it goes.
pub struct ServerData {
    /// The last good rates that the server has sent.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The last day of all rates, in the base of the last answer.
    pub trends: Option<Arc<Trends>>,
    /// The chart that was asked for last.
    pub chart: Option<Arc<Chart>>,
    pub status: CacheStatus,
    /// When the server will ask its source again, by the server's clock.
    pub next_refresh: Timestamp,
    /// Seconds from one refresh of the server to the next.
    pub interval: u32,
    /// A refresh of the page is under way.
    pub busy: bool,
    /// Why the last refresh of the page failed.
    pub refresh_error: Option<String>,
    /// What is wrong in the address, a sentence each.
    pub query_warnings: Vec<String>,
}

impl Model {
    pub fn new(latest: Latest, state: PageState, query_warnings: Vec<String>) -> Self {
        let model = Self {
            server_data: RwSignal::new(ServerData {
                snapshot: latest.snapshot,
                trends: latest.trends,
                chart: latest.chart,
                status: latest.status,
                next_refresh: latest.next_refresh,
                interval: latest.interval,
                busy: false,
                refresh_error: None,
                query_warnings,
            }),
            wallboard: RwSignal::new(state.wallboard),
            state: RwSignal::new(state),
            reader: RwSignal::new(Reader::of_the_page()),
            pointed: RwSignal::new(None),
            paging: RwSignal::new(None),
            toast: RwSignal::new(String::new()),
            hydrated: RwSignal::new(false),
            now: RwSignal::new(None),
            over_an_hour_old: RwSignal::new(false),
        };
        model.check_age(latest.server_time);
        model.check_codes();
        model
    }

    /// Finds out whether the rates are over an hour old by now.
    pub fn check_age(self, now: Timestamp) {
        let old = self.server_data.with_untracked(|data| {
            data.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_over_an_hour_old(now))
        });
        if self.over_an_hour_old.get_untracked() != old {
            self.over_an_hour_old.set(old);
        }
    }

    /// Nothing can be shown of a currency that the rates don't have. Bitcoin, which they always have,
    /// takes its place, and a warning says so.
    pub fn check_codes(self) {
        let (base, symbol) =
            self.state.with_untracked(|state| (state.base.clone(), state.symbol.clone()));
        if self.lacks(&base) {
            self.warn("base", &base, "The default is shown.");
            self.state.update(|state| state.base = Code::btc());
        }
        if let Some(symbol) = symbol.filter(|symbol| self.lacks(symbol)) {
            self.warn("symbol", &symbol, "All are shown.");
            self.state.update(|state| state.symbol = None);
        }
    }

    fn lacks(self, code: &Code) -> bool {
        self.server_data.with_untracked(|data| {
            data.snapshot.as_ref().is_some_and(|snapshot| snapshot.get(code).is_none())
        })
    }

    fn warn(self, name: &str, code: &Code, instead: &str) {
        let code = code.as_str();
        let warning =
            ["“", name, "” can't be “", code, "”: no such currency is known here. ", instead];
        self.server_data.update(|data| data.query_warnings.push(warning.concat()));
    }

    pub fn snapshot(self) -> Option<Arc<Snapshot>> {
        self.server_data.with(|data| data.snapshot.clone())
    }

    /// In whichever base they are: changes have the same order in all. `None` if the rates are over an
    /// hour old.
    pub fn trends(self) -> Option<Arc<Trends>> {
        let trends = self.server_data.with(|data| data.trends.clone());
        trends.filter(|_| !self.over_an_hour_old.get())
    }

    pub fn source(self) -> Option<SourceName> {
        self.snapshot().map(|snapshot| snapshot.source())
    }

    pub fn last_updated(self) -> Option<Timestamp> {
        self.snapshot().map(|snapshot| snapshot.last_updated())
    }

    /// As the server said, unless an answer of it is missing and the rates are so old that a newer
    /// one is overdue: a page that can't reach its server must not go on saying that they are
    /// fresh. Age alone does not count: before the first answer the reader's clock may be off.
    pub fn status(self) -> CacheStatus {
        let now = self.now.get();
        self.server_data.with(|data| {
            let taken = data.snapshot.as_ref().map(|snapshot| snapshot.last_updated());
            let age = now.zip(taken).map_or(0, |(now, taken)| now.seconds_since(taken));
            let unanswered = data.busy || data.refresh_error.is_some();
            let overdue = age > u64::from(data.interval) + LONGEST_WAY;
            if unanswered && overdue { CacheStatus::Stale } else { data.status }
        })
    }

    pub fn next_refresh(self) -> Timestamp {
        self.server_data.with(|data| data.next_refresh)
    }

    pub fn is_busy(self) -> bool {
        self.server_data.with(|data| data.busy)
    }

    pub fn refresh_error(self) -> Option<String> {
        self.server_data.with(|data| data.refresh_error.clone())
    }

    pub fn query_warnings(self) -> Vec<String> {
        self.server_data.with(|data| data.query_warnings.clone())
    }

    pub fn is_hydrated(self) -> bool {
        self.hydrated.get()
    }

    /// What is known of the reader, as far as the page may show it yet.
    pub fn known<T>(self, of: impl Fn(&Reader) -> T) -> T {
        if self.is_hydrated() { self.reader.with(of) } else { of(&Reader::default()) }
    }

    /// A number as the reader's language writes it.
    pub fn number(self, written: &FormattedNumber) -> FormattedNumber {
        self.reader.with(|reader| reader.style.write(written))
    }

    /// The number of a quote, as the reader's language writes it.
    pub fn figure(self, quote: Quote) -> String {
        self.number(&quote.written()).to_string()
    }

    /// `250 EUR`: what everything is measured in.
    pub fn measure(self) -> String {
        self.state.with(|state| {
            let amount = self.number(&state.amount.written()).to_string();
            [&amount, " ", &state.base.shown()].concat()
        })
    }

    /// Goes to another state of the page: a step that the back button undoes.
    pub fn go(self, state: PageState) {
        platform::push(&state.href());
        self.show(state, Vec::new());
    }

    /// Changes the state in place, as with every letter typed into the search.
    pub fn replace(self, state: PageState) {
        platform::replace(&state.href());
        self.state.set(state);
    }

    /// Shows what an address asks for.
    pub fn show(self, state: PageState, query_warnings: Vec<String>) {
        self.server_data.update(|data| data.query_warnings = query_warnings);
        let wallboard = state.wallboard;
        self.state.set(state);
        self.check_codes();
        self.pointed.set(None);
        // The page is made anew, and not at each step within it.
        if self.wallboard.get_untracked() != wallboard {
            self.wallboard.set(wallboard);
        }
    }
}
