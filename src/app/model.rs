//! Everything on the page that changes, as a few signals.
//!
//! There are few signals of few types, because the wasm contains code for each type of signal. What depends
//! on them is cheap to make again, and the page changes only where the result differs.

use std::sync::Arc;

use leptos::prelude::*;

use super::{paging::Paging, platform, reader::Reader, state::PageState};
use crate::rates::{
    CacheStatus, Chart, Code, FormattedNumber, Latest, Quote, Snapshot, SourceName, Timestamp,
    Trends,
};

/// Seconds that rates may take from the source to an open page: the server's call and the page's spread.
const LONGEST_WAY: u64 = 30;

/// The page's signals, which every component reads and changes.
#[derive(Clone, Copy)]
pub struct Model {
    /// The server's data, and the state of the requests for it.
    pub server_data: RwSignal<ServerData>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// Whether that is the wallboard, which changes the whole page.
    pub wallboard: RwSignal<bool>,
    /// The reader's favourites and settings.
    pub reader: RwSignal<Reader>,
    /// The point of the chart that the reader points at.
    pub pointed: RwSignal<Option<usize>>,
    /// The page that the wallboard shows; `None`, which shows all tiles, until the browser turns pages.
    pub paging: RwSignal<Option<Paging>>,
    /// A message about what was just done, such as a value copied. Shown for a moment.
    pub toast: RwSignal<String>,
    /// Whether the browser has hydrated the page. Until then it is as the server rendered it: times are in
    /// UTC, and of its reader it knows only the order of the rows.
    pub hydrated: RwSignal<bool>,
    /// The current time by the server's clock; `None` on the server and until the page is hydrated.
    pub now: RwSignal<Option<Timestamp>>,
    /// See [`Snapshot::is_over_an_hour_old`].
    pub over_an_hour_old: RwSignal<bool>,
}

/// The server's data, and the state of the requests for it.
pub struct ServerData {
    /// The last good rates that the server has sent.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The last day of all rates, in the base of the last answer.
    pub trends: Option<Arc<Trends>>,
    /// The chart requested last.
    pub chart: Option<Arc<Chart>>,
    pub status: CacheStatus,
    /// When the server calls its source again, by the server's clock.
    pub next_refresh: Timestamp,
    /// Seconds between two refreshes of the server.
    pub interval: u32,
    /// Whether a refresh of the page is in flight.
    pub busy: bool,
    /// Why the last refresh of the page failed.
    pub refresh_error: Option<String>,
    /// Problems in the address, a sentence each.
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

    /// Updates whether the rates are over an hour old.
    pub fn check_age(self, now: Timestamp) {
        let old = self.server_data.with_untracked(|data| {
            data.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_over_an_hour_old(now))
        });
        if self.over_an_hour_old.get_untracked() != old {
            self.over_an_hour_old.set(old);
        }
    }

    /// Replaces a currency that the rates don't have by bitcoin, which they always have, and adds a warning.
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

    /// Returns the trends, in any base: changes have the same order in all. `None` if the rates are over an
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

    /// Returns the server's status, or stale if the server has not answered and newer rates are overdue. A
    /// page that can't reach its server must not call its rates fresh. Age alone does not count: before the
    /// first answer, the reader's clock may be off.
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

    /// Returns what is known of the reader; the default until the page is hydrated.
    pub fn known<T>(self, of: impl Fn(&Reader) -> T) -> T {
        if self.is_hydrated() { self.reader.with(of) } else { of(&Reader::default()) }
    }

    /// Formats a number in the reader's style.
    pub fn number(self, written: &FormattedNumber) -> FormattedNumber {
        self.reader.with(|reader| reader.style.write(written))
    }

    /// Formats the number of a quote in the reader's style.
    pub fn figure(self, quote: Quote) -> String {
        self.number(&quote.written()).to_string()
    }

    /// Returns what all values are per: `250 EUR`.
    pub fn measure(self) -> String {
        self.state.with(|state| {
            let amount = self.number(&state.amount.written()).to_string();
            [&amount, " ", &state.base.shown()].concat()
        })
    }

    /// Goes to another state of the page, with an entry in the browser's history.
    pub fn go(self, state: PageState) {
        platform::push(&state.href());
        self.show(state, Vec::new());
    }

    /// Changes the state without an entry in the history, as for each letter typed into the search.
    pub fn replace(self, state: PageState) {
        platform::replace(&state.href());
        self.state.set(state);
    }

    /// Shows the state of an address.
    pub fn show(self, state: PageState, query_warnings: Vec<String>) {
        self.server_data.update(|data| data.query_warnings = query_warnings);
        let wallboard = state.wallboard;
        self.state.set(state);
        self.check_codes();
        self.pointed.set(None);
        // Set only if it differs, because it rebuilds the whole page.
        if self.wallboard.get_untracked() != wallboard {
            self.wallboard.set(wallboard);
        }
    }
}
