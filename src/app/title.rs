//! The title of the document: the first rate, so that a tab in the background shows it.

use leptos::prelude::*;

use super::{
    PageData,
    model::Model,
    reader::Reader,
    row::{Row, Rows},
    state::PageState,
    texts::Texts,
};
use crate::rates::{Amount, Code, Quotation, Snapshot};

pub const NAME: &str = "Crypto Rates";

/// `75,931.24 USD · BTC – Crypto Rates`, or `290.61 USD · 250 EUR – Crypto Rates`.
fn title(row: &Row, state: &PageState, snapshot: &Snapshot, reader: &Reader) -> String {
    let (code, base, value) = (row.code.shown(), state.base.shown(), &row.value);
    let name = state.day().unwrap_or(NAME);
    match state.quotation(snapshot) {
        Quotation::Direct => format!("{value} {base} · {code} – {name}"),
        Quotation::Inverse if state.amount == Amount::ONE => {
            format!("{value} {code} · {base} – {name}")
        }
        Quotation::Inverse => {
            let amount = reader.style.write(&state.amount.written());
            format!("{value} {code} · {amount} {base} – {name}")
        }
    }
}

impl Model {
    /// Returns the title: of the currency in detail, else of the first in the table.
    pub fn title(self) -> String {
        let (state, rows) = (self.shown(), self.rows.read());
        let row = rows.iter().find(|row| row.open).or(rows.first());
        let reader = self.reader.read();
        let title =
            row.zip(self.snapshot()).map(|(row, snapshot)| title(row, &state, &snapshot, &reader));
        title.unwrap_or_else(|| NAME.to_owned())
    }
}

impl PageData {
    /// Returns the title that the server gives the document. It does not sort for that.
    pub fn title(&self, texts: Texts) -> String {
        let title = || {
            let snapshot = self.latest.snapshot.as_ref()?;
            let (state, _) = PageState::read(&self.query);
            let state = state.shown(snapshot);
            let listed = state.symbol.iter().chain(&state.symbols).cloned();
            let is_other = |code: &Code| *code != state.base;
            let mut code = listed.chain(Code::popular().filter(is_other));
            let rate = code.find_map(|code| snapshot.get(&code))?;
            let reader = Reader::unknown(texts);
            let rows = Rows::new(snapshot, None, &state, &reader, &|| false, texts)?.of(&[rate]);
            Some(title(rows.first()?, &state, snapshot, &reader))
        };
        title().unwrap_or_else(|| NAME.to_owned())
    }
}
