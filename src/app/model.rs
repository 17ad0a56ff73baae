//! Everything on the page that changes, as three signals.
//!
//! Few signals of few types: each type of signal is compiled into the wasm anew. What depends on
//! them is cheap to make again, and the page changes only where the result differs.

use std::sync::Arc;

use leptos::prelude::*;

use super::{latest::Latest, platform, state::PageState};
use crate::rates::{CacheStatus, Code, Snapshot, SourceName, Timestamp};

/// Seconds that rates may take from the source over the server to an open page: the server's call,
/// and the page's spread.
const LONGEST_WAY: u64 = 30;

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
                status: latest.status,
                next_refresh: latest.next_refresh,
                interval: latest.interval,
                busy: false,
                trouble: None,
                notes,
            }),
            state: RwSignal::new(state),
            now: RwSignal::new(None),
        };
        model.check_base();
        model
    }

    /// Nothing can be told in a base that the rates don't have: then in bitcoin, which they always
    /// have, and with a note.
    pub fn check_base(self) {
        let base = self.state.with_untracked(|state| state.base.clone());
        let unknown = |feed: &Feed| {
            feed.snapshot.as_ref().is_some_and(|snapshot| snapshot.get(&base).is_none())
        };
        if self.feed.with_untracked(unknown) {
            let note = [
                "“base” can't be “",
                base.as_str(),
                "”: no such currency is known here. The default is shown.",
            ];
            self.feed.update(|feed| feed.notes.push(note.concat()));
            self.state.update(|state| state.base = Code::btc());
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
        self.check_base();
    }
}
