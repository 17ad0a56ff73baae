//! Everything on the page that changes, as a few signals.
//!
//! Few signals of few types: each type of signal is compiled into the wasm anew. What depends on
//! them is cheap to make again, and the page changes only where the result differs.

use std::sync::Arc;

use leptos::prelude::*;

use super::{change::change, platform, reader::Reader, state::PageState, wallboard::Turn};
use crate::rates::{
    CacheStatus, Chart, Code, FormattedNumber, Latest, Origin, Quote, Rate, RateType, Snapshot,
    SourceName, Timestamp, Trends,
};

/// Seconds that rates may take from the source over the server to an open page: the server's call,
/// and the page's spread.
const LONGEST_WAY: u64 = 30;

/// Seconds after which changes over 24 hours are no longer told.
const OLD: u64 = 3_600;

/// The page's signals, by which every component reads and changes them.
#[derive(Clone, Copy)]
pub struct Model {
    /// What the server told, and how asking it goes.
    pub feed: RwSignal<Feed>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// Whether that is the wallboard: of the state, what changes the whole page.
    pub board: RwSignal<bool>,
    /// What the browser knows of the reader.
    pub reader: RwSignal<Reader>,
    /// The point of the chart that the reader points at.
    pub pointed: RwSignal<Option<usize>>,
    /// Which page the wallboard shows; all of them at once until the browser turns them.
    pub turn: RwSignal<Option<Turn>>,
    /// What has just been done, such as a value copied; told for a moment.
    pub told: RwSignal<String>,
    /// Whether the browser has taken the page over. Until then the page is as the server has made it:
    /// times are in UTC, and it knows nothing of its reader but the order of the rows.
    pub hydrated: RwSignal<bool>,
    /// The time by the server's clock; `None` on the server and until the page is hydrated.
    pub now: RwSignal<Option<Timestamp>>,
    /// The rates have grown too old for the last day's changes: what they did until then is not what
    /// the last day did.
    pub old: RwSignal<bool>,
}

/// What the server told, and how asking it goes.
pub struct Feed {
    /// The last good rates that the server has told of.
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
    pub trouble: Option<String>,
    /// What was wrong in the address.
    pub notes: Vec<String>,
}

impl Model {
    pub fn new(latest: Latest, state: PageState, notes: Vec<String>) -> Self {
        let model = Self {
            feed: RwSignal::new(Feed {
                snapshot: latest.snapshot,
                trends: latest.trends,
                chart: latest.chart,
                status: latest.status,
                next_refresh: latest.next_refresh,
                interval: latest.interval,
                busy: false,
                trouble: None,
                notes,
            }),
            board: RwSignal::new(state.board),
            state: RwSignal::new(state),
            reader: RwSignal::new(Reader::of_the_page()),
            pointed: RwSignal::new(None),
            turn: RwSignal::new(None),
            told: RwSignal::new(String::new()),
            hydrated: RwSignal::new(false),
            now: RwSignal::new(None),
            old: RwSignal::new(false),
        };
        model.check_age(latest.server_time);
        model.check_codes();
        model
    }

    /// Whether the rates are [`old`](Self::old) by now.
    pub fn check_age(self, now: Timestamp) {
        let taken = self
            .feed
            .with_untracked(|feed| feed.snapshot.as_ref().map(|snapshot| snapshot.last_updated()));
        let old = taken.is_some_and(|taken| now.seconds_since(taken) > OLD);
        if self.old.get_untracked() != old {
            self.old.set(old);
        }
    }

    /// Nothing can be told of a currency that the rates don't have: then of bitcoin, which they
    /// always have, and with a note.
    pub fn check_codes(self) {
        let (base, symbol) =
            self.state.with_untracked(|state| (state.base.clone(), state.symbol.clone()));
        if self.lacks(&base) {
            self.note("base", &base, "The default is shown.");
            self.state.update(|state| state.base = Code::btc());
        }
        if let Some(symbol) = symbol.filter(|symbol| self.lacks(symbol)) {
            self.note("symbol", &symbol, "All are shown.");
            self.state.update(|state| state.symbol = None);
        }
    }

    fn lacks(self, code: &Code) -> bool {
        self.feed.with_untracked(|feed| {
            feed.snapshot.as_ref().is_some_and(|snapshot| snapshot.get(code).is_none())
        })
    }

    fn note(self, name: &str, code: &Code, instead: &str) {
        let code = code.as_str();
        let note =
            ["“", name, "” can't be “", code, "”: no such currency is known here. ", instead];
        self.feed.update(|feed| feed.notes.push(note.concat()));
    }

    pub fn snapshot(self) -> Option<Arc<Snapshot>> {
        self.feed.with(|feed| feed.snapshot.clone())
    }

    /// In whichever base they are: changes have the same order in all. None of old rates.
    pub fn trends(self) -> Option<Arc<Trends>> {
        let trends = self.feed.with(|feed| feed.trends.clone());
        trends.filter(|_| !self.old.get())
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
        self.feed.with(|feed| {
            let taken = feed.snapshot.as_ref().map(|snapshot| snapshot.last_updated());
            let age = now.zip(taken).map_or(0, |(now, taken)| now.seconds_since(taken));
            let unanswered = feed.busy || feed.trouble.is_some();
            let overdue = age > u64::from(feed.interval) + LONGEST_WAY;
            if unanswered && overdue { CacheStatus::Stale } else { feed.status }
        })
    }

    pub fn next_refresh(self) -> Timestamp {
        self.feed.with(|feed| feed.next_refresh)
    }

    pub fn is_busy(self) -> bool {
        self.feed.with(|feed| feed.busy)
    }

    pub fn trouble(self) -> Option<String> {
        self.feed.with(|feed| feed.trouble.clone())
    }

    pub fn notes(self) -> Vec<String> {
        self.feed.with(|feed| feed.notes.clone())
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

    /// The rates to show, in their order.
    pub fn rows(self) -> Vec<Row> {
        let Some(snapshot) = self.snapshot() else { return Vec::new() };
        let trends = self.trends();
        let trends = trends.as_deref();
        self.state.with(|state| {
            let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
            // Those in another base are on their way out.
            let lines = trends.filter(|trends| trends.base == state.base);
            let detail = state.details();
            self.reader.with(|reader| {
                let row = |rate: &Rate| {
                    let trend = lines.and_then(|trends| trends.get(&rate.code));
                    let (direction, change) = change(trend, reader);
                    Row {
                        name: rate.name.clone(),
                        kind: rate.kind,
                        unit: rate.unit.clone(),
                        value: reader.style.write(&state.quote(per, rate)),
                        held: per.held(rate),
                        direction,
                        change,
                        line: trend.map(|trend| trend.path.clone()).unwrap_or_default(),
                        pinned: reader.favourites.contains(&rate.code),
                        href: detail(&rate.code),
                        remark: rate.code.remark().map(|r| (r.label(&state.base), r.reason())),
                        code: rate.code.clone(),
                    }
                };
                let rates = state.select(&snapshot, trends, &reader.favourites);
                rates.into_iter().map(row).collect()
            })
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
    pub fn show(self, state: PageState, notes: Vec<String>) {
        self.feed.update(|feed| feed.notes = notes);
        let board = state.board;
        self.state.set(state);
        self.check_codes();
        self.pointed.set(None);
        // The page is made anew, and not at each step within it.
        if self.board.get_untracked() != board {
            self.board.set(board);
        }
    }
}

/// One rate, as a row or a tile shows it.
pub struct Row {
    pub code: Code,
    pub name: String,
    pub kind: RateType,
    pub unit: String,
    /// What the amount of the base is worth in it.
    pub value: FormattedNumber,
    /// Where that comes from if it is older than the rest.
    pub held: Option<Origin>,
    /// What makes it unlike the others, in a word, and why.
    pub remark: Option<(&'static str, &'static str)>,
    /// `up`, `down`, or nothing.
    pub direction: &'static str,
    pub change: String,
    /// Of the last day; see [`crate::rates::Trend::path`].
    pub line: String,
    pub pinned: bool,
    /// Leads to the detail view.
    pub href: String,
}
