//! What the table shows of each rate, and the wallboard, too.

use std::sync::Arc;

use leptos::prelude::*;

use super::{change::change, reader::Reader, state::PageState, time};
use crate::rates::{Code, FormattedNumber, Rate, RateType, Snapshot, Trends};

/// One rate, as a row of the table or a tile of the wallboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub code: Code,
    pub name: String,
    pub kind: RateType,
    pub unit: String,
    /// What the amount of the base is worth in this currency.
    pub value: FormattedNumber,
    /// Source and time of the value, if it was carried forward.
    pub stale: Option<String>,
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
pub fn rows(
    snapshot: &Snapshot,
    trends: Option<&Trends>,
    state: &PageState,
    reader: &Reader,
    hydrated: impl Fn() -> bool,
) -> Vec<Arc<Row>> {
    let state = state.shown(snapshot);
    let details = state.details();
    let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
    // Trends in another base are about to be replaced.
    let lines = trends.filter(|trends| trends.base == state.base);
    let row = |rate: &Rate| {
        let trend = lines.and_then(|trends| trends.get(&rate.code));
        let (direction, change) = change(trend, reader);
        Arc::new(Row {
            code: rate.code.clone(),
            name: rate.name.clone(),
            kind: rate.kind,
            unit: rate.unit.clone(),
            value: reader.style.write(&state.quote(per, rate)),
            stale: per.carried_forward(rate).map(|origin| time::stale(origin, hydrated())),
            remark: rate.code.remark().map(|r| (r.label(&state.base), r.reason())),
            direction,
            change,
            line: trend.map(|trend| trend.path.clone()).unwrap_or_default(),
            pinned: reader.favourites.contains(&rate.code),
            href: details(&rate.code),
        })
    };
    state.select(snapshot, trends, &reader.favourites).into_iter().map(row).collect()
}

/// Follows one row of the list through its changes. One that leaves the list keeps its content, because its
/// view is removed a moment later.
pub fn follow(rows: Memo<Vec<Arc<Row>>>, row: Arc<Row>) -> Signal<Arc<Row>> {
    // Nothing changes on the server.
    if is_server() {
        return Signal::stored(row);
    }
    let memo = Memo::new(move |before: Option<&Arc<Row>>| {
        let same = |other: &&Arc<Row>| other.code == row.code;
        Arc::clone(rows.read().iter().find(same).or(before).unwrap_or(&row))
    });
    memo.into()
}
