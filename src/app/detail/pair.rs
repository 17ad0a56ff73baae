//! The currency in detail and the base.

use leptos::prelude::*;

use crate::{
    app::{model::Model, row, time},
    rates::{Amount, Code, PriceAlert, Quotation, Quote, Remark},
};

/// What is shown of a currency, apart from its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub symbol: Code,
    pub base: Code,
    pub quotation: Quotation,
    /// `US Dollar per Bitcoin`
    pub name: String,
    /// How much of one of them is priced.
    pub amount: f64,
    /// What that is worth in the other.
    pub quote: Quote,
    /// Both as text: `1 BTC = `
    pub measure: String,
    /// `75,817.76 USD`
    pub value: String,
    /// `1 USD = 0.00001318952 BTC`
    pub inverse: String,
    /// Source and time of the value, if it was carried forward.
    pub stale: Option<String>,
    pub remark: Option<&'static str>,
}

impl Pair {
    pub fn is_of(&self, alert: &PriceAlert) -> bool {
        self.codes() == (&alert.base, &alert.quote)
    }

    /// Returns the currency that is priced, and the one that its price is in.
    pub fn codes(&self) -> (&Code, &Code) {
        match self.quotation {
            Quotation::Direct => (&self.symbol, &self.base),
            Quotation::Inverse => (&self.base, &self.symbol),
        }
    }

    /// Returns what the reader looks at; `None` if that is no single currency.
    pub fn of(model: Model) -> Option<Self> {
        let (snapshot, texts) = (model.snapshot()?, model.texts);
        let state = model.state.read();
        let state = state.shown(&snapshot);
        let (rate, base) = (snapshot.get(state.symbol.as_ref()?)?, snapshot.get(&state.base)?);
        let (per_base, per_symbol) = (snapshot.per(&base.code)?, snapshot.per(&rate.code)?);
        let quotation = state.quotation(&snapshot);
        let quote = state.quote(per_base, rate, quotation);
        // What is priced, and what its price is in.
        let (priced, unit, amount, inverse) = match quotation {
            Quotation::Direct => (rate, base, Amount::ONE, per_base.quote(rate)),
            Quotation::Inverse => (base, rate, state.amount, per_symbol.quote(base)),
        };
        let defunct = |remark: &Remark| *remark == Remark::Defunct;
        let remark =
            rate.code.remark_beside(&base.code).or_else(|| base.code.remark().filter(defunct));
        let origin = per_base.carried_forward(rate);
        let (of_priced, of_unit) = (priced.code.shown(), unit.code.shown());
        Some(Self {
            symbol: rate.code.clone(),
            base: base.code.clone(),
            quotation,
            amount: amount.value(),
            name: texts.format(
                "pair",
                &[("unit", (&*texts.name(unit)).into()), ("priced", (&*texts.name(priced)).into())],
            ),
            quote,
            measure: format!("{} {of_priced} = ", model.number(&amount.written())),
            value: format!("{} {of_unit}", model.figure(quote)),
            inverse: format!("1 {of_unit} = {} {of_priced}", model.figure(inverse)),
            stale: origin.map(|origin| time::stale(origin, model.local.get(), texts)),
            remark: remark.map(|remark| row::why(remark, texts)),
        })
    }
}
