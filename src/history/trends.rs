//! The last 24 hours of every rate as a small line, and its changes.

use std::{fmt::Write, time::Duration};

use super::{
    RecentHistory, STEP,
    change::{Moment, change, current, told_by_source},
};
use crate::{
    rates::{Code, Quotation, Rate, Snapshot, Span, Timestamp, Trend, Trends},
    store::Record,
};

/// The time that the line covers.
const DAY: Duration = Duration::from_secs(86_400);
/// Steps per point of the line: a point stands for two hours. Every page has all lines twice, as drawings
/// and as data, and they are a third of it.
const STEPS_EACH: usize = 4;
/// The distance between two points.
const WIDTH: usize = 8;
/// Where the highest value is drawn, with room above for half the line's width.
const TOP: f64 = 2.0;
/// How far below the highest value the lowest is drawn.
const HEIGHT: f64 = 20.0;

impl RecentHistory {
    /// Returns how the rates of `snapshot` have moved beside `base`.
    pub fn trends(&self, snapshot: &Snapshot, base: &Code, quotation: Quotation) -> Trends {
        let current = current(snapshot);
        let then =
            Trend::SPANS.map(|span| self.since(Moment::before(snapshot.last_updated(), span)));
        let drawing = Drawing { snapshot, base, quotation, steps: self.steps(), current };
        let mut any_told = false;
        let mut changes = |rate: &Rate| {
            let value = |record: &Record| record.quoted(&rate.code, base, quotation);
            let current = drawing.current.as_ref();
            let [hour, day, week] =
                then.each_ref().map(|then| Some(change(current, then, value)?.1));
            let told = || told_by_source(snapshot, current?, &rate.code, base, quotation);
            let told = if day.is_none() { told() } else { None };
            any_told |= told.is_some();
            [hour, day.or(told.map(|told| told.percent)), week]
        };
        let trend = |rate: &Rate| Trend {
            code: rate.code.clone(),
            changes: changes(rate),
            path: self.path(&drawing, rate),
        };
        let of = snapshot.rates().iter().map(trend).collect();
        let (base, since) = (base.clone(), self.begun());
        Trends { base, quotation, since, told_by_source: any_told, of }
    }

    /// Returns the change of the value of `code` over an hour, a day or a week, if the history can tell it.
    pub fn own_change(
        &self,
        snapshot: &Snapshot,
        span: Span,
        code: &Code,
        base: &Code,
        quotation: Quotation,
    ) -> Option<f64> {
        let then = self.since(Moment::before(snapshot.last_updated(), span));
        let value = |record: &Record| record.quoted(code, base, quotation);
        Some(change(current(snapshot).as_ref(), &then, value)?.1)
    }

    fn a_day_ago(&self) -> Timestamp {
        self.now - DAY
    }

    fn begun(&self) -> Option<Timestamp> {
        // The line goes back no more than 24 hours, even if an earlier record is the first.
        self.begins().map(|begins| begins.max(self.a_day_ago()))
    }

    fn path(&self, drawing: &Drawing, rate: &Rate) -> String {
        let Drawing { snapshot, base, quotation, .. } = *drawing;
        let value = |record: &Record| record.quoted(&rate.code, base, quotation);
        let mut values: Vec<Option<f64>> = (drawing.steps.chunks(STEPS_EACH))
            .map(|steps| steps.iter().rev().flatten().find_map(|record| value(record)))
            .collect();
        // The line ends with what is shown beside it, unless that is older than its last point.
        let last_point = self.last_step() - Duration::from_secs(STEP);
        let current = drawing.current.as_ref().filter(|record| record.time() >= last_point);
        if let (Some(current), Some(last)) = (current.and_then(value), values.last_mut()) {
            *last = Some(current);
        }
        let quote = snapshot.per(base).map(|per| per.quoted(rate, quotation));
        line(&values, quote.map_or(0.0, |quote| quote.error))
    }
}

/// What the lines of all rates are drawn from.
struct Drawing<'a> {
    snapshot: &'a Snapshot,
    base: &'a Code,
    quotation: Quotation,
    /// The last record of each step.
    steps: Vec<Option<&'a Record>>,
    /// The current rates without those carried forward.
    current: Option<Record>,
}

/// Draws values as an SVG path. Differences within their rounding, `error`, are drawn flat.
fn line(values: &[Option<f64>], error: f64) -> String {
    let known = || values.iter().copied().flatten();
    if known().count() < 2 {
        return String::new();
    }
    let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(0.0, f64::max));
    let flat = high - low <= 2.0 * error;
    let height = |value: f64| {
        let down = if flat { 0.5 } else { (high - value) / (high - low) };
        TOP + (down * HEIGHT).round()
    };
    let points: Vec<(usize, f64)> = (values.iter().enumerate())
        .filter_map(|(index, value)| Some((index, height((*value)?))))
        .collect();
    let mut path = String::new();
    for run in points.chunk_by(|(index, _), (next, _)| index + 1 == *next) {
        let Some((&(index, mut last), rest)) = run.split_first() else { continue };
        // Writing to a string does not fail.
        let _ = write!(path, "M{} {last}l", index * WIDTH);
        for (nth, &(_, y)) in rest.iter().enumerate() {
            let (before, dy) = (if nth > 0 { " " } else { "" }, y - last);
            // A minus needs no space before it.
            let space = if dy < 0.0 { "" } else { " " };
            let _ = write!(path, "{before}{WIDTH}{space}{dy}");
            last = y;
        }
        // A single point shows as a dot, because lines have round ends.
        if rest.is_empty() {
            path.push_str("0 0");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rates::SourceName,
        sources::sample,
        test_support::{at, dollars_of},
    };

    /// A full hour.
    const HOUR: u64 = 1_795_420_800;
    const NOW: u64 = HOUR + 2_100;
    const A_DAY: u64 = 86_400;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    fn snapshot(time: u64, dollars: f64) -> Snapshot {
        dollars_of(SourceName::Coingecko, at(time), dollars)
    }

    fn day(of: &[(u64, f64)]) -> RecentHistory {
        let empty = RecentHistory::empty(at(NOW));
        of.iter().fold(empty, |day, &(time, dollars)| day.with(&snapshot(time, dollars), at(NOW)))
    }

    fn dollars(day: &RecentHistory, current: &Snapshot) -> (Option<f64>, String) {
        let trends = day.trends(current, &Code::btc(), Quotation::Inverse);
        let dollars = trends.get(&code("usd")).unwrap();
        (dollars.change(Span::Day), dollars.path.clone())
    }

    #[test]
    fn lines_are_short() {
        let drawn = |values: &[f64]| {
            let values = values.iter().map(|v| Some(*v).filter(|v| *v > 0.0));
            line(&values.collect::<Vec<_>>(), 0.01)
        };
        assert_eq!(drawn(&[10.0, 11.0, 11.0, 8.0, 28.0]), "M0 20l8-1 8 0 8 3 8-20");
        assert_eq!(drawn(&[5.0, 5.0]), "M0 12l8 0");
        // Nothing but rounding.
        assert_eq!(drawn(&[5.0, 5.02, 5.01]), "M0 12l8 0 8 0");
        assert_eq!(drawn(&[0.0, 1.0, 2.0, 0.0, 0.0, 2.0, 1.0]), "M8 22l8-20M40 2l8 20");
        assert_eq!(drawn(&[1.0, 0.0, 2.0]), "M0 22l0 0M16 2l0 0");
        for short in [&[][..], &[0.0], &[1.0], &[0.0, 1.0, 0.0]] {
            assert_eq!(drawn(short), "");
        }
        assert_eq!(line(&[Some(1e-300), Some(1e300)], 0.0), "M0 22l8-20");
    }

    #[test]
    fn a_point_is_the_last_of_its_time_and_the_last_one_what_is_now() {
        let current = snapshot(NOW - 60, 90_000.0);
        let values = [
            (HOUR - 24 * 3_600, 70_000.0),
            (HOUR - 24 * 3_600 + 3_600, 80_000.0),
            (HOUR - 22 * 3_600, 85_000.0),
            (HOUR - 3_600, 80_000.0),
            (NOW - 400, 70_000.0),
        ];
        let (change, path) = dollars(&day(&values), &current);
        assert_eq!((change, &*path), (Some(12.5), "M0 22l8-10M88 22l8-20"));
        // Every rate has a trend, in the snapshot's order.
        let trends = day(&values).trends(&current, &Code::btc(), Quotation::Inverse);
        let codes = |trends: &Trends| -> Vec<Code> {
            trends.of.iter().map(|trend| trend.code.clone()).collect()
        };
        let rates: Vec<Code> = current.rates().iter().map(|rate| rate.code.clone()).collect();
        assert_eq!(codes(&trends), rates);
        assert_eq!(trends.since, Some(at(NOW - A_DAY)));
        // In dollars, bitcoin moves the other way, and the dollar not at all.
        let trends = day(&values).trends(&current, &code("usd"), Quotation::Inverse);
        let bitcoin = trends.get(&Code::btc()).unwrap();
        assert_eq!(
            (bitcoin.change(Span::Day), &*bitcoin.path),
            (Some(-11.11), "M0 2l8 11M88 2l8 20")
        );
        let dollar = trends.get(&code("usd")).unwrap();
        assert_eq!((dollar.change(Span::Day), &*dollar.path), (Some(0.0), "M0 12l8 0M88 12l8 0"));
        // Bitcoin's own units do not change, even if a source rounds them.
        let trends = day(&values).trends(&current, &code("sats"), Quotation::Inverse);
        let bits = trends.get(&code("bits")).unwrap();
        assert_eq!((bits.change(Span::Day), &*bits.path), (Some(0.0), "M0 12l8 0M88 12l8 0"));
        assert!(bits.change(Span::Day).unwrap().is_sign_positive());
    }

    #[test]
    fn a_change_is_that_of_24_hours_or_none() {
        let current = snapshot(NOW, 80_000.0);
        let change = |values: &[(u64, f64)]| dollars(&day(values), &current).0;
        let ago = NOW - A_DAY;
        assert_eq!(change(&[(ago, 64_000.0)]), Some(25.0));
        assert_eq!(change(&[(ago - 1_800, 64_000.0)]), Some(25.0));
        assert_eq!(change(&[(ago + 1_800, 64_000.0)]), Some(25.0));
        assert_eq!(change(&[(ago - 1_801, 64_000.0)]), None);
        assert_eq!(change(&[(ago + 1_801, 64_000.0)]), None);
        assert_eq!(change(&[]), None);
        // The nearest, on either side.
        assert_eq!(change(&[(ago - 400, 64_000.0), (ago + 300, 40_000.0)]), Some(100.0));
        assert_eq!(change(&[(ago - 400, 64_000.0), (ago + 500, 40_000.0)]), Some(25.0));
        // A tiny loss rounds to zero, without a minus.
        let none = change(&[(ago, 80_000.1)]).unwrap();
        assert!(none == 0.0 && none.is_sign_positive());
        // Rates are not compared with their own record.
        assert_eq!(dollars(&day(&[(ago, 64_000.0)]), &snapshot(ago, 64_000.0)).0, None);
    }

    #[test]
    fn changes_are_told_over_an_hour_a_day_and_a_week_in_both_directions() {
        let ago = [(3_700, 64_000.0), (A_DAY - 600, 100_000.0), (7 * A_DAY + 7_000, 160_000.0)];
        let day = day(&ago.map(|(ago, dollars)| (NOW - ago, dollars)));
        let current = snapshot(NOW, 80_000.0);
        let trends = |base: &str, quotation| day.trends(&current, &code(base), quotation);
        let changes = |trends: &Trends, of: &str| trends.get(&code(of)).unwrap().changes;
        // A bitcoin buys more dollars than an hour ago, so a dollar is worth less bitcoin.
        let inverse = trends("btc", Quotation::Inverse);
        assert_eq!(changes(&inverse, "usd"), [Some(25.0), Some(-20.0), Some(-50.0)]);
        let direct = trends("btc", Quotation::Direct);
        assert_eq!(changes(&direct, "usd"), [Some(-20.0), Some(25.0), Some(100.0)]);
        assert_eq!((inverse.quotation, direct.quotation), (Quotation::Inverse, Quotation::Direct));
        // The price of a bitcoin in dollars is what a bitcoin buys.
        let prices = trends("usd", Quotation::Direct);
        assert_eq!(changes(&prices, "btc"), changes(&inverse, "usd"));
        let line = |trends: &Trends, of: &str| trends.get(&code(of)).unwrap().path.clone();
        assert_eq!(line(&prices, "btc"), line(&inverse, "usd"));
        assert_ne!(line(&prices, "btc"), line(&direct, "usd"));
    }

    #[test]
    fn what_is_not_of_now_has_no_change_and_no_last_point() {
        let values = [(NOW - A_DAY, 64_000.0), (NOW - A_DAY + 7_200, 70_000.0)];
        let stand_in = dollars_of(SourceName::Sample, at(NOW), 80_000.0);
        let both = "M0 22l8-20";
        assert_eq!(dollars(&day(&values), &stand_in), (None, both.to_owned()));
        // Neither have values carried forward, nor values in units of one.
        let without = |time| snapshot(time, 80_000.0).without(&[code("usd")]);
        let older = without(NOW).carry_forward(&snapshot(NOW - 7_200, 75_000.0), |_| true);
        assert_eq!(dollars(&day(&values), &older), (None, both.to_owned()));
        let trends = day(&values).trends(&older, &code("usd"), Quotation::Inverse);
        assert!(trends.of.iter().all(|trend| trend.changes == [None; 3]));
        assert_eq!(trends.get(&Code::btc()).unwrap().path, "M0 2l8 20");
        // The line of old rates ends where they were taken.
        let old = snapshot(NOW - 7_200, 80_000.0);
        let (change, path) = dollars(&day(&values).with(&old, at(NOW)), &old);
        assert_eq!((change, &*path), (None, "M0 22l8-7M88 2l0 0"));
    }

    #[test]
    fn it_tells_since_when() {
        let since = |values| {
            day(values).trends(&sample::snapshot(), &Code::btc(), Quotation::Inverse).since
        };
        assert_eq!(since(&[]), None);
        assert_eq!(since(&[(NOW - 500, 1.0), (NOW - 7_200, 1.0)]), Some(at(NOW - 7_200)));
        // The first of a half hour, in whatever order they are added.
        assert_eq!(since(&[(NOW - 200, 1.0), (NOW - 100, 1.0)]), Some(at(NOW - 200)));
        assert_eq!(since(&[(NOW - 100, 1.0), (NOW - 200, 1.0)]), Some(at(NOW - 200)));
        assert_eq!(since(&[(NOW - A_DAY - 600, 1.0)]), Some(at(NOW - A_DAY)));
        assert_eq!(since(&[(NOW - A_DAY - 9_000, 1.0)]), None);
    }
}
