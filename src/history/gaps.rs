//! The gaps of the history, filled from what an upstream knows of the past.
//!
//! A gap is an hour or longer without a snapshot: all the time before the first one, and outages. Each full hour
//! in it gets a record, and the record one currency after the other. Records of snapshots are never touched.
//! What is left to do follows from the store alone, so that a restart or another replica goes on with it.

use std::collections::{BTreeMap, BTreeSet};

use super::{History, HistoryError, PATIENCE};
use crate::{
    rates::{Code, Timestamp},
    store::{Record, ResilientStore},
};

const HOUR: u64 = 3_600;

/// How many seconds from a full hour a value may be that stands for it. An upstream's are from some seconds to a
/// few minutes after it.
const NEAR: u64 = 900;

/// The time whose gaps are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How far the history is filled back.
    pub from: Timestamp,
    /// When the current rates were taken. Their record may not be written yet.
    pub taken: Timestamp,
    pub now: Timestamp,
}

impl History {
    /// Returns those of `codes` whose values have not been asked for everywhere in the gaps, in the same order.
    pub async fn to_fill(
        &self,
        period: Period,
        codes: Vec<Code>,
    ) -> Result<Vec<Code>, HistoryError> {
        let read = move |store: &ResilientStore| {
            let gaps = gaps(store, period)?;
            let mut asked = vec![0; codes.len()];
            each_backfilled(store, period, &gaps, |record| {
                for (asked, code) in asked.iter_mut().zip(&codes) {
                    *asked += usize::from(record.was_asked(code));
                }
            })?;
            let left = codes.into_iter().zip(asked).filter(|(_, asked)| *asked < gaps.len());
            Some(left.map(|(code, _)| code).collect())
        };
        self.with_store(PATIENCE, read).await?.ok_or(HistoryError::Failed)
    }

    /// Fills the gaps with the `past` values of one currency, and notes where there are none. Returns how many
    /// records have got a value.
    pub async fn fill_in(
        &self,
        period: Period,
        code: Code,
        past: Vec<(Timestamp, f64)>,
    ) -> Result<usize, HistoryError> {
        let write = move |store: &ResilientStore| {
            let gaps = gaps(store, period)?;
            let mut records: BTreeMap<u64, Record> = BTreeMap::new();
            each_backfilled(store, period, &gaps, |record| {
                records.insert(record.time().unix_seconds(), record);
            })?;
            let (values, mut filled) = (by_hour(&past), 0);
            let mut changed = Vec::new();
            for hour in gaps {
                let empty = || Record::backfilled_at(Timestamp::from_unix_seconds(hour));
                let mut record = records.remove(&hour).unwrap_or_else(empty);
                if !record.was_asked(&code) {
                    let value = values.get(&hour).map(|(_, value)| *value);
                    filled += usize::from(value.is_some());
                    record.fill_in(&code, value);
                    changed.push(record);
                }
            }
            let written = store.add(&changed, period.now);
            written
                .inspect_err(|error| tracing::debug!(%error, "the past could not be kept"))
                .ok()?;
            Some(filled)
        };
        self.with_store(PATIENCE, write).await?.ok_or(HistoryError::Failed)
    }
}

/// Returns the full hours in the gaps, or `None` if the store can't be read.
fn gaps(store: &ResilientStore, period: Period) -> Option<BTreeSet<u64>> {
    let Period { from, taken, now } = period;
    let (mut hours, mut last) = (BTreeSet::new(), from.unix_seconds().saturating_sub(1));
    let mut own = |time: u64| {
        if time > last + HOUR {
            let first = (last / HOUR + 1) * HOUR;
            hours.extend((first..time).step_by(3_600));
        }
        last = last.max(time);
    };
    let read = store.read(from, taken, now, &mut |record| {
        if !record.is_backfilled() {
            own(record.time().unix_seconds());
        }
    });
    own(taken.unix_seconds());
    read.then_some(hours)
}

/// Calls `each` with the records that have been filled in.
fn each_backfilled(
    store: &ResilientStore,
    period: Period,
    gaps: &BTreeSet<u64>,
    mut each: impl FnMut(Record),
) -> Option<()> {
    let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else { return Some(()) };
    let [first, last] = [*first, *last].map(Timestamp::from_unix_seconds);
    let read = store.read(first, last, period.now, &mut |record| {
        if record.is_backfilled() && gaps.contains(&record.time().unix_seconds()) {
            each(record);
        }
    });
    read.then_some(())
}

/// Returns the value nearest to each full hour, with its distance.
fn by_hour(past: &[(Timestamp, f64)]) -> BTreeMap<u64, (u64, f64)> {
    let mut values: BTreeMap<u64, (u64, f64)> = BTreeMap::new();
    for (time, value) in past {
        let time = time.unix_seconds();
        let hour = (time.saturating_add(HOUR / 2) / HOUR) * HOUR;
        let distance = time.abs_diff(hour);
        if distance <= NEAR && values.get(&hour).is_none_or(|(nearest, _)| distance < *nearest) {
            values.insert(hour, (distance, *value));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        store::StoreUrl,
        test_support::{at, live},
    };

    /// A full hour.
    const START: u64 = 1_795_420_800;
    const DAY: u64 = 86_400;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    /// A history of two days, with snapshots at these times.
    fn history(own: &[u64]) -> (History, Period) {
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(30 * DAY));
        let now = at(START + DAY);
        for time in own {
            store.put(&live(at(*time)), now);
        }
        let taken = at(*own.last().unwrap());
        (History::new(Arc::new(store)), Period { from: at(START - DAY), taken, now })
    }

    /// Returns the values of a day before and a day after, some seconds after each hour.
    fn past(value: f64) -> Vec<(Timestamp, f64)> {
        (0..=48).map(|hour| (at(START - DAY + hour * HOUR + 63), value)).collect()
    }

    async fn records(history: &History, period: Period) -> Vec<Record> {
        let all = history.fold(at(0)..=Timestamp::MAX, period.now, PATIENCE, Vec::new(), Vec::push);
        all.await.unwrap().0
    }

    #[tokio::test]
    async fn one_currency_after_the_other_is_filled_in_and_nothing_is_asked_twice() {
        let (history, period) = history(&[START + 1_200]);
        let codes = vec![code("usd"), code("eur"), code("xau")];
        assert_eq!(history.to_fill(period, codes.clone()).await.unwrap(), codes);
        assert_eq!(history.fill_in(period, code("usd"), past(70_000.0)).await, Ok(25));
        assert_eq!(history.to_fill(period, codes.clone()).await.unwrap(), codes[1..]);
        // Half of the values are missing upstream, which is remembered.
        let half = past(60_000.0).into_iter().step_by(2).collect();
        assert_eq!(history.fill_in(period, code("eur"), half).await, Ok(13));
        assert_eq!(history.fill_in(period, code("xau"), Vec::new()).await, Ok(0));
        assert_eq!(history.to_fill(period, codes.clone()).await.unwrap(), []);
        // Asked again, it changes nothing.
        assert_eq!(history.fill_in(period, code("usd"), past(1.0)).await, Ok(0));
        let records = records(&history, period).await;
        assert_eq!(records.len(), 26);
        let values = |record: &Record| codes.iter().map(|code| record.value(code)).collect();
        let filled: Vec<Vec<_>> = records[..3].iter().map(values).collect();
        let (with, without) =
            (vec![Some(70_000.0), Some(60_000.0), None], vec![Some(70_000.0), None, None]);
        assert_eq!(filled, [with.clone(), without, with]);
        assert_eq!(records[0].value(&code("sats")), Some(1e8));
        assert!(records[..25].iter().all(Record::is_backfilled));
        // The snapshot's own record is untouched.
        assert_eq!(records[25], Record::of(&live(at(START + 1_200))));
    }

    #[tokio::test]
    async fn gaps_longer_than_an_hour_are_filled_and_no_others() {
        let own = [START - DAY + 60, START, START + HOUR, START + 3 * HOUR + 1, START + 7 * HOUR];
        let (history, period) = history(&own);
        assert_eq!(history.fill_in(period, code("usd"), past(70_000.0)).await, Ok(23 + 2 + 3));
        let filled = records(&history, period).await;
        let filled: Vec<u64> = (filled.iter().filter(|record| record.is_backfilled()))
            .map(|record| record.time().unix_seconds())
            .filter(|time| *time > START)
            .collect();
        assert_eq!(filled, [2, 3, 4, 5, 6].map(|hour| START + hour * HOUR));
        let codes = vec![code("usd")];
        assert_eq!(history.to_fill(period, codes).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_history_of_its_own_has_no_gaps() {
        let own: Vec<u64> =
            (START - DAY..START + DAY).step_by(3_600).map(|hour| hour + 7).collect();
        let (history, period) = history(&own);
        assert_eq!(history.to_fill(period, vec![code("usd")]).await.unwrap(), []);
        assert_eq!(history.fill_in(period, code("usd"), past(1.0)).await, Ok(0));
        assert_eq!(records(&history, period).await.len(), own.len());
    }

    #[test]
    fn the_value_nearest_to_an_hour_counts_within_a_quarter_of_one() {
        let past = [(0, 1.0), (899, 2.0), (901, 3.0), (2_699, 4.0), (2_701, 5.0), (3_660, 6.0)];
        let values = by_hour(&past.map(|(time, value)| (at(START + time), value)));
        let values: Vec<_> = values.into_iter().map(|(hour, (_, value))| (hour, value)).collect();
        assert_eq!(values, [(START, 1.0), (START + HOUR, 6.0)]);
    }
}
