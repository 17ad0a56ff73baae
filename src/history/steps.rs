//! Downsampling: many records become one value per step of time.

use std::collections::BTreeMap;

use crate::{
    rates::{Code, Point, Quotation, Timestamp},
    store::Record,
};

/// One value for each step of time. Memory grows with the steps, not with the values added.
#[derive(Clone, PartialEq)]
pub struct Steps<T> {
    /// When step number 0 begins.
    origin: Timestamp,
    /// The length of a step in seconds; above zero.
    length: u64,
    pub by_number: BTreeMap<u64, T>,
}

impl<T> Steps<T> {
    pub fn new(origin: Timestamp, length: u64) -> Self {
        Self { origin, length, by_number: BTreeMap::new() }
    }

    /// Returns the number of the step that `time` falls into.
    pub fn number(&self, time: Timestamp) -> u64 {
        time.seconds_since(self.origin) / self.length
    }

    /// Adds a value to its step. `join` combines it with an earlier value of that step.
    pub fn add(&mut self, time: Timestamp, value: T, join: impl FnOnce(T, T) -> T) {
        let number = self.number(time);
        let value = match self.by_number.remove(&number) {
            Some(earlier) => join(earlier, value),
            None => value,
        };
        self.by_number.insert(number, value);
    }
}

/// The values of one currency in another in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub last: Point,
    pub low: Point,
    pub high: Point,
    /// Whether the last value was filled in later.
    pub backfilled: bool,
}

impl Bucket {
    /// Joins two buckets. Of two equal extremes the first counts.
    #[must_use]
    pub fn join(self, later: Self) -> Self {
        let last = if later.last.time < self.last.time { self } else { later };
        Self {
            last: last.last,
            backfilled: last.backfilled,
            low: if later.low.value < self.low.value { later.low } else { self.low },
            high: if later.high.value > self.high.value { later.high } else { self.high },
        }
    }
}

/// The values of one currency beside another, downsampled.
pub struct Series {
    pub symbol: Code,
    pub base: Code,
    pub quotation: Quotation,
    pub steps: Steps<Bucket>,
}

impl Series {
    /// Adds the value in `record`, if it has one, as the value at `time`.
    pub fn add(&mut self, time: Timestamp, record: &Record) {
        if let Some(value) = record.quoted(&self.symbol, &self.base, self.quotation) {
            let extremes = record.extremes(&self.symbol, &self.base, self.quotation);
            let (low, high) = extremes.unwrap_or((value, value));
            let [last, low, high] = [value, low, high].map(|value| Point { time, value });
            let backfilled = record.is_backfilled();
            let bucket = Bucket { last, low, high, backfilled };
            self.steps.add(time, bucket, Bucket::join);
        }
    }

    /// Adds the value in `record`, if it has one.
    pub fn add_record(&mut self, record: Record) {
        self.add(record.time(), &record);
    }

    /// Returns the buckets in order of time.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = &Bucket> {
        self.steps.by_number.values()
    }
}
