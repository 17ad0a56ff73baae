//! Everything on the page that changes, as three signals.
//!
//! Few signals of few types: each type of signal is compiled into the wasm anew. What depends on
//! them is cheap to make again, and the page changes only where the result differs.

use std::sync::Arc;

use leptos::prelude::*;

use super::{latest::Latest, platform, state::PageState};
use crate::rates::{CacheStatus, Code, Snapshot, SourceName, Timestamp};

/// The page's signals, by which every component reads and changes them.
#[derive(Clone, Copy)]
pub struct Model {
    /// What the server told, and how asking it goes.
    pub feed: RwSignal<Feed>,
    /// What the reader looks at.
    pub state: RwSignal<PageState>,
    /// The time by the server's clock; `None` on the server and until the page is hydrated, when
    /// times are shown in UTC.
    pub now: RwSignal<Option<Timestamp>>,
}

/// What the server told, and how asking it goes.
pub struct Feed {
    /// The last good rates. Nothing but newer ones ever replaces them.
    pub snapshot: Option<Arc<Snapshot>>,
    pub status: CacheStatus,
    /// When the server will ask its source again, by the server's clock.
    pub next_refresh: Timestamp,
    /// A refresh of the page is under way.
    pub busy: bool,
    /// Why the last refresh of the page failed.
    pub trouble: Option<String>,
    /// What was wrong in the address.
    pub notes: Vec<String>,
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
            feed: RwSignal::new(Feed {
                snapshot: snapshot.map(Arc::new),
                status: latest.status,
                next_refresh: latest.next_refresh,
                busy: false,
                trouble: None,
                notes,
            }),
            state: RwSignal::new(state),
            now: RwSignal::new(None),
        }
    }

    pub fn snapshot(self) -> Option<Arc<Snapshot>> {
        self.feed.with(|feed| feed.snapshot.clone())
    }

    pub fn source(self) -> Option<SourceName> {
        self.snapshot().map(|snapshot| snapshot.source())
    }

    pub fn last_updated(self) -> Option<Timestamp> {
        self.snapshot().map(|snapshot| snapshot.last_updated())
    }

    pub fn status(self) -> CacheStatus {
        self.feed.with(|feed| feed.status)
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
        self.now.with(Option::is_some)
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
        self.state.set(state);
    }
}
