//! From one state of the page to another.

use leptos::prelude::*;

use super::{browser::dom, model::Model, state::PageState};
use crate::rates::Code;

impl Model {
    /// Returns a link to the state that `target` makes of the current one.
    pub fn href(
        self,
        target: impl Fn(PageState) -> PageState + Send + Sync + 'static,
    ) -> Signal<String> {
        Signal::derive(move || target(self.state.get()).href())
    }

    /// Goes to another state of the page, with an entry in the browser's history.
    pub fn go(self, state: PageState) {
        dom::push(&state.href());
        self.show(state, Vec::new());
    }

    /// Changes the state without an entry in the history, as for each letter typed into the search.
    pub fn replace(self, state: PageState) {
        dom::replace(&state.href());
        self.state.set(state);
    }

    /// Shows the state of an address.
    pub fn show(self, state: PageState, query_warnings: Vec<String>) {
        self.query_warnings.set(query_warnings);
        self.state.set(state);
        self.check_codes();
    }

    /// Goes to the wallboard, or back from it.
    pub fn toggle_wallboard(self) {
        self.go(self.other_view());
    }

    /// Returns the state that shows the wallboard in place of the table, or the other way round.
    pub fn other_view(self) -> PageState {
        let favourites = self.known(|reader| reader.favourites.clone());
        let state = self.state.get();
        if state.wallboard {
            state.off_the_wallboard(&favourites)
        } else {
            state.on_the_wallboard(&favourites)
        }
    }

    /// Replaces a currency that the rates don't have by bitcoin, which they always have, and adds a warning.
    pub fn check_codes(self) {
        let Some(snapshot) = untrack(|| self.snapshot()) else { return };
        let warn = |name: &str, code: &Code, instead: &str| {
            let problem = format!("“{name}” can't be “{code}”: no such currency is known here.");
            self.query_warnings.update(|warnings| warnings.push(format!("{problem} {instead}")));
        };
        let PageState { base, symbol, .. } = self.state.get_untracked();
        if snapshot.get(&base).is_none() {
            warn("base", &base, "The default is shown.");
            self.state.update(|state| state.base = Code::btc());
        }
        if let Some(symbol) = symbol.filter(|symbol| snapshot.get(symbol).is_none()) {
            warn("symbol", &symbol, "All are shown.");
            self.state.update(|state| state.symbol = None);
        }
    }
}
