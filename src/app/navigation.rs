//! From one state of the page to another.

use leptos::prelude::*;

use super::{
    browser::dom,
    model::Model,
    reader::remember,
    state::{PageState, QueryWarning},
};

impl Model {
    /// Returns a link to the state that `target` makes of the current one.
    pub fn href(
        self,
        target: impl Fn(PageState) -> PageState + Send + Sync + 'static,
    ) -> Signal<String> {
        Signal::derive(move || target(self.shown()).href())
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
    pub fn show(self, state: PageState, query_warnings: Vec<QueryWarning>) {
        self.query_warnings.set(query_warnings);
        let usual = PageState { quotation: None, ..state.clone() };
        let usual = untrack(|| self.snapshot()).map(|snapshot| usual.quotation(&snapshot));
        self.state.set(remember(state, usual.unwrap_or_default()));
    }

    /// Goes to the wallboard, or back from it.
    pub fn toggle_wallboard(self) {
        dom::visit(&untrack(|| self.other_view()).href());
    }

    /// Returns the state that shows the wallboard in place of the table, or the other way round.
    pub fn other_view(self) -> PageState {
        let favourites = self.known(|reader| reader.favourites.clone());
        let state = self.shown();
        if state.wallboard {
            state.off_the_wallboard(&favourites)
        } else {
            state.on_the_wallboard(&favourites)
        }
    }
}
