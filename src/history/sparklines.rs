//! The last day of every rate, for small charts.

use std::{collections::BTreeMap, time::Duration};

use super::{RecentHistory, STEP};
use crate::{
    rates::{Code, Quotation, Rate, Snapshot, SourceName, Timestamp, to_digits},
    store::Record,
};

/// A day in steps of half an hour.
const POINTS: usize = 48;
/// From the start of the first step to the start of the last.
const TO_LAST: Duration = Duration::from_secs(STEP * (POINTS as u64 - 1));
/// Significant digits: more than a small chart can show, and less than half of a double's.
const DIGITS: usize = 6;

/// The last values of every rate.
pub struct Sparklines<'a> {
    /// When the first step begins.
    pub from: Timestamp,
    /// When the last step ends, which is in the future.
    pub to: Timestamp,
    /// The last value of each step, by code.
    pub series: BTreeMap<&'a str, Vec<Option<f64>>>,
}

impl RecentHistory {
    /// Returns the values of the rates in `snapshot` beside `base`.
    pub fn sparklines<'a>(
        &self,
        snapshot: &'a Snapshot,
        base: &Code,
        quotation: Quotation,
    ) -> Sparklines<'a> {
        let last = self.last_step();
        // Another replica may have written a newer record than the current rates.
        let current = snapshot.last_updated() >= last && snapshot.source() != SourceName::Sample;
        let per = snapshot.per(base).filter(|_| current);
        let steps = self.steps();
        let steps = &steps[steps.len().saturating_sub(POINTS)..];
        let line = |rate: &'a Rate| {
            let value = per.filter(|per| per.carried_forward(rate).is_none());
            let value = value.map(|per| per.quoted(rate, quotation).value);
            let past = |record: &Record| record.quoted(&rate.code, base, quotation);
            let mut line: Vec<_> = steps.iter().map(|record| past((*record)?)).collect();
            if let Some(last) = line.last_mut().filter(|_| value.is_some()) {
                *last = value;
            }
            let round = |value: Option<f64>| value.map(|value| to_digits(value, DIGITS));
            (rate.code.as_str(), line.into_iter().map(round).collect())
        };
        Sparklines {
            from: last - TO_LAST,
            to: last + Duration::from_secs(STEP),
            series: snapshot.rates().iter().map(line).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        sources::sample,
        test_support::{at, with_dollars},
    };

    #[test]
    fn each_step_shows_its_last_value() {
        let first = at(1_800_000);
        let snapshot = |step: u64, dollars: f64, euros: bool| {
            let time = first + Duration::from_secs(STEP * step + 7);
            let euro = "eur".parse().unwrap();
            let lacks = if euros { &[] } else { std::slice::from_ref(&euro) };
            with_dollars(time, dollars).without(lacks)
        };
        let now = first + TO_LAST;
        let day = RecentHistory::empty(now).with(&snapshot(0, 70_000.0, true), now);
        // The later of two in a step, completed by the earlier.
        let day =
            day.with(&snapshot(1, 71_000.0, true), now).with(&snapshot(1, 72_000.0, false), now);
        let day = day.with(&snapshot(47, 73_000.0, true), now);
        let lines = |current: &Snapshot| {
            let Sparklines { from, to, series } =
                day.sparklines(current, &Code::btc(), Quotation::Inverse);
            assert_eq!((from, to), (first, first + Duration::from_secs(86_400)));
            assert_eq!(series["usd"].len(), 48);
            [&series["usd"], &series["eur"]].map(|line| [line[0], line[1], line[2], line[47]])
        };
        let euro = Some(65_223.4);
        let [usd, eur] = lines(&snapshot(47, 74_000.0, true));
        assert_eq!(usd, [Some(70_000.0), Some(72_000.0), None, Some(74_000.0)]);
        assert_eq!(eur, [euro, euro, None, euro]);
        // Old rates are not the last value.
        assert_eq!(lines(&snapshot(46, 74_000.0, true))[0][3], Some(73_000.0));
        let (sample, empty) = (sample::snapshot(), RecentHistory::empty(now));
        assert_eq!(
            empty.sparklines(&sample, &Code::btc(), Quotation::Inverse).series["usd"][47],
            None
        );
    }
}
