//! What the table shows of each rate, and the wallboard, too.

use std::sync::Arc;

use leptos::prelude::*;

use super::{change::change, reader::Reader, state::PageState, text, texts::Texts, time};
use crate::rates::{
    Code, FormattedNumber, Quotation, Rate, RateType, Rebased, Remark, Snapshot, Trend, Trends,
};

/// One rate, as a row of the table or a tile of the wallboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub code: Code,
    pub name: String,
    pub kind: RateType,
    pub unit: String,
    /// What the amount of the base is worth in this currency.
    pub value: FormattedNumber,
    /// What makes the currency special, and source and time of a value that was carried forward, as HTML.
    pub notes: String,
    /// The direction, which is `up`, `down` or empty, and the change over each of [`Trend::SPANS`].
    pub changes: [(&'static str, String); 3],
    /// The line of the last day; see [`crate::rates::Trend::path`].
    pub line: String,
    /// The label of the button that pins it.
    pub pin: String,
    pub pinned: bool,
    /// Whether it is shown in detail.
    pub open: bool,
    /// A link to the detail view.
    pub href: String,
    /// The number of the list that it is in; see [`in_a_list`].
    pub list: u32,
}

/// What rows are made from, all for the same state of the page.
pub struct Rows<'a> {
    per: Rebased<'a>,
    /// The last day of all rates, unless it is about to be replaced by that of another base or direction.
    trends: Option<&'a Trends>,
    state: &'a PageState,
    quotation: Quotation,
    reader: &'a Reader,
    local: &'a dyn Fn() -> bool,
    texts: Texts,
}

impl Row {
    /// Returns the direction and the change over 24 hours.
    pub fn change(&self) -> (&'static str, String) {
        let [_, day, _] = &self.changes;
        day.clone()
    }
}

impl<'a> Rows<'a> {
    /// `state` is one that the snapshot can show; see [`PageState::shown`].
    pub fn new(
        snapshot: &'a Snapshot,
        trends: Option<&'a Trends>,
        state: &'a PageState,
        reader: &'a Reader,
        local: &'a dyn Fn() -> bool,
        texts: Texts,
    ) -> Option<Self> {
        let quotation = state.quotation(snapshot);
        let are_of_it =
            |trends: &&Trends| trends.base == state.base && trends.quotation == quotation;
        let (per, trends) = (snapshot.per(&state.base)?, trends.filter(are_of_it));
        Some(Self { per, trends, state, quotation, reader, local, texts })
    }

    /// Returns the rows for these rates.
    pub fn of(&self, rates: &[&Rate]) -> Vec<Arc<Row>> {
        let details = self.state.details();
        let (before, after) = self.texts.around("pin", "code");
        let row = |rate: &&Rate| {
            let trend = self.trends.and_then(|trends| trends.get(&rate.code));
            let changes = Trend::SPANS.map(|span| change(trend, span, self.reader));
            let quote = self.state.quote(self.per, rate, self.quotation);
            Arc::new(Row {
                code: rate.code.clone(),
                name: self.texts.name(rate).into_owned(),
                kind: rate.kind,
                unit: rate.unit.clone(),
                value: self
                    .reader
                    .style
                    .write(&quote.written(self.state.digits.unwrap_or_default())),
                notes: self.notes(rate),
                changes,
                line: trend.map(|trend| trend.path.clone()).unwrap_or_default(),
                pin: format!("{before}{}{after}", rate.code.shown()),
                pinned: self.reader.favourites.contains(&rate.code),
                open: self.state.symbol.as_ref() == Some(&rate.code),
                href: details(&rate.code),
                list: 0,
            })
        };
        rates.iter().map(row).collect()
    }
}

impl Rows<'_> {
    fn notes(&self, rate: &Rate) -> String {
        let base = &self.state.base;
        let remark = rate.code.remark_beside(base).map(|remark| {
            let (label, reason) = (label(remark, base, self.texts), why(remark, self.texts));
            format!("<small class=remark title=\"{reason}\">{label}</small>")
        });
        let origin = self.per.carried_forward(rate);
        let stale = origin.map(|origin| time::stale(origin, (self.local)(), self.texts));
        remark.unwrap_or_default() + &text::stale(stale.as_deref())
    }
}

/// Returns the label of a remark. Units of bitcoin are constant only if `base` is one of them.
fn label(remark: Remark, base: &Code, texts: Texts) -> &'static str {
    texts.get(match remark {
        Remark::Constant if !base.is_constant() => "unit-of-bitcoin",
        Remark::Constant => "constant",
        Remark::Defunct => "frozen",
    })
}

/// Returns the reason of a remark as a sentence.
pub fn why(remark: Remark, texts: Texts) -> &'static str {
    texts.get(match remark {
        Remark::Constant => "constant-why",
        Remark::Defunct => "frozen-why",
    })
}

/// Returns the word for a type of rate.
pub fn kind_label(kind: RateType, texts: Texts) -> &'static str {
    texts.get(match kind {
        RateType::Crypto => "type-crypto",
        RateType::Fiat => "type-fiat",
        RateType::Commodity => "type-commodity",
    })
}

/// Numbers the list that follows `before`. It is another one if rows have come or gone and others have changed
/// places, so that `<For>` makes all of them anew: tachys 0.2.19 leaves some in the wrong place then (`diff` in its
/// `view/keyed.rs` takes a row for unmoved that has moved as far as rows were added before it).
pub fn in_a_list(mut rows: Vec<Arc<Row>>, before: &[Arc<Row>]) -> Vec<Arc<Row>> {
    let Some(list) = before.first().map(|row| row.list) else { return rows };
    let stayed = |rows: &[Arc<Row>], others: &[Arc<Row>]| {
        let is_in_both = |row: &&Arc<Row>| others.iter().any(|other| other.code == row.code);
        rows.iter().filter(is_in_both).map(|row| row.code.clone()).collect::<Vec<_>>()
    };
    let (earlier, now) = (stayed(before, &rows), stayed(&rows, before));
    let others = now.len() < before.len() || now.len() < rows.len();
    let list = if others && now != earlier { list + 1 } else { list };
    for row in &mut rows {
        Arc::make_mut(row).list = list;
    }
    rows
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
