//! What the rates were at a moment.

use std::{cmp::Ordering, ops::RangeInclusive, time::Duration};

use super::{History, HistoryError, PATIENCE};
use crate::{rates::Timestamp, store::Record};

/// The first range that is read. Most moments have a record within it.
const FIRST_RANGE: Duration = Duration::from_secs(3_600);

/// The answer to what the rates were at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearest<T> {
    /// The last record at or before the moment, and its time.
    At(Timestamp, T),
    /// The first record is from after it.
    Begins(Timestamp),
    Nothing,
}

impl History {
    /// Looks for the last record at or before `moment` of which `pick` returns something. Also returns
    /// whether the store could be read.
    ///
    /// Reads ranges that get larger and larger, since a long history takes seconds to read.
    pub async fn nearest<T: Send + 'static>(
        &self,
        moment: Timestamp,
        now: Timestamp,
        pick: impl Fn(&Record) -> Option<T> + Clone + Send + 'static,
    ) -> Result<(Nearest<T>, bool), HistoryError> {
        const SECOND: Duration = Duration::from_secs(1);
        let mut complete = true;
        let (mut to, mut length) = (moment, FIRST_RANGE);
        loop {
            let from = to - length;
            let (found, read) = self.pick(from..=to, now, Ordering::Greater, pick.clone()).await?;
            complete &= read;
            if let Some((time, found)) = found {
                return Ok((Nearest::At(time, found), complete));
            }
            if from.unix_seconds() == 0 {
                break;
            }
            (to, length) = (from - SECOND, length * 4);
        }
        let (mut from, mut length) = (moment + SECOND, FIRST_RANGE);
        while from <= now {
            let to = from + length;
            let (found, read) = self.pick(from..=to, now, Ordering::Less, pick.clone()).await?;
            complete &= read;
            if let Some((time, _)) = found {
                return Ok((Nearest::Begins(time), complete));
            }
            (from, length) = (to + SECOND, length * 4);
        }
        Ok((Nearest::Nothing, complete))
    }

    /// Looks for the record of a range that `rank` puts highest, the last one of several. Also returns whether the
    /// store could be read.
    pub async fn best<R: Ord + Send + 'static>(
        &self,
        range: RangeInclusive<Timestamp>,
        now: Timestamp,
        rank: impl Fn(&Record) -> Option<R> + Send + 'static,
    ) -> Result<(Option<Record>, bool), HistoryError> {
        let add = move |kept: &mut Option<(R, Timestamp, Record)>, record: Record| {
            let Some(ranked) = rank(&record) else { return };
            let time = record.time();
            if kept.as_ref().is_none_or(|(best, last, _)| (&ranked, time) >= (best, *last)) {
                *kept = Some((ranked, time, record));
            }
        };
        let (best, complete) = self.fold(range, now, PATIENCE, None, add).await?;
        Ok((best.map(|(_, _, record)| record), complete))
    }

    /// Picks from the record of a range whose time is `best` compared with those of the others.
    async fn pick<T: Send + 'static>(
        &self,
        range: RangeInclusive<Timestamp>,
        now: Timestamp,
        best: Ordering,
        pick: impl Fn(&Record) -> Option<T> + Send + 'static,
    ) -> Result<(Option<(Timestamp, T)>, bool), HistoryError> {
        let add = move |kept: &mut Option<(Timestamp, T)>, record: Record| {
            let time = record.time();
            // Of two records of the same second, that in memory comes later, and counts.
            let better = kept.as_ref().is_none_or(|(kept, _)| {
                let order = time.cmp(kept);
                order == best || order == Ordering::Equal
            });
            if let Some(picked) = pick(&record).filter(|_| better) {
                *kept = Some((time, picked));
            }
        };
        self.fold(range, now, PATIENCE, None, add).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        rates::Code,
        store::{ResilientStore, StoreUrl},
        test_support::{at, with_dollars},
    };

    const NOW: u64 = 1_795_420_800;
    const DAY: u64 = 86_400;

    #[tokio::test]
    async fn the_record_of_the_moment_is_found_however_far_away() {
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(3_650 * DAY));
        let records =
            [(NOW - 3_000 * DAY, 1.0), (NOW - 40 * DAY, 2.0), (NOW - 600, 3.0), (NOW - 300, 4.0)];
        for (time, dollars) in records {
            store.put(&with_dollars(at(time), dollars), at(NOW));
        }
        let history = History::new(Arc::new(store));
        let usd: Code = "usd".parse().unwrap();
        let dollars = move |record: &Record| record.value(&usd);
        let nearest = async |moment| {
            let found = history.nearest(at(moment), at(NOW), dollars.clone()).await.unwrap();
            assert!(found.1);
            found.0
        };
        for (moment, (time, dollars)) in [
            (NOW, records[3]),
            (NOW - 300, records[3]),
            (NOW - 301, records[2]),
            (NOW - 601, records[1]),
            (NOW - 40 * DAY, records[1]),
            (NOW - 40 * DAY - 1, records[0]),
        ] {
            assert_eq!(nearest(moment).await, Nearest::At(at(time), dollars), "{moment}");
        }
        for moment in [NOW - 3_000 * DAY - 1, NOW - 3_600 * DAY, 0] {
            assert_eq!(nearest(moment).await, Nearest::Begins(at(records[0].0)), "{moment}");
        }
        // Records without what is looked for are passed over.
        let early = |record: &Record| (record.time() < at(NOW - 600)).then_some(());
        let found = history.nearest(at(NOW), at(NOW), early).await.unwrap();
        assert_eq!(found, (Nearest::At(at(records[1].0), ()), true));
        let nothing = |_: &Record| None::<()>;
        let none = history.nearest(at(NOW), at(NOW), nothing).await.unwrap();
        assert_eq!(none, (Nearest::Nothing, true));
    }
}
