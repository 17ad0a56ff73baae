//! The chart on the page: what one currency was worth in another over a span of time.

use std::time::Duration;

use super::{
    Bucket, History, PATIENCE, RecentHistory, Series, Steps,
    change::{Moment, change, current, told_by_source},
};
use crate::{
    rates::{
        Chart, Code, Point, Quotation, Snapshot, SourceName, Span, Timestamp, Trend, to_digits,
    },
    store::Record,
};

/// Significant digits: more than a chart can show, and little more than half of a double's.
const DIGITS: usize = 9;

/// Identifies a chart among those of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChartKey {
    pub symbol: Code,
    pub base: Code,
    pub quotation: Quotation,
    pub span: Span,
}

impl History {
    /// Reads the chart that ends with the rates of `snapshot`. Returns `None` if the snapshot lacks one of
    /// the currencies, or if the history could not be read.
    pub async fn chart(
        &self,
        snapshot: &Snapshot,
        recent: &RecentHistory,
        key: &ChartKey,
        now: Timestamp,
    ) -> Option<Chart> {
        let ChartKey { symbol, base, quotation, span } = key.clone();
        snapshot.get(&symbol).and(snapshot.get(&base))?;
        let from = now - Duration::from_secs(span.seconds());
        let steps = Steps::new(Timestamp::from_unix_seconds(0), span.step());
        let series = Series { symbol, base, quotation, steps };
        // Changes that rows tell, too, are measured from what is in memory, as theirs are; others from the store.
        let then = Moment::before(snapshot.last_updated(), span);
        let is_recent = Trend::SPANS.contains(&span);
        let begin = if is_recent { from } else { from.min(then.earliest()) };
        let add = move |(series, near): &mut (Series, Vec<Record>), record: Record| {
            if !is_recent && then.is_near(record.time()) {
                near.push(record.clone());
            }
            if record.time() >= from {
                series.add_record(record);
            }
        };
        let ((mut series, near), complete) =
            self.fold(begin..=now, now, PATIENCE, (series, Vec::new()), add).await.ok()?;
        let near = if is_recent { recent.since(then) } else { then.nearest(near.iter()) };
        let value = |record: &Record| record.quoted(&key.symbol, &key.base, quotation);
        let current = current(snapshot);
        let told = || {
            let current = current.as_ref().filter(|_| span == Span::Day)?;
            let told = told_by_source(snapshot, current, &key.symbol, &key.base, quotation)?;
            Some((told.then, told.percent))
        };
        let change = change(current.as_ref(), &near, value).or_else(told);
        // The record of the current rates may not be written yet.
        let taken = snapshot.last_updated();
        let is_newer = |bucket: &Bucket| bucket.last.time < taken;
        if snapshot.source() != SourceName::Sample
            && taken >= from
            && series.buckets().next_back().is_none_or(is_newer)
        {
            // The clock of another replica may be a little ahead.
            series.add(taken.min(now), &Record::of(snapshot));
        }
        let round = |point: Point| Point { value: to_digits(point.value, DIGITS), ..point };
        let whole = series.buckets().copied().reduce(Bucket::join);
        Some(Chart {
            points: series.buckets().map(|bucket| round(bucket.last)).collect(),
            symbol: series.symbol,
            base: series.base,
            quotation,
            span,
            from,
            to: now,
            low: whole.map(|whole| round(whole.low)),
            high: whole.map(|whole| round(whole.high)),
            since: change.map(|(then, _)| round(then)),
            change: change.map(|(_, percent)| percent),
            complete,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        store::{ResilientStore, StoreUrl},
        test_support::{at, dollars_of, snapshot, with_dollars},
    };

    /// A full hour.
    const HOUR: u64 = 1_795_420_800;
    const NOW: u64 = HOUR + 1_000;

    /// The history, its last day, and the current rates.
    type World = (History, RecentHistory, Snapshot);

    async fn world(records: &[(u64, f64)], current: Snapshot) -> World {
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(30 * 86_400));
        for &(time, dollars) in records {
            store.put(&live(time, dollars), at(NOW));
        }
        let history = History::new(Arc::new(store));
        let recent = history.recent(at(NOW), PATIENCE).await.unwrap();
        (history, recent, current)
    }

    fn live(time: u64, dollars: f64) -> Snapshot {
        with_dollars(at(time), dollars)
    }

    async fn quoted(world: &World, pair: [&str; 2], by: Quotation, span: Span) -> Option<Chart> {
        let (history, recent, current) = world;
        let [symbol, base] = pair.map(|code| code.parse().unwrap());
        let key = ChartKey { symbol, base, quotation: by, span };
        history.chart(current, recent, &key, at(NOW)).await
    }

    async fn of(world: &World, symbol: &str, base: &str, span: Span) -> Option<Chart> {
        quoted(world, [symbol, base], Quotation::Inverse, span).await
    }

    async fn dollars(world: &World, span: Span) -> Chart {
        of(world, "usd", "btc", span).await.unwrap()
    }

    fn point(time: u64, value: f64) -> Point {
        Point { time: at(time), value }
    }

    const RECORDS: [(u64, f64); 7] = [
        (NOW - 3_601, 10.0),
        (NOW - 3_600, 40.0),
        (HOUR - 301, 90.0),
        (HOUR - 1, 50.0),
        (HOUR, 80.0),
        (HOUR + 100, 30.0),
        (HOUR + 299, 60.123_456_789_12),
    ];

    #[tokio::test]
    async fn a_point_is_the_last_value_of_its_step() {
        let chart = dollars(&world(&RECORDS, live(NOW - 1, 70.0)).await, Span::Hour).await;
        assert_eq!((chart.from, chart.to, chart.complete), (at(NOW - 3_600), at(NOW), true));
        let points = [
            point(NOW - 3_600, 40.0),
            point(HOUR - 301, 90.0),
            point(HOUR - 1, 50.0),
            point(HOUR + 299, 60.123_456_8),
            point(NOW - 1, 70.0),
        ];
        assert_eq!(chart.points, points);
        // Low and high include records that are not points.
        assert_eq!((chart.low, chart.high), (Some(point(HOUR + 100, 30.0)), Some(points[1])));
        // Steps of any length are aligned to the clock.
        let chart = dollars(&world(&RECORDS, live(NOW - 1, 70.0)).await, Span::Week).await;
        let step = Span::Week.step();
        let steps = chart.points.iter().map(|point| point.time.unix_seconds() / step);
        assert!(steps.is_sorted_by(|a, b| a < b));
        assert_eq!(chart.points.last(), Some(&point(NOW - 1, 70.0)));
        assert_eq!(chart.low, Some(point(NOW - 3_601, 10.0)));
    }

    #[tokio::test]
    async fn the_current_rates_are_the_last_point() {
        let last = async |current| {
            let chart = dollars(&world(&RECORDS, current).await, Span::Hour).await;
            (chart.points.last().copied(), chart.low.unwrap().value, chart.high.unwrap().value)
        };
        let written = Some(point(HOUR + 299, 60.123_456_8));
        // Here they are in a step of their own, and the lowest value.
        let other = (HOUR + 300, 20.0);
        assert_eq!(last(live(other.0, other.1)).await, (Some(point(other.0, 20.0)), 20.0, 90.0));
        // Ahead by the clock of another replica.
        assert_eq!(last(live(NOW + 9, 95.0)).await, (Some(point(NOW, 95.0)), 30.0, 95.0));
        // Not if they are written already or older than the last record, and not the sample.
        assert_eq!(last(live(HOUR + 299, 1.0)).await, (written, 30.0, 90.0));
        assert_eq!(last(live(HOUR + 200, 1.0)).await, (written, 30.0, 90.0));
        let sample = dollars_of(SourceName::Sample, at(NOW), 1.0);
        assert_eq!(last(sample).await, (written, 30.0, 90.0));
        // Nor a rate that is carried forward.
        let older = live(NOW, 1.0).without(&["usd".parse().unwrap()]);
        let older = older.carry_forward(&live(NOW - 900, 1.0), |_| true);
        assert_eq!(last(older).await, (written, 30.0, 90.0));
        // Rates from before the chart are not on it.
        let old = dollars(&world(&[], live(NOW - 3_601, 1.0)).await, Span::Hour).await;
        assert_eq!((old.points.len(), old.low, old.high), (0, None, None));
    }

    #[tokio::test]
    async fn its_change_is_that_of_the_row() {
        // Every rate moves on its own.
        let moved = |time: u64| {
            snapshot(SourceName::Coingecko, at(time), |rate| {
                let name: u64 = rate.code.as_str().bytes().map(u64::from).sum();
                let by = u32::try_from((time * 31 + name * 7_919) % 1_000).unwrap();
                let by = if rate.code.is_constant() { 0 } else { by };
                rate.value * (1.0 + f64::from(by) / 5_000.0)
            })
        };
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(31 * 86_400));
        let taken = NOW - 20;
        // The nearest comes after the moment, and beside it is one that is a little farther from it.
        for span in Span::ALL {
            for time in [taken - span.seconds() - 250, taken - span.seconds() + 140] {
                store.put(&moved(time), at(NOW));
            }
        }
        let (history, current) = (History::new(Arc::new(store)), moved(taken));
        let recent = history.recent(at(NOW), PATIENCE).await.unwrap();
        let world = (history, recent, current);
        for (base, quotation) in
            [("btc", Quotation::Inverse), ("eur", Quotation::Direct), ("xau", Quotation::Inverse)]
        {
            let trends = world.1.trends(&world.2, &base.parse().unwrap(), quotation);
            for (trend, span) in trends.of.iter().flat_map(|it| Span::ALL.map(|span| (it, span))) {
                let pair = [trend.code.as_str(), base];
                let chart = quoted(&world, pair, quotation, span).await.unwrap();
                let since = chart.since.unwrap();
                assert_eq!(since.time, at(taken - span.seconds() + 140), "{pair:?} {span:?}");
                let now = chart.points.last().unwrap().value;
                let change = chart.change.unwrap();
                assert!((change - 100.0 * (now / since.value - 1.0)).abs() < 0.006, "{pair:?}");
                if span != Span::Month {
                    assert_eq!(trend.change(span), Some(change), "{pair:?} {span:?}");
                }
            }
        }
    }

    #[tokio::test]
    async fn without_a_value_of_then_or_of_now_there_is_no_change() {
        let change = async |records: &[(u64, f64)], current, span| {
            let chart = dollars(&world(records, current).await, span).await;
            assert_eq!(chart.since.is_some(), chart.change.is_some());
            chart.change
        };
        let current = live(NOW - 1, 70.0);
        for (span, near) in
            [(Span::Hour, 600), (Span::Day, 1_800), (Span::Week, 7_200), (Span::Month, 21_600)]
        {
            let then = NOW - 1 - span.seconds();
            for (time, is_near) in [(then + near, true), (then + near + 1, false)] {
                let change = change(&[(time, 56.0)], current.clone(), span).await;
                assert_eq!(change, is_near.then_some(25.0), "{span:?} {time}");
            }
        }
        let hour_ago = [(NOW - 3_601, 56.0)];
        let sample = dollars_of(SourceName::Sample, at(NOW - 1), 70.0);
        assert_eq!(change(&hour_ago, sample, Span::Hour).await, None);
        let older = live(NOW - 1, 1.0).without(&["usd".parse().unwrap()]);
        let older = older.carry_forward(&live(NOW - 900, 70.0), |_| true);
        assert_eq!(change(&hour_ago, older, Span::Hour).await, None);
    }

    #[tokio::test]
    async fn a_direct_quote_is_the_price_of_the_symbol() {
        let world = world(&RECORDS, live(NOW - 1, 80.0)).await;
        let direct = quoted(&world, ["usd", "btc"], Quotation::Direct, Span::Hour).await.unwrap();
        let inverse = quoted(&world, ["btc", "usd"], Quotation::Inverse, Span::Hour).await.unwrap();
        assert_eq!((direct.quotation, &direct.points), (Quotation::Direct, &inverse.points));
        assert_eq!((direct.low, direct.high), (inverse.low, inverse.high));
        // When dollars are the most to a bitcoin, one is worth the least.
        let dollars = dollars(&world, Span::Hour).await;
        assert_eq!(direct.low.unwrap().time, dollars.high.unwrap().time);
        // From 40 to 80 to a bitcoin, a dollar has lost half of its worth. Of two records of a minute the later counts.
        assert_eq!((dollars.change, direct.change), (Some(100.0), Some(-50.0)));
    }

    #[tokio::test]
    async fn other_bases_and_what_is_unknown() {
        let world = world(&RECORDS, live(NOW, 80.0)).await;
        let chart = of(&world, "btc", "usd", Span::Hour).await.unwrap();
        assert_eq!(chart.points.last(), Some(&point(NOW, 0.0125)));
        assert_eq!(chart.low.unwrap().value.to_bits(), 0.011_111_111_1_f64.to_bits());
        assert_eq!(of(&world, "xyz", "usd", Span::Hour).await, None);
        assert_eq!(of(&world, "usd", "xyz", Span::Hour).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_a_place_and_not_for_ever() {
        let world = world(&RECORDS, live(NOW, 80.0)).await;
        let places = Arc::clone(&world.0.readers).acquire_many_owned(4).await.unwrap();
        assert_eq!(of(&world, "usd", "btc", Span::Hour).await, None);
        let (chart, ()) = tokio::join!(of(&world, "usd", "btc", Span::Hour), async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(places);
        });
        assert!(chart.is_some());
    }
}
