//! Everything on the page that changes, as signals.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;

use super::{
    reader::Reader,
    row::{self, Row, Rows},
    state::{PageState, QueryWarning},
    texts::Texts,
};
use crate::rates::{
    CacheStatus, Code, FormattedNumber, Latest, Quotation, Quote, Snapshot, SourceName, Timestamp,
    Trends,
};

/// Seconds that rates may take from the source to an open page: the server's call and the page's spread.
const LONGEST_WAY: u64 = 30;

/// The page's signals. Every component gets them by [`expect_context`].
#[derive(Clone, Copy)]
pub struct Model {
    /// The texts in the language of the page.
    pub texts: Texts,
    /// The server's last answer; what it left out is of the answer before.
    pub latest: RwSignal<Latest>,
    /// Whether a refresh is in flight that the reader should know of.
    pub refreshing: RwSignal<bool>,
    /// Why the last refresh of the page failed.
    pub refresh_error: RwSignal<Option<&'static str>>,
    /// Problems in the address.
    pub query_warnings: RwSignal<Vec<QueryWarning>>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// The reader's favourites and settings.
    pub reader: RwSignal<Reader>,
    /// A message about what was just done, such as a value copied. Shown for a moment.
    pub toast: RwSignal<Option<String>>,
    pub help_open: RwSignal<bool>,
    /// The currency whose row has the focus.
    pub focused: RwSignal<Option<Code>>,
    /// Whether the browser has hydrated the page. Until then it is as the server rendered it: of its
    /// reader it knows only the order of the rows.
    pub hydrated: RwSignal<bool>,
    /// Whether times are the reader's local ones. The browser takes a moment to load how a language writes them.
    pub local: RwSignal<bool>,
    /// The current time by the server's clock; `None` on the server and until the page is hydrated.
    pub now: RwSignal<Option<Timestamp>>,

    /// Whether this is the wallboard, which is a page of its own.
    pub wallboard: bool,
    /// See [`Snapshot::is_over_an_hour_old`].
    pub over_an_hour_old: Memo<bool>,
    /// The rates to show, in order.
    pub rows: Memo<Vec<Arc<Row>>>,
}

impl Model {
    pub fn new(
        latest: Latest,
        state: PageState,
        query_warnings: Vec<QueryWarning>,
        texts: Texts,
    ) -> Self {
        let (made_at, wallboard) = (latest.server_time, state.wallboard);
        let latest = RwSignal::new(latest);
        let (state, reader) = (RwSignal::new(state), RwSignal::new(Reader::of_the_page(texts)));
        let (now, local) = (RwSignal::new(None), RwSignal::new(false));
        let over_an_hour_old = Memo::new(move |_| {
            let (now, latest) = (now.get().unwrap_or(made_at), latest.read());
            latest.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_over_an_hour_old(now))
        });
        let rows = Memo::new(move |before: Option<&Vec<Arc<Row>>>| {
            let (latest, state, reader) = (latest.read(), state.read(), reader.read());
            let Some(snapshot) = &latest.snapshot else { return Vec::new() };
            let trends = latest.trends.as_deref().filter(|_| !over_an_hour_old.get());
            let (state, local) = (state.shown(snapshot), || local.get());
            let rows = Rows::new(snapshot, trends, &state, &reader, &local, texts);
            let rates = state.select(snapshot, trends, &reader.favourites, texts);
            let rows = rows.map(|rows| rows.of(&rates)).unwrap_or_default();
            row::in_a_list(rows, before.map_or(&[], Vec::as_slice))
        });
        Self {
            texts,
            latest,
            refreshing: RwSignal::new(false),
            refresh_error: RwSignal::new(None),
            query_warnings: RwSignal::new(query_warnings),
            wallboard,
            state,
            reader,
            toast: RwSignal::new(None),
            help_open: RwSignal::new(false),
            focused: RwSignal::new(None),
            hydrated: RwSignal::new(false),
            local,
            now,
            over_an_hour_old,
            rows,
        }
    }

    /// Returns the last good rates that the server has sent.
    pub fn snapshot(self) -> Option<Arc<Snapshot>> {
        self.latest.read().snapshot.clone()
    }

    /// Returns what the reader looks at: see [`PageState::shown`].
    pub fn shown(self) -> PageState {
        let state = self.state.read();
        match self.snapshot() {
            Some(snapshot) => state.shown(&snapshot).into_owned(),
            None => state.clone(),
        }
    }

    /// Returns the currencies that the reader has chosen.
    pub fn readers_codes(self) -> Vec<Code> {
        let mut codes = self.reader.with_untracked(|reader| reader.favourites.clone());
        self.state.with_untracked(|state| {
            codes.push(state.base.clone());
            codes.extend(state.symbol.iter().chain(&state.symbols).cloned());
        });
        codes
    }

    /// Returns the trends, in any base: changes have the same order in all. `None` if the rates are over an
    /// hour old.
    pub fn current_trends(self) -> Option<Arc<Trends>> {
        self.latest.read().trends.clone().filter(|_| !self.over_an_hour_old.get())
    }

    /// Returns whether these are the rates of an earlier day. They stay as they are; never so in the browser, which does
    /// not hydrate such a page.
    pub fn is_past(self) -> bool {
        cfg!(feature = "ssr") && self.state.with(|state| state.day().is_some())
    }

    pub fn source(self) -> Option<SourceName> {
        self.latest.with(|latest| latest.snapshot.as_ref().map(|snapshot| snapshot.source()))
    }

    pub fn last_updated(self) -> Option<Timestamp> {
        self.latest.with(|latest| latest.snapshot.as_ref().map(|snapshot| snapshot.last_updated()))
    }

    /// Returns the server's status, or stale if the server has not answered and should have refreshed by now. A
    /// page that can't reach its server must not call its rates fresh.
    pub fn status(self) -> CacheStatus {
        let latest = self.latest.read();
        let interval = Duration::from_secs(latest.interval.into());
        let next = latest.next_refresh.min(latest.server_time + interval);
        let overdue = self.now.get().is_some_and(|now| now.seconds_since(next) > LONGEST_WAY);
        let unanswered = self.refreshing.get() || self.refresh_error.with(Option::is_some);
        if unanswered && overdue { CacheStatus::Stale } else { latest.status }
    }

    /// Returns what is known of the reader; the default until the page is hydrated.
    pub fn known<T>(self, of: impl Fn(&Reader) -> T) -> T {
        if self.hydrated.get() { self.reader.with(of) } else { of(&Reader::unknown(self.texts)) }
    }

    /// Formats a number in the reader's style.
    pub fn number(self, number: &FormattedNumber) -> String {
        self.reader.with(|reader| reader.style.write(number)).to_string()
    }

    /// Formats the number of a quote in the reader's style.
    pub fn figure(self, quote: Quote) -> String {
        self.number(&quote.written(self.state.read().digits.unwrap_or_default()))
    }

    /// Returns the direction of all quotes.
    pub fn quotation(self) -> Quotation {
        let shown = self.shown();
        self.snapshot().map_or_else(Quotation::default, |snapshot| shown.quotation(&snapshot))
    }

    /// Says what all numbers are: `Prices in USD` or `250 EUR is`.
    pub fn heading(self) -> String {
        match self.quotation() {
            Quotation::Direct => self.prices_in(),
            Quotation::Inverse => {
                self.texts.format("measure-is", &[("measure", (&self.measure()).into())])
            }
        }
    }

    /// `Prices in USD`
    pub fn prices_in(self) -> String {
        self.texts.format("prices-in", &[("base", (&self.shown().base.shown()).into())])
    }

    /// Returns what is converted: `250 EUR`.
    pub fn measure(self) -> String {
        let PageState { base, amount, .. } = self.shown();
        format!("{} {}", self.number(&amount.written()), base.shown())
    }

    /// Returns what the amount is worth in the currency in detail, and its code, whatever the direction of the table.
    pub fn conversion(self) -> Option<(String, String)> {
        let (state, snapshot) = (self.shown(), self.snapshot()?);
        let (per, rate) = (snapshot.per(&state.base)?, snapshot.get(state.symbol.as_ref()?)?);
        let quote = state.quote(per, rate, Quotation::Inverse);
        Some((self.figure(quote), rate.code.shown()))
    }

    /// Returns the problems in the address, and the currencies in it that have no rate, a sentence each.
    pub fn warnings(self) -> Vec<String> {
        let texts = self.texts;
        let mut warnings: Vec<_> =
            self.query_warnings.read().iter().map(|warning| warning.text(texts)).collect();
        if let Some(snapshot) = self.snapshot() {
            let state = self.state.read();
            let mut warn = |name: &str, code: Option<&Code>, instead| {
                if let Some(code) = code.filter(|code| snapshot.get(code).is_none()) {
                    let instead = ("instead", texts.get(instead).into());
                    let args = [("name", name.into()), ("code", code.as_str().into()), instead];
                    warnings.push(texts.format("warning-unknown", &args));
                }
            };
            warn("base", Some(&state.base), "instead-default");
            warn("symbol", state.symbol.as_ref(), "instead-all");
            let unknown = |code: &&Code| snapshot.get(code).is_none();
            let quoted = |code: &Code| texts.format("quoted", &[("text", code.as_str().into())]);
            let unknown: Vec<_> = state.symbols.iter().filter(unknown).map(quoted).collect();
            if !unknown.is_empty() {
                let all = unknown.len() == state.symbols.len();
                let instead = texts.get(if all { "instead-all" } else { "instead-others" });
                let (n, codes) = (unknown.len(), unknown.join(", "));
                let args =
                    [("n", n.into()), ("codes", (&codes).into()), ("instead", instead.into())];
                warnings.push(texts.format("warning-codes", &args));
            }
        }
        warnings
    }
}
