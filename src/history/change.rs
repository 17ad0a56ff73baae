//! The one rule for changes over a span of time.
//!
//! A change compares the current value with the one that is nearest in time to one span before. Rows, charts,
//! tiles and the API all have it from here, so they tell the same number.

use std::time::Duration;

use crate::{
    rates::{Code, Point, Quotation, Snapshot, SourceName, Span, Timestamp},
    store::Record,
};

/// The time that a change is measured from, and how far from it a value may be.
#[derive(Clone, Copy)]
pub struct Moment {
    time: Timestamp,
    tolerance: u64,
}

impl Moment {
    /// Returns the moment one span before rates that were taken at this time.
    pub fn before(taken: Timestamp, span: Span) -> Self {
        Self { time: taken - Duration::from_secs(span.seconds()), tolerance: tolerance(span) }
    }

    /// Returns the first time that is near enough.
    pub fn earliest(self) -> Timestamp {
        self.time - Duration::from_secs(self.tolerance)
    }

    pub fn is_near(self, time: Timestamp) -> bool {
        self.distance(time) <= self.tolerance
    }

    /// Returns the records that are near enough, the nearest first.
    pub fn nearest<'a>(self, records: impl Iterator<Item = &'a Record>) -> Vec<&'a Record> {
        let mut near: Vec<&Record> = records.filter(|it| self.is_near(it.time())).collect();
        // Of two as near the earlier counts.
        near.sort_by_key(|record| (self.distance(record.time()), record.time()));
        near
    }

    fn distance(self, time: Timestamp) -> u64 {
        time.unix_seconds().abs_diff(self.time.unix_seconds())
    }
}

/// Returns how many seconds from the beginning of a span a value may be, to count as that of then. Rates come every
/// five minutes, or once an hour where the history is filled from elsewhere; the rest is for short outages.
pub fn tolerance(span: Span) -> u64 {
    match span {
        Span::Hour => 600,
        Span::Day => 1_800,
        Span::Week => 7_200,
        Span::Month => 21_600,
    }
}

/// Returns the values that changes and lines end with: not those carried forward, and none of the sample.
pub fn current(snapshot: &Snapshot) -> Option<Record> {
    (snapshot.source() != SourceName::Sample).then(|| Record::of(snapshot))
}

/// Returns the value of then, and the change since in percent to two decimals.
///
/// `then` has the records to compare with, the best first, and `value` picks from a record what is compared.
pub fn change(
    current: Option<&Record>,
    then: &[&Record],
    value: impl Fn(&Record) -> Option<f64>,
) -> Option<(Point, f64)> {
    let now = value(current?)?;
    let point = |record: &&Record| Some(Point { time: record.time(), value: value(record)? });
    let then = then.iter().find_map(point)?;
    let percent = ((now / then.value - 1.0) * 10_000.0).round() / 100.0;
    // Adding zero makes a negative zero positive.
    percent.is_finite().then_some((then, percent + 0.0))
}

/// A change over a day by the source's own account, and the value of then that follows from it.
pub struct Told {
    pub then: Point,
    pub percent: f64,
}

/// Returns the source's own change over a day of a value that is among the `current` ones. It counts where the
/// history can't tell one.
pub fn told_by_source(
    snapshot: &Snapshot,
    current: &Record,
    code: &Code,
    base: &Code,
    quotation: Quotation,
) -> Option<Told> {
    let changes = snapshot.day_changes()?;
    let percent = changes.change(code, base, quotation)?;
    let value = current.quoted(code, base, quotation)? / (1.0 + percent / 100.0);
    let time = changes.time() - Duration::from_secs(Span::Day.seconds());
    value.is_finite().then_some(Told { then: Point { time, value }, percent })
}
