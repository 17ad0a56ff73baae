//! Old records are thinned out: of three months ago there is one for each hour, of a year ago one for each day. Each
//! keeps the last, the lowest and the highest values of those that it stands for.
//!
//! Whoever writes a snapshot thins a part of the history out, beginning with the oldest record. What is left to do
//! follows from the records alone, so that a restart or another replica begins anew and finds most of it done.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{Record, Store, StoreError};
use crate::rates::Timestamp;

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// How old records are thinned out. All are seconds.
struct Stage {
    /// Records that are younger stay as they are.
    age: u64,
    /// For so long there is one record.
    step: u64,
    /// How much of the history is looked at after each snapshot: some six hundred records.
    part: u64,
}

const STAGES: [Stage; 2] = [
    // Beyond the 90 days within which gaps are filled: they are told by the time from one record to the next.
    Stage { age: 91 * DAY, step: HOUR, part: 2 * DAY },
    Stage { age: 365 * DAY, step: DAY, part: 24 * DAY },
];

/// How far the history is thinned out.
#[derive(Default)]
pub struct Thinning(Mutex<[u64; STAGES.len()]>);

impl Thinning {
    /// Thins the next part of a history out whose records are kept from `since` on.
    pub fn go_on(
        &self,
        store: &dyn Store,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Days are made of hours.
        let mut made = now.unix_seconds();
        for (stage, done) in STAGES.iter().zip(&mut *done) {
            let whole_steps = |seconds: u64| seconds / stage.step * stage.step;
            let old = now - Duration::from_secs(stage.age);
            let begin = whole_steps(since.unix_seconds()).max(*done);
            let end = whole_steps(old.unix_seconds().min(made));
            if begin < end {
                // Most of the time that records are kept for may be from before the first one.
                let first = store.first_from(Timestamp::from_unix_seconds(begin))?;
                let from = first.map_or(end, |first| whole_steps(first.unix_seconds()));
                let to = end.min(from + stage.part);
                if from < to {
                    thin_out(store, from, to - 1, stage.step)?;
                    *done = to;
                }
            }
            made = *done;
        }
        Ok(())
    }
}

/// Leaves one record for each step from `from` to `to`, both included.
fn thin_out(store: &dyn Store, from: u64, to: u64, step: u64) -> Result<(), StoreError> {
    let mut steps: BTreeMap<u64, Vec<Record>> = BTreeMap::new();
    let at = Timestamp::from_unix_seconds;
    store.read(at(from), at(to), &mut |record| {
        steps.entry(record.time().unix_seconds() / step).or_default().push(record);
    })?;
    let several = || steps.values().filter(|records| records.len() > 1);
    let removed: Vec<Timestamp> = several().flatten().map(Record::time).collect();
    let added: Vec<Record> = several().filter_map(|records| Record::joined(records)).collect();
    if added.is_empty() { Ok(()) } else { store.replace(&removed, &added) }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicU64};

    use super::*;
    use crate::{
        history::{Series, Steps},
        rates::{Code, Quotation},
        redis_server::Redis,
        store::{
            FileStore, MemoryStore, RedisStore,
            redis_connection::{Address, RedisConnection},
        },
        test_support::at,
    };

    /// A midnight.
    const NOW: u64 = 1_795_392_000;

    /// Writes a history of so many days, a record in five minutes, with dollars and euros that go up and down.
    fn write(store: &dyn Store, days: u64) {
        let times: Vec<u64> = (NOW - days * DAY..NOW).step_by(300).collect();
        let wave =
            |time: u64, factor| f64::from(u32::try_from(time / 300 * factor % 1_000).unwrap());
        let record = |time: &u64| {
            let dollars = 70_000.0 + wave(*time, 7_919);
            let euros = 60_000.0 + wave(*time, 6_133);
            Record::of_values(at(*time), &[("btc", 1.0), ("eur", euros), ("usd", dollars)])
        };
        for times in times.chunks(5_000) {
            store.add(&times.iter().map(record).collect::<Vec<_>>()).unwrap();
        }
    }

    fn count(store: &dyn Store) -> u64 {
        let mut count = 0;
        store.read(at(0), at(NOW), &mut |_| count += 1).unwrap();
        count
    }

    /// Returns time, value, low and high of each day, as charts and the API tell them.
    fn days(store: &dyn Store, symbol: &str, base: &str) -> Vec<(Timestamp, [f64; 3])> {
        let [symbol, base] = [symbol, base].map(|code| code.parse::<Code>().unwrap());
        let steps = Steps::new(at(0), DAY);
        let mut series = Series { symbol, base, quotation: Quotation::Inverse, steps };
        store.read(at(0), at(NOW), &mut |record| series.add_record(record)).unwrap();
        let values = |[last, low, high]: [crate::rates::Point; 3]| {
            (last.time, [last.value, low.value, high.value])
        };
        series.buckets().map(|it| values([it.last, it.low, it.high])).collect()
    }

    /// Thins a history of so many days out, and checks that readers see no difference but in what can't be known.
    fn thins_out(store: &dyn Store, length: u64) {
        write(store, length);
        let since = at(NOW - length * DAY);
        let told = |store| [("usd", "btc"), ("btc", "usd")].map(|(of, per)| days(store, of, per));
        let (before, cross) = (told(store), days(store, "usd", "eur"));
        assert_eq!((before[0].len() as u64, count(store)), (length, length * 288));
        let thinning = Thinning::default();
        let (rounds, mut left) = ((length - 91).div_ceil(2), count(store));
        for round in 1..=rounds {
            thinning.go_on(store, since, at(NOW)).unwrap();
            if round % 40 == 2 {
                // It does a little at a time, and readers see no difference on the way.
                let now_left = count(store);
                assert!(now_left < left && left - now_left < 40 * 600, "{left} {now_left}");
                assert_eq!(told(store), before, "after {round}");
                left = now_left;
            }
        }
        left = count(store);
        let by_day = length.saturating_sub(365);
        assert_eq!(left, 91 * 288 + (length - 91 - by_day) * 24 + by_day);
        assert_eq!(told(store), before);
        // Of two that have moved, what is left is true, and less.
        for ((time, [last, low, high]), (then, [value, lowest, highest])) in
            days(store, "usd", "eur").into_iter().zip(cross)
        {
            assert_eq!((time, last.to_bits()), (then, value.to_bits()));
            assert!(lowest <= low && low <= last && last <= high && high <= highest);
        }
        // Whoever begins anew finds it done.
        let anew = Thinning::default();
        for _ in 0..rounds {
            anew.go_on(store, since, at(NOW)).unwrap();
        }
        assert_eq!((count(store), told(store)), (left, before));
        // It goes on with the time.
        anew.go_on(store, since, at(NOW + HOUR)).unwrap();
        assert_eq!(count(store), left - 11);
    }

    #[test]
    fn more_than_a_year_in_memory_is_thinned_out() {
        thins_out(&MemoryStore::default(), 400);
    }

    #[test]
    fn more_than_a_year_in_a_file_is_thinned_out() {
        let folder = tempfile::tempdir().unwrap();
        thins_out(&FileStore::open(folder.path()).unwrap(), 400);
    }

    #[tokio::test]
    async fn months_on_a_server_are_thinned_out() {
        let redis = Redis::start();
        let connection = Arc::new(RedisConnection::new(Address::read(&redis.url()).unwrap()));
        let test = move || {
            let token = Arc::new(AtomicU64::new(0));
            thins_out(&RedisStore::open(&connection, &token).unwrap(), 100);
        };
        tokio::task::spawn_blocking(test).await.unwrap();
    }

    #[test]
    fn a_month_stays_as_it_is() {
        let store = MemoryStore::default();
        write(&store, 91);
        let thinning = Thinning::default();
        for _ in 0..60 {
            thinning.go_on(&store, at(NOW - 91 * DAY), at(NOW)).unwrap();
        }
        assert_eq!(count(&store), 91 * 288);
    }

    #[test]
    fn a_history_that_has_only_begun_is_thinned_out_from_the_first_time_on() {
        let store = MemoryStore::default();
        write(&store, 100);
        let (since, thinning) = (at(NOW - 5 * 365 * DAY), Thinning::default());
        let mut left = count(&store);
        for round in 1..=5 {
            thinning.go_on(&store, since, at(NOW)).unwrap();
            assert!(count(&store) < left, "round {round}");
            left = count(&store);
        }
        assert_eq!(left, 91 * 288 + 9 * 24);
        // Nor do years count of which there are no records between others.
        let first = Record::of_values(at(NOW - 4 * 365 * DAY), &[("btc", 1.0)]);
        write(&store, 100);
        store.add(&[first]).unwrap();
        let thinning = Thinning::default();
        for _ in 0..6 {
            thinning.go_on(&store, since, at(NOW)).unwrap();
        }
        assert_eq!(count(&store), left + 1);
    }
}
