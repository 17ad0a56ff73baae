//! The rows of the table, which are also the tiles of the wallboard.

use leptos::prelude::*;

use super::{change::change, model::Model};
use crate::rates::{Code, FormattedNumber, Origin, Rate, RateType};

/// One rate, as a row or a tile.
pub struct Row {
    pub code: Code,
    pub name: String,
    pub kind: RateType,
    pub unit: String,
    /// What the amount of the base is worth in this currency.
    pub value: FormattedNumber,
    /// The origin of the value if it was carried forward.
    pub held: Option<Origin>,
    /// What makes the currency special: a label, and the reason.
    pub remark: Option<(&'static str, &'static str)>,
    /// `up`, `down` or empty.
    pub direction: &'static str,
    pub change: String,
    /// The line of the last day; see [`crate::rates::Trend::path`].
    pub line: String,
    pub pinned: bool,
    /// A link to the detail view.
    pub href: String,
}

/// Returns the rows to show, in order.
pub fn rows(model: Model) -> Vec<Row> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    let trends = model.trends();
    let trends = trends.as_deref();
    model.state.with(|state| {
        let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
        // Trends in another base are about to be replaced.
        let lines = trends.filter(|trends| trends.base == state.base);
        let detail = state.details();
        model.reader.with(|reader| {
            let row = |rate: &Rate| {
                let trend = lines.and_then(|trends| trends.get(&rate.code));
                let (direction, change) = change(trend, reader);
                Row {
                    name: rate.name.clone(),
                    kind: rate.kind,
                    unit: rate.unit.clone(),
                    value: reader.style.write(&state.quote(per, rate)),
                    held: per.carried_forward(rate),
                    direction,
                    change,
                    line: trend.map(|trend| trend.path.clone()).unwrap_or_default(),
                    pinned: reader.favourites.contains(&rate.code),
                    href: detail(&rate.code),
                    remark: rate.code.remark().map(|r| (r.label(&state.base), r.reason())),
                    code: rate.code.clone(),
                }
            };
            let rates = state.select(&snapshot, trends, &reader.favourites);
            rates.into_iter().map(row).collect()
        })
    })
}
