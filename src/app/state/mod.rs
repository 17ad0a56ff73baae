//! What the reader is looking at. All of it is in the address, so that a link reproduces it.

#[cfg(feature = "ssr")]
mod date;
mod query;
mod warning;

use std::borrow::Cow;

#[cfg(feature = "ssr")]
pub use self::date::Date;
use super::{
    paging::Paging,
    sort::{Column, Sort},
};
use crate::{
    language::Language,
    rates::{
        Amount, Code, Digits, NumberStyle, Quotation, Quote, Rate, RateType, Rebased, Snapshot,
        Span, TypedAmount,
    },
};

pub use warning::QueryWarning;

/// The state of the page that its query holds.
#[derive(Clone, Debug, PartialEq)]
pub struct PageState {
    /// The currency that all values are per `amount` of.
    pub base: Code,
    pub amount: Amount,
    /// Which of two currencies a number is the price of, if the reader has chosen that.
    pub quotation: Option<Quotation>,
    /// How many of its digits a number has, if the reader has chosen that.
    pub digits: Option<Digits>,
    /// What stands in the field of the amount, once the reader types there.
    pub typed: Option<Typed>,
    /// Only this type; all if `None`.
    pub kind: Option<RateType>,
    /// Only rates that this finds: see [`super::search`].
    pub search: String,
    /// Only these, in this order unless the table is sorted by something; all if empty.
    pub symbols: Vec<Code>,
    pub sort: Sort,
    /// Whether this is the wallboard, large enough to be read across a room.
    pub wallboard: bool,
    /// Seconds for which the wallboard shows a page; `None` if it doesn't turn them by itself.
    pub rotate: Option<u16>,
    /// The currency that is shown in detail.
    pub symbol: Option<Code>,
    /// How far its chart goes back.
    pub span: Span,
    /// The currency whose line is beside its own.
    pub compare: Option<Code>,
    /// The language of the page, if the reader has chosen one.
    pub language: Option<Language>,
    /// The day whose rates these are; those of now if `None`. The page of an earlier day is of the server alone.
    #[cfg(feature = "ssr")]
    pub date: Option<Date>,
}

/// What a reader has typed as the amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    pub text: String,
    pub read_as: ReadAs,
}

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReadAs {
    /// The number that the reader typed.
    Typed,
    /// A number that the reader should be told: it was written as in another language, or with a currency.
    Told,
    /// The field is empty: the amount stays what it was.
    Empty,
    /// It is no amount.
    Nothing,
}

impl Default for PageState {
    fn default() -> Self {
        Self {
            base: Code::btc(),
            amount: Amount::ONE,
            quotation: None,
            digits: None,
            typed: None,
            kind: None,
            search: String::new(),
            symbols: Vec::new(),
            sort: Column::Popularity.first_sort(),
            wallboard: false,
            rotate: Some(Paging::SECONDS),
            symbol: None,
            span: Span::Day,
            compare: None,
            language: None,
            #[cfg(feature = "ssr")]
            date: None,
        }
    }
}

impl PageState {
    /// Sets the text in the field of the amount, and the base if the text names one. The last valid amount stays
    /// until there is a new one.
    #[must_use]
    pub fn with_typed(self, text: String, style: &NumberStyle, snapshot: &Snapshot) -> Self {
        let base = |currency: &str| match currency {
            "" => Some(self.base.clone()),
            currency => self.currency(currency, snapshot),
        };
        let read = style.read(&text);
        let read = read.and_then(|read| Some((base(read.currency)?, read)));
        let (base, amount, read_as) = match read {
            Some((base, TypedAmount { amount, currency: "", foreign: false })) => {
                (base, amount, ReadAs::Typed)
            }
            Some((base, TypedAmount { amount, .. })) => (base, amount, ReadAs::Told),
            None if text.trim().is_empty() => (self.base, self.amount, ReadAs::Empty),
            None => (self.base, self.amount, ReadAs::Nothing),
        };
        Self { base, amount, typed: Some(Typed { text, read_as }), ..self }
    }

    /// Returns the currency with this code or sign. A sign of several stands for the base, else for the most
    /// popular one.
    fn currency(&self, text: &str, snapshot: &Snapshot) -> Option<Code> {
        let has_sign = |code: &Code| snapshot.get(code).is_some_and(|rate| rate.unit == text);
        (text.parse().ok())
            .filter(|code| snapshot.get(code).is_some())
            .or_else(|| Some(self.base.clone()).filter(has_sign))
            .or_else(|| {
                let with_sign = snapshot.rates().iter().filter(|rate| rate.unit == text);
                Some(with_sign.min_by_key(|rate| rate.code.popularity())?.code.clone())
            })
    }

    /// Returns the state that these rates can show: without a base and currencies that they lack. The reader's
    /// choice stays what it was, for when they have it again.
    pub fn shown(&self, snapshot: &Snapshot) -> Cow<'_, Self> {
        let lacks = |code: &Code| snapshot.get(code).is_none();
        let mut state = Cow::Borrowed(self);
        if lacks(&self.base) {
            // The amount was not meant in bitcoin.
            let state = state.to_mut();
            (state.base, state.amount) = (Code::btc(), Amount::ONE);
        }
        if self.symbol.as_ref().is_some_and(lacks) {
            state.to_mut().symbol = None;
        }
        if self.symbols.iter().any(lacks) {
            state.to_mut().symbols.retain(|code| !lacks(code));
        }
        state
    }

    /// Returns the direction of all quotes. Of money, readers want to know the price of the rest, until they type
    /// an amount; of a coin, what it is worth.
    pub fn quotation(&self, snapshot: &Snapshot) -> Quotation {
        let is_money = |rate: &Rate| rate.kind == RateType::Fiat;
        self.quotation.unwrap_or_else(|| {
            if self.amount == Amount::ONE && snapshot.get(&self.base).is_some_and(is_money) {
                Quotation::Direct
            } else {
                Quotation::Inverse
            }
        })
    }

    /// Returns the state with another base. The direction of quotes was chosen for the one before.
    #[must_use]
    pub fn with_base(self, base: Code) -> Self {
        Self { base, quotation: None, typed: None, ..self }
    }

    /// Returns the earlier day whose rates these are, as its address writes it.
    #[cfg(feature = "ssr")]
    pub fn day(&self) -> Option<&str> {
        self.date.as_ref().map(Date::as_str)
    }

    /// The browser has the rates of now only.
    #[cfg(not(feature = "ssr"))]
    pub fn day(&self) -> Option<&str> {
        None
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
        match self.symbol.clone() {
            Some(symbol) => {
                let base = Some(self.base.clone());
                Self { symbol: base, ..self.with_base(symbol) }
            }
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

    /// Returns the price of one of a currency or, as an inverse quote, what the amount of the base is worth in it.
    pub fn quote(&self, per: Rebased, rate: &Rate, quotation: Quotation) -> Quote {
        let quote = per.quoted(rate, quotation);
        match quotation {
            Quotation::Direct => quote,
            Quotation::Inverse => quote.times(self.amount.value()),
        }
    }

    /// Returns the currencies that the address names, in its format.
    pub fn symbols_text(&self) -> String {
        let symbols: Vec<_> = self.symbols.iter().map(Code::as_str).collect();
        symbols.join(",")
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::sources::sample;

    #[test]
    fn a_sign_of_several_stands_for_the_base_or_the_most_popular() {
        let (snapshot, style) = (sample::snapshot(), NumberStyle::default());
        for (base, typed, read) in [
            ("eur", "¥ 500", "jpy"),
            ("cny", "¥ 500", "cny"),
            ("eur", "$ 500", "usd"),
            ("cop", "$ 500", "cop"),
            ("eur", "500 kr", "sek"),
            ("eur", "500 nok", "nok"),
        ] {
            let state = PageState { base: base.parse().unwrap(), ..PageState::default() };
            let state = state.with_typed(typed.to_owned(), &style, &snapshot);
            assert_eq!(state.base.as_str(), read, "{typed} by {base}");
        }
    }
}
