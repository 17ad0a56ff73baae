//! What the reader is looking at. All of it is in the address, so that a link reproduces it.

mod query;

use super::sort::{Column, Sort};
use crate::rates::{Amount, Code, FormattedNumber, NumberStyle, Rate, RateType, Rebased, Span};

/// The state of the page that its query holds.
#[derive(Clone, Debug, PartialEq)]
pub struct PageState {
    /// The currency that all values are per `amount` of.
    pub base: Code,
    pub amount: Amount,
    /// The text in the field of the amount, once the reader types there; may not be a valid amount.
    pub typed: Option<String>,
    /// Only this type; all if `None`.
    pub kind: Option<RateType>,
    /// Only rates that contain this in code, name or unit.
    pub search: String,
    /// Only these; all if empty.
    pub symbols: Vec<Code>,
    pub sort: Sort,
    /// Whether this is the wallboard, large enough to be read across a room.
    pub wallboard: bool,
    /// The currency that is shown in detail.
    pub symbol: Option<Code>,
    /// How far its chart goes back.
    pub span: Span,
}

impl Default for PageState {
    fn default() -> Self {
        Self {
            base: Code::btc(),
            amount: Amount::ONE,
            typed: None,
            kind: None,
            search: String::new(),
            symbols: Vec::new(),
            sort: Column::Value.first_sort(),
            wallboard: false,
            symbol: None,
            span: Span::Day,
        }
    }
}

impl PageState {
    /// Sets the text in the field of the amount. The last valid amount stays until there is a new one.
    #[must_use]
    pub fn with_typed(self, typed: String, style: &NumberStyle) -> Self {
        let amount = style.to_english(&typed).parse().unwrap_or(self.amount);
        Self { amount, typed: Some(typed), ..self }
    }

    /// Returns a link to this state, relative to the page.
    pub fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { "./".to_owned() } else { format!("?{query}") }
    }

    /// Returns a function that makes links to this state with one currency in detail. They differ only in its
    /// code, which needs no escaping, so the rest is made once for all rows.
    pub fn details(&self) -> impl Fn(&Code) -> String + use<> {
        let mark = "mark".parse().ok();
        let href = Self { symbol: mark, ..self.clone() }.href();
        let (before, after) = href.rsplit_once("symbol=mark").unwrap_or_default();
        let (before, after) = (before.to_owned(), after.to_owned());
        move |code| format!("{before}symbol={code}{after}")
    }

    /// Returns the state with base and currency swapped; unchanged if no currency is shown in detail.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self.symbol {
            Some(symbol) => Self { base: symbol, symbol: Some(self.base), ..self },
            None => self,
        }
    }

    /// Returns the wallboard's state. It shows the currencies that the address names, or else the favourites.
    #[must_use]
    pub fn on_the_wallboard(self, favourites: &[Code]) -> Self {
        let symbols = if self.symbols.is_empty() { favourites.to_vec() } else { self.symbols };
        Self { wallboard: true, symbol: None, symbols, ..self }
    }

    /// Returns the table's state, without the favourites that [`Self::on_the_wallboard`] has added.
    #[must_use]
    pub fn off_the_wallboard(self, favourites: &[Code]) -> Self {
        let symbols = if self.symbols == favourites { Vec::new() } else { self.symbols };
        Self { wallboard: false, symbols, ..self }
    }

    /// Returns what the amount of the base is worth in the currency of `rate`.
    pub fn quote(&self, per: Rebased, rate: &Rate) -> FormattedNumber {
        per.quote(rate).times(self.amount.value()).written()
    }

    /// Returns the currencies that the address names, in its format.
    pub fn symbols_text(&self) -> String {
        let symbols: Vec<_> = self.symbols.iter().map(Code::as_str).collect();
        symbols.join(",")
    }
}
