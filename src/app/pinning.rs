//! The reader's favourites: which, and in what order.

use leptos::prelude::*;

use super::{browser::dom, model::Model, reader::Reader, state::PageState};
use crate::rates::Code;

impl Model {
    /// Pins a currency to the top, or unpins it, and says where its row went.
    pub fn toggle_favourite(self, code: &Code) {
        self.change_favourites(|reader| reader.toggle(code));
        if self.reader.with_untracked(|reader| reader.favourites.contains(code)) {
            let code = code.shown();
            self.toast.set(Some(self.texts.format("now-first", &[("code", (&code).into())])));
        }
    }

    /// Moves a favourite up or down among the favourites.
    pub fn move_favourite(self, code: &Code, by: isize) {
        dom::keep_focus();
        self.change_favourites(|reader| reader.shift(code, by));
    }

    /// Puts a favourite in the place of another one.
    pub fn drop_favourite(self, code: &Code, onto: &Code) {
        let place = |code: &Code| {
            self.reader.with_untracked(|it| it.favourites.iter().position(|other| other == code))
        };
        if let (Some(from), Some(to)) = (place(code), place(onto)) {
            self.change_favourites(|reader| {
                reader.shift(code, to.cast_signed() - from.cast_signed());
            });
        }
    }

    /// Changes the favourites, and what is shown if these are it.
    fn change_favourites(self, change: impl FnOnce(&mut Reader)) {
        let before = self.reader.with_untracked(|reader| reader.favourites.clone());
        self.reader.update(change);
        let state = untrack(|| self.shown());
        if !before.is_empty() && state.symbols == before {
            let symbols = self.reader.with_untracked(|reader| reader.favourites.clone());
            self.replace(PageState { symbols, ..state });
        }
    }
}
