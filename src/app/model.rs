//! Everything on the page that changes, as signals.

use std::sync::Arc;

use leptos::prelude::*;

use super::{latest::Latest, platform, state::PageState};
use crate::rates::{CacheStatus, Code, Quote, Snapshot, SourceName, Timestamp};

/// The page's signals; a copy of it is in every component's context.
#[derive(Clone, Copy)]
pub struct Model {
    /// The last good rates. Nothing but newer ones ever replaces them.
    pub snapshot: RwSignal<Option<Arc<Snapshot>>>,
    pub status: RwSignal<CacheStatus>,
    /// When the server will ask its source again, by the server's clock.
    pub next_refresh: RwSignal<Timestamp>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// What was wrong in the address.
    pub notes: RwSignal<Vec<String>>,
    /// Why the last refresh of the page failed.
    pub trouble: RwSignal<Option<String>>,
    /// A refresh of the page is under way.
    pub busy: RwSignal<bool>,
    /// The time by the server's clock; `None` on the server and until the page is hydrated, when
    /// times are shown in UTC.
    pub now: RwSignal<Option<Timestamp>>,
    /// Counts the reader's own requests for a refresh.
    pub asked: RwSignal<u32>,
}

impl Model {
    pub fn new(latest: Latest, mut state: PageState, mut notes: Vec<String>) -> Self {
        let snapshot = latest.snapshot;
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.get(&state.base).is_none()) {
            notes.push(format!(
                "“base” can't be “{}”: no such currency is known here. The default is shown.",
                state.base
            ));
            state.base = Code::btc();
        }
        Self {
            snapshot: RwSignal::new(snapshot.map(Arc::new)),
            status: RwSignal::new(latest.status),
            next_refresh: RwSignal::new(latest.next_refresh),
            state: RwSignal::new(state),
            notes: RwSignal::new(notes),
            trouble: RwSignal::new(None),
            busy: RwSignal::new(false),
            now: RwSignal::new(None),
            asked: RwSignal::new(0),
        }
    }

    /// Takes a refresh's answer over; only what changed is told to the page.
    pub fn update(self, latest: Latest) {
        if let Some(snapshot) = latest.snapshot {
            self.snapshot.set(Some(Arc::new(snapshot)));
        }
        set_changed(self.status, latest.status);
        set_changed(self.next_refresh, latest.next_refresh);
        set_changed(self.trouble, None);
    }

    /// What the state's amount of its base is worth in `code`.
    pub fn quote(self, code: &Code) -> Option<Quote> {
        self.snapshot.with(|snapshot| {
            self.state.with(|state| {
                let quote = snapshot.as_ref()?.quote(code, &state.base)?;
                Some(quote.times(state.amount))
            })
        })
    }

    pub fn source(self) -> Option<SourceName> {
        self.snapshot.with(|snapshot| snapshot.as_ref().map(|snapshot| snapshot.source()))
    }

    pub fn last_updated(self) -> Option<Timestamp> {
        self.snapshot.with(|snapshot| snapshot.as_ref().map(|snapshot| snapshot.last_updated()))
    }

    /// Goes to another state of the page: a step that the back button undoes.
    pub fn go(self, state: PageState) {
        platform::push(&state.href());
        self.notes.set(Vec::new());
        self.state.set(state);
    }

    /// Changes the state in place, as with every letter typed into the search.
    pub fn replace(self, state: PageState) {
        platform::replace(&state.href());
        self.state.set(state);
    }
}

/// The model of the page that the component is part of.
///
/// # Panics
///
/// Outside [`super::App`], which provides it.
pub fn model() -> Model {
    expect_context()
}

pub fn set_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
