//! The last day in memory, and the records that changes are measured from, so that the page and
//! `/api/sparklines` need not read the store.
//!
//! It is part of the published state. Each new snapshot is added to it, and earlier records are read from
//! the store.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    History, HistoryError, Steps,
    change::{Moment, tolerance},
};
use crate::{
    rates::{Snapshot, SourceName, Span, Timestamp, Trend},
    store::Record,
};

/// The length of a step in seconds. Steps begin at full and half hours.
pub const STEP: u64 = 1_800;

/// A day and two more steps, so that the rates of 24 hours ago are always among them.
const STEPS: u64 = 50;

/// Of the records that changes are measured from, the last of each so many seconds is kept. Rates come every few
/// minutes, so that is all of them.
const MINUTE: u64 = 60;

/// How old rates may be that still have changes.
const HOUR: Duration = Duration::from_secs(3_600);

/// The rates of a day in steps of half an hour, and those around the times that changes are measured from.
#[derive(Clone)]
pub struct RecentHistory {
    /// The time that decides which step is the last.
    pub(super) now: Timestamp,
    steps: Steps<Step>,
    /// The records from about an hour, a day and a week ago: all that a change can be measured from until the
    /// next half hour, when they are read again.
    near: Steps<Step>,
    /// Whether the store could be read.
    complete: bool,
}

/// The records of one step.
#[derive(Clone, PartialEq)]
struct Step {
    /// When the first of them was taken.
    begins: Timestamp,
    /// The last of them, completed by the earlier ones.
    record: Arc<Record>,
}

impl Step {
    fn of(record: Record) -> Self {
        Self { begins: record.time(), record: Arc::new(record) }
    }

    /// Joins two steps. Of two records of the same second `added` counts.
    fn join(self, added: Self) -> Self {
        let later = added.record.time() >= self.record.time();
        let (newer, older) = if later { (added, self) } else { (self, added) };
        let record = Arc::unwrap_or_clone(newer.record).completed_by(&older.record);
        Self { begins: newer.begins.min(older.begins), record: Arc::new(record) }
    }
}

impl History {
    /// Reads the last day, and what else changes are measured from.
    pub async fn recent(
        &self,
        now: Timestamp,
        patience: Duration,
    ) -> Result<RecentHistory, HistoryError> {
        let empty = RecentHistory::empty(now);
        let [_, day, week] = empty.windows();
        let add = |recent: &mut RecentHistory, record| recent.add(record);
        let (recent, earlier) = self.fold(week, now, patience, empty, add).await?;
        let range = recent.first_step().min(*day.start())..=now;
        let (recent, later) = self.fold(range, now, patience, recent, add).await?;
        Ok(RecentHistory { complete: earlier && later, ..recent })
    }
}

impl RecentHistory {
    /// Returns a history without records.
    pub fn empty(now: Timestamp) -> Self {
        let origin = Timestamp::from_unix_seconds(0);
        let (steps, near) = (Steps::new(origin, STEP), Steps::new(origin, MINUTE));
        Self { now, steps, near, complete: false }
    }

    /// Returns the day that ends `now`, with this snapshot's values.
    #[must_use]
    pub fn with(&self, snapshot: &Snapshot, now: Timestamp) -> Self {
        let mut day = self.at(now);
        if snapshot.source() != SourceName::Sample {
            day.add(Record::of(snapshot));
        }
        day
    }

    /// Returns the day that ends `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut day = Self { now, ..self.clone() };
        let (numbers, windows) = (day.numbers(), day.windows());
        day.steps.by_number.retain(|number, _| numbers.contains(number));
        let within =
            |step: &Step| windows.iter().any(|window| window.contains(&step.record.time()));
        day.near.by_number.retain(|_, step| within(step));
        day
    }

    /// Returns the day that was `read` from the store, completed by this one.
    #[must_use]
    pub fn joined(&self, read: &Self, now: Timestamp) -> Self {
        let mut day = read.at(now);
        self.steps.by_number.values().for_each(|step| day.add_step(step.clone()));
        self.near.by_number.values().for_each(|step| day.add_near(step.clone()));
        day
    }

    /// Returns whether readers would see no difference to `other`.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.complete == other.complete
            && self.last_step() == other.last_step()
            && self.steps == other.steps
            && self.near == other.near
    }

    /// Returns false if the store could not be read, and there are only the records in memory.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns when the first step begins.
    fn first_step(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.numbers().start() * STEP)
    }

    /// Returns when the last step begins.
    pub fn last_step(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.numbers().end() * STEP)
    }

    /// Returns the last record of each step, in order of time.
    pub fn steps(&self) -> Vec<Option<&Record>> {
        let record = |number| self.steps.by_number.get(&number).map(|step| &*step.record);
        self.numbers().map(record).collect()
    }

    /// Returns the records that a change since this moment can be measured from, the best first.
    pub fn since<'a>(&'a self, moment: Moment) -> Vec<&'a Record> {
        // The last of a half hour is good enough where nothing else could be read for long.
        let best_first = [&self.near, &self.steps].into_iter();
        let records = |steps: &'a Steps<Step>| steps.by_number.values().map(|step| &*step.record);
        best_first.flat_map(|steps| moment.nearest(records(steps))).collect()
    }

    /// Returns when the first record was taken.
    pub fn begins(&self) -> Option<Timestamp> {
        self.steps.by_number.values().next().map(|step| step.begins)
    }

    /// Returns the numbers of the steps that it covers.
    fn numbers(&self) -> RangeInclusive<u64> {
        let last = self.steps.number(self.now);
        last.saturating_sub(STEPS - 1)..=last
    }

    /// Returns where the records are that changes over each of [`Trend::SPANS`] are measured from, at any time
    /// until the next step.
    fn windows(&self) -> [RangeInclusive<Timestamp>; Trend::SPANS.len()] {
        let (last, next) = (self.last_step(), self.last_step() + Duration::from_secs(STEP));
        Trend::SPANS.map(|span| {
            let (length, near) = (span.seconds(), tolerance(span));
            let from = last - HOUR - Duration::from_secs(length + near);
            // What is not an hour old will be, before it is read again.
            let ago = if span == Span::Hour { 1 } else { length - near };
            from..=next - Duration::from_secs(ago)
        })
    }

    fn add(&mut self, record: Record) {
        let step = Step::of(record);
        self.add_near(step.clone());
        self.add_step(step);
    }

    fn add_near(&mut self, step: Step) {
        let time = step.record.time();
        if self.windows().iter().any(|window| window.contains(&time)) {
            self.near.add(time, step, Step::join);
        }
    }

    fn add_step(&mut self, step: Step) {
        let time = step.record.time();
        if self.numbers().contains(&self.steps.number(time)) {
            self.steps.add(time, step, Step::join);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        history::History,
        rates::Code,
        sources::sample,
        store::{ResilientStore, StoreUrl},
        test_support::{at, with_dollars},
    };

    /// A full hour.
    const HOUR: u64 = 1_795_420_800;

    fn snapshot(time: u64, dollars: f64, euros: bool) -> Snapshot {
        let euro = "eur".parse().unwrap();
        with_dollars(at(time), dollars).without(if euros {
            &[]
        } else {
            std::slice::from_ref(&euro)
        })
    }

    /// The dollars and whether there are euros, by step.
    fn shown(day: &RecentHistory) -> Vec<(usize, f64, bool)> {
        let (usd, eur): (Code, Code) = ("usd".parse().unwrap(), "eur".parse().unwrap());
        let shown = |(step, record): (usize, Option<&Record>)| {
            let record = record?;
            Some((step, record.value(&usd)?, record.value(&eur).is_some()))
        };
        day.steps().into_iter().enumerate().filter_map(shown).collect()
    }

    #[test]
    fn now_falls_into_the_last_step() {
        for (now, last) in [(HOUR - 1, HOUR - STEP), (HOUR, HOUR), (HOUR + STEP - 1, HOUR)] {
            let day = RecentHistory::empty(at(now));
            assert_eq!(day.last_step(), at(last));
            assert_eq!(day.last_step().seconds_since(day.first_step()), 49 * STEP);
        }
    }

    #[test]
    fn each_step_has_its_last_record_completed() {
        let day = RecentHistory::empty(at(HOUR)).with(&snapshot(HOUR, 1.0, true), at(HOUR));
        let day = day.with(&snapshot(HOUR + 300, 2.0, false), at(HOUR + 300));
        assert_eq!(shown(&day), [(49, 2.0, true)]);
        // An older one goes into its own step, and replaces nothing newer.
        let day = day.with(&snapshot(HOUR + 200, 3.0, true), at(HOUR + 400));
        let day = day.with(&snapshot(HOUR - 1, 4.0, false), at(HOUR + 500));
        assert_eq!(shown(&day), [(48, 4.0, false), (49, 2.0, true)]);
        // The sample is not part of the history.
        let day = day.with(&sample::snapshot(), at(HOUR + 600));
        assert_eq!(shown(&day).len(), 2);
    }

    #[test]
    fn it_goes_on_with_the_time() {
        let day = RecentHistory::empty(at(HOUR)).with(&snapshot(HOUR + 7, 1.0, true), at(HOUR + 7));
        let step = |now| shown(&day.at(at(now))).first().map(|(step, ..)| *step);
        assert_eq!(step(HOUR + STEP - 1), Some(49));
        assert_eq!(step(HOUR + STEP), Some(48));
        assert_eq!(step(HOUR + 49 * STEP), Some(0));
        assert_eq!(step(HOUR + 50 * STEP), None);
        // For a clock that was set back it is in the future.
        assert_eq!(step(HOUR - 1), None);
        assert_eq!(step(0), None);
        assert_eq!(step(u64::MAX), None);
    }

    #[tokio::test]
    async fn what_a_change_is_measured_from_is_there_until_it_is_read_again() {
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(31 * 86_400));
        // At no even pace.
        let times: Vec<u64> = (1..2_400).map(|n| HOUR - n * 300 - n * n % 170).collect();
        for time in times.iter().rev() {
            store.put(&snapshot(*time, 1.0, true), at(HOUR));
        }
        let history = History::new(Arc::new(store));
        let mut recent = history.recent(at(HOUR), Duration::ZERO).await.unwrap();
        let last = times[0];
        for now in (HOUR..HOUR + STEP).step_by(290) {
            recent = recent.with(&snapshot(now, 2.0, true), at(now));
            for span in Trend::SPANS {
                // The rates may be fresh, or nearly an hour old.
                for taken in [now, now - 250, last - 3_000] {
                    let then = taken - span.seconds();
                    let nearest = times.iter().min_by_key(|time| (time.abs_diff(then), **time));
                    let found = recent.since(Moment::before(at(taken), span));
                    assert_eq!(found[0].time(), at(*nearest.unwrap()), "{now} {taken} {span:?}");
                }
            }
        }
        let kept = recent.near.by_number.len();
        assert!(kept < 150, "{kept} of {} records", times.len());
    }

    #[test]
    fn records_of_every_second_do_not_pile_up() {
        let mut recent = RecentHistory::empty(at(HOUR));
        for now in HOUR..HOUR + 1_000 {
            recent = recent.with(&snapshot(now, 1.0, true), at(now));
        }
        assert_eq!(recent.near.by_number.len(), 17);
    }

    #[test]
    fn a_change_is_measured_from_half_hours_where_nothing_else_could_be_read() {
        let begin = HOUR - 86_400;
        let mut recent = RecentHistory::empty(at(begin));
        for now in (begin..=HOUR).step_by(300) {
            recent = recent.with(&snapshot(now, 1.0, true), at(now));
        }
        let then = recent.since(Moment::before(at(HOUR), Span::Day));
        assert_eq!(then[0].time(), at(begin + STEP - 300));
    }

    #[tokio::test]
    async fn what_is_read_is_completed_by_what_is_known() {
        let store = ResilientStore::new(StoreUrl::Memory, Duration::from_secs(7 * 86_400));
        let now = HOUR + 1_000;
        for (time, dollars) in [
            (HOUR - 49 * STEP - 1, 1.0),
            (HOUR - 49 * STEP, 2.0),
            (HOUR - 1, 3.0),
            (HOUR + 300, 4.0),
            (HOUR + 600, 5.0),
        ] {
            store.put(&snapshot(time, dollars, true), at(now));
        }
        let history = History::new(Arc::new(store));
        let read = history.recent(at(now), Duration::ZERO).await.unwrap();
        assert!(read.is_complete());
        assert_eq!(shown(&read), [(0, 2.0, true), (48, 3.0, true), (49, 5.0, true)]);
        let known = RecentHistory::empty(at(now)).with(&snapshot(HOUR + 900, 6.0, false), at(now));
        let known = known.with(&snapshot(HOUR - STEP, 7.0, true), at(now));
        let known = known.with(&snapshot(HOUR - 2 * STEP, 8.0, true), at(now));
        let joined = known.joined(&read, at(now));
        let steps = [(0, 2.0, true), (47, 8.0, true), (48, 3.0, true), (49, 6.0, true)];
        assert_eq!((shown(&joined).as_slice(), joined.is_complete()), (&steps[..], true));
        assert!(!joined.shows_the_same_as(&known));
        assert!(joined.joined(&read, at(now + 1)).shows_the_same_as(&joined));
        assert!(!joined.at(at(HOUR + STEP)).shows_the_same_as(&joined));
    }
}
