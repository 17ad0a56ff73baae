//! The currency in detail and the base.

use leptos::prelude::*;

use crate::{
    app::{model::Model, time},
    rates::{Code, Quote, Remark},
};

/// What is shown of a currency, apart from its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub symbol: Code,
    pub base: Code,
    /// `US Dollar per Bitcoin`
    pub name: String,
    /// Units of the base.
    pub amount: f64,
    /// What they are worth.
    pub quote: Quote,
    /// The same as text, with the currency: `75,817.76 USD`.
    pub value: String,
    /// `1 USD = 0.00001318952 BTC`
    pub inverse: String,
    /// Source and time of the value, if it was carried forward.
    pub stale: Option<String>,
    pub remark: Option<&'static str>,
}

impl Pair {
    /// Returns what the reader looks at; `None` if that is no single currency.
    pub fn of(model: Model) -> Option<Self> {
        let snapshot = model.snapshot()?;
        let state = model.state.read();
        let state = state.shown(&snapshot);
        let (rate, base) = (snapshot.get(state.symbol.as_ref()?)?, snapshot.get(&state.base)?);
        let (per_base, per_symbol) = (snapshot.per(&base.code)?, snapshot.per(&rate.code)?);
        let amount = state.amount.value();
        let quote = per_base.quote(rate).times(amount);
        let (symbol, of_base) = (rate.code.shown(), base.code.shown());
        let defunct = |remark: &Remark| *remark == Remark::Defunct;
        let remark = rate.code.remark().or_else(|| base.code.remark().filter(defunct));
        let origin = per_base.carried_forward(rate);
        Some(Self {
            symbol: rate.code.clone(),
            base: base.code.clone(),
            amount,
            name: format!("{} per {}", rate.name, base.name),
            quote,
            value: format!("{} {symbol}", model.figure(quote)),
            inverse: format!("1 {symbol} = {} {of_base}", model.figure(per_symbol.quote(base))),
            stale: origin.map(|origin| time::stale(origin, model.hydrated.get())),
            remark: remark.map(Remark::reason),
        })
    }
}
