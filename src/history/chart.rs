//! What one currency was worth in another over some time, for the chart on the page.

use std::{sync::Arc, time::Duration};

use crate::{
    rates::{Chart, Code, Point, SourceName, Span, Timestamp, to_digits},
    state::AppState,
    store::Record,
};

/// How long a chart waits for a place among those who read the history.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than a chart can show, and little more than half of what a double would be written with.
const DIGITS: usize = 9;

/// The history of `symbol` in units per one `base`; `None` without a rate of either, or if too many
/// others read the history. Read once for each board, whoever asks for it how often.
pub async fn chart(
    state: &Arc<AppState>,
    symbol: Code,
    base: Code,
    span: Span,
) -> Option<Arc<Chart>> {
    let published = Arc::clone(&state.published());
    let snapshot = published.snapshot().cloned()?;
    if snapshot.get(&symbol).is_none() || snapshot.get(&base).is_none() {
        return None;
    }
    let pair = (symbol.clone(), base.clone(), span);
    if let Some(chart) = published.chart(&pair) {
        return Some(chart);
    }
    // A store may wait for its disk; the place is free again when it has answered, and not when the
    // caller has lost patience.
    let place = Arc::clone(&state.history_readers).acquire_owned();
    let place = tokio::time::timeout(PATIENCE, place).await.ok()?.ok()?;
    // All who look at a pair ask when new rates come: most find it read when it is their turn.
    if let Some(chart) = published.chart(&pair) {
        return Some(chart);
    }
    let to = state.now();
    let mut drawing = Drawing::new(symbol, base, span, to);
    let state = Arc::clone(state);
    let read = tokio::task::spawn_blocking(move || {
        let _place = place;
        let complete = state.store.read(drawing.from, to, to, &mut |record| drawing.add(&record));
        (drawing, complete)
    });
    let (mut drawing, complete) = read.await.ok()?;
    // The record of the current rates may not be written yet.
    if snapshot.source() != SourceName::Sample {
        let current = Record::of(&snapshot);
        if drawing.points.last().is_none_or(|last| last.time < current.time()) {
            drawing.add(&current);
        }
    }
    let chart = Arc::new(drawing.finish(complete));
    // What is missing may be there the next moment.
    if complete {
        published.keep_chart(pair, Arc::clone(&chart));
    }
    Some(chart)
}

/// A chart, made of records as they come: memory does not grow with their number.
struct Drawing {
    symbol: Code,
    base: Code,
    span: Span,
    from: Timestamp,
    to: Timestamp,
    points: Vec<Point>,
    low: Option<Point>,
    high: Option<Point>,
}

impl Drawing {
    fn new(symbol: Code, base: Code, span: Span, to: Timestamp) -> Self {
        let from = to - Duration::from_secs(span.seconds());
        Self { symbol, base, span, from, to, points: Vec::new(), low: None, high: None }
    }

    fn add(&mut self, record: &Record) {
        let Some(value) = record.per(&self.symbol, &self.base) else { return };
        if record.time() < self.from {
            return;
        }
        // The clock of another replica may be a little ahead.
        let point = Point { time: record.time().min(self.to), value };
        if self.low.is_none_or(|low| value < low.value) {
            self.low = Some(point);
        }
        if self.high.is_none_or(|high| value > high.value) {
            self.high = Some(point);
        }
        let step = |point: &Point| point.time.unix_seconds() / self.span.step();
        match self.points.last_mut().filter(|last| step(last) == step(&point)) {
            Some(last) => *last = point,
            None => self.points.push(point),
        }
    }

    fn finish(self, complete: bool) -> Chart {
        let Self { symbol, base, span, from, to, mut points, low, high } = self;
        let rounded = |point: Point| Point { value: to_digits(point.value, DIGITS), ..point };
        for point in &mut points {
            *point = rounded(*point);
        }
        let (low, high) = (low.map(rounded), high.map(rounded));
        Chart { symbol, base, span, from, to, points, low, high, complete }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::{
        config::Config,
        rates::{Rate, Snapshot},
        sources::sample,
    };

    /// A full hour.
    const HOUR: u64 = 1_795_420_800;
    const NOW: u64 = HOUR + 1_000;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn snapshot(source: SourceName, time: u64, dollars: f64) -> Snapshot {
        let rates = sample::snapshot().rates().to_vec().into_iter();
        let rates = rates.map(|rate| match rate.code.as_str() {
            "usd" => Rate { value: dollars, ..rate },
            _ => rate,
        });
        Snapshot::new(source, at(time), rates.collect()).unwrap()
    }

    /// A service with these records, and rates of `current` up.
    fn state(records: &[(u64, f64)], current: Snapshot) -> Arc<AppState> {
        let config = |name: &str| (name == "STORE_URL").then(|| "memory:".to_owned());
        let now = Arc::new(AtomicU64::new(NOW));
        let clock = Arc::new(move || at(now.load(Ordering::Relaxed)));
        let state = AppState::new(Config::read(config).unwrap(), clock);
        for &(time, dollars) in records {
            state.store.put(&snapshot(SourceName::Coingecko, time, dollars), at(NOW));
        }
        state.publish(|published| Some(published.refreshed(current, at(NOW + 300))));
        state
    }

    fn live(time: u64, dollars: f64) -> Snapshot {
        snapshot(SourceName::Coingecko, time, dollars)
    }

    async fn of(state: &Arc<AppState>, symbol: &str, base: &str, span: Span) -> Option<Arc<Chart>> {
        chart(state, symbol.parse().unwrap(), base.parse().unwrap(), span).await
    }

    async fn dollars(state: &Arc<AppState>, span: Span) -> Arc<Chart> {
        of(state, "usd", "btc", span).await.unwrap()
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
        let chart = dollars(&state(&RECORDS, live(NOW - 1, 70.0)), Span::Hour).await;
        assert_eq!((chart.from, chart.to, chart.complete), (at(NOW - 3_600), at(NOW), true));
        let points = [
            point(NOW - 3_600, 40.0),
            point(HOUR - 301, 90.0),
            point(HOUR - 1, 50.0),
            point(HOUR + 299, 60.123_456_8),
            point(NOW - 1, 70.0),
        ];
        assert_eq!(chart.points, points);
        // Those between the points count, too.
        assert_eq!((chart.low, chart.high), (Some(point(HOUR + 100, 30.0)), Some(points[1])));
        // Steps are those of the clock, however long.
        let chart = dollars(&state(&RECORDS, live(NOW - 1, 70.0)), Span::Week).await;
        let step = Span::Week.step();
        let steps = chart.points.iter().map(|point| point.time.unix_seconds() / step);
        assert!(steps.is_sorted_by(|a, b| a < b));
        assert_eq!(chart.points.last(), Some(&point(NOW - 1, 70.0)));
        assert_eq!(chart.low, Some(point(NOW - 3_601, 10.0)));
    }

    #[tokio::test]
    async fn the_current_rates_are_the_last_point() {
        let last = async |current| {
            let chart = dollars(&state(&RECORDS, current), Span::Hour).await;
            (chart.points.last().copied(), chart.low.unwrap().value, chart.high.unwrap().value)
        };
        let written = Some(point(HOUR + 299, 60.123_456_8));
        // In a step of their own, in that of the last record, as the lowest and as the highest.
        let other = (HOUR + 300, 20.0);
        assert_eq!(last(live(other.0, other.1)).await, (Some(point(other.0, 20.0)), 20.0, 90.0));
        // Ahead by the clock of another replica.
        assert_eq!(last(live(NOW + 9, 95.0)).await, (Some(point(NOW, 95.0)), 30.0, 95.0));
        // Not those that are written, nor older ones, nor the sample.
        assert_eq!(last(live(HOUR + 299, 1.0)).await, (written, 30.0, 90.0));
        assert_eq!(last(live(HOUR + 200, 1.0)).await, (written, 30.0, 90.0));
        let sample = snapshot(SourceName::Sample, NOW, 1.0);
        assert_eq!(last(sample).await, (written, 30.0, 90.0));
        // Nor what is held.
        let held = live(NOW, 1.0).without(&["usd".parse().unwrap()]);
        let held = held.holding(&live(NOW - 900, 1.0), |_| true);
        assert_eq!(last(held).await, (written, 30.0, 90.0));
        // Rates from before the chart are not on it.
        let old = dollars(&state(&[], live(NOW - 3_601, 1.0)), Span::Hour).await;
        assert_eq!((old.points.len(), old.low, old.high), (0, None, None));
    }

    #[tokio::test]
    async fn other_bases_and_what_is_unknown() {
        let state = state(&RECORDS, live(NOW, 80.0));
        let chart = of(&state, "btc", "usd", Span::Hour).await.unwrap();
        assert_eq!(chart.points.last(), Some(&point(NOW, 0.0125)));
        assert_eq!(chart.low.unwrap().value.to_bits(), 0.011_111_111_1_f64.to_bits());
        assert_eq!(of(&state, "xyz", "usd", Span::Hour).await, None);
        assert_eq!(of(&state, "usd", "xyz", Span::Hour).await, None);
        let config = |name: &str| (name == "STORE_URL").then(|| "memory:".to_owned());
        let empty = AppState::new(Config::read(config).unwrap(), Arc::new(|| at(NOW)));
        assert_eq!(of(&empty, "usd", "btc", Span::Hour).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_a_place_and_not_for_ever() {
        let state = state(&RECORDS, live(NOW, 80.0));
        let places = Arc::clone(&state.history_readers).acquire_many_owned(4).await.unwrap();
        assert_eq!(of(&state, "usd", "btc", Span::Hour).await, None);
        let (chart, ()) = tokio::join!(of(&state, "usd", "btc", Span::Hour), async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(places);
        });
        assert!(chart.is_some());
    }
}
