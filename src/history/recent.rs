//! The last day in memory: the page and `/api/sparklines` show it, and neither reads the store for it.
//!
//! The board carries it, as all else that readers read. Each new snapshot is added to it; what came
//! before is read from the store ([`super::reload`]).

use std::{array, sync::Arc, time::Duration};

use crate::{
    rates::{Snapshot, SourceName, Timestamp},
    store::{Record, ResilientStore},
};

/// Seconds of a step. Steps begin at full and half hours.
pub const STEP: u64 = 1_800;

/// A day, and two steps before it: rates of 24 hours ago are always among them.
pub const STEPS: usize = 50;

/// From the beginning of the first step to that of the last.
const TO_LAST: Duration = Duration::from_secs(STEP * (STEPS as u64 - 1));

/// The rates of a day in steps of half an hour.
#[derive(Clone)]
pub struct RecentHistory {
    /// A moment in the last step.
    pub(super) now: Timestamp,
    /// The last record of each, with what it lacks from earlier ones of the same step.
    pub(super) steps: Steps,
    /// Whether the store could be read.
    complete: bool,
}

type Steps = [Option<Arc<Record>>; STEPS];

impl RecentHistory {
    /// One that knows nothing yet.
    pub fn empty(now: Timestamp) -> Self {
        Self { now, steps: array::from_fn(|_| None), complete: false }
    }

    /// What the store knows. May block.
    pub fn read(store: &ResilientStore, now: Timestamp) -> Self {
        let mut day = Self::empty(now);
        // One of each step: memory does not grow with what is kept.
        day.complete =
            store.read(day.first_step(), now, now, &mut |record| day.add(Arc::new(record)));
        day
    }

    /// The day that ends `now`, with this snapshot's values.
    #[must_use]
    pub fn with(&self, snapshot: &Snapshot, now: Timestamp) -> Self {
        let mut day = self.at(now);
        if snapshot.source() != SourceName::Sample {
            day.add(Arc::new(Record::of(snapshot)));
        }
        day
    }

    /// The day that ends `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut day = Self { complete: self.complete, ..Self::empty(now) };
        day.add_all(self);
        day
    }

    /// The day that was `read` from the store, with what it lacks from this one: as complete as it was.
    #[must_use]
    pub fn joined(&self, read: &Self, now: Timestamp) -> Self {
        let mut day = read.at(now);
        day.add_all(self);
        day
    }

    /// Whether it shows the same as the other one.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.complete == other.complete
            && self.last_step() == other.last_step()
            && self.steps == other.steps
    }

    /// False if the store could not be read: then there is only what this process has in memory.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// When the last step begins.
    pub fn last_step(&self) -> Timestamp {
        step_of(self.now)
    }

    /// The last record of each step, in order of time.
    pub fn steps(&self) -> &[Option<Arc<Record>>] {
        &self.steps
    }

    fn first_step(&self) -> Timestamp {
        self.last_step() - TO_LAST
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.steps.iter().flatten()
    }

    fn add_all(&mut self, other: &Self) {
        for record in other.records() {
            self.add(Arc::clone(record));
        }
    }

    /// Puts a record into its step, if it has one here. Of two of one second the one added later counts.
    fn add(&mut self, record: Arc<Record>) {
        let first = self.first_step();
        if record.time() < first {
            return;
        }
        let step = usize::try_from(record.time().seconds_since(first) / STEP);
        let Some(place) = step.ok().and_then(|step| self.steps.get_mut(step)) else { return };
        *place = Some(match place.take() {
            None => record,
            Some(kept) => {
                let later = record.time() >= kept.time();
                let (newer, older) = if later { (record, kept) } else { (kept, record) };
                Arc::new(Arc::unwrap_or_clone(newer).completed_by(&older))
            }
        });
    }
}

/// When the step begins that `time` falls into.
pub(super) fn step_of(time: Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(time.unix_seconds() / STEP * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rates::{Code, Rate},
        sources::sample,
        store::StoreUrl,
    };

    /// A full hour.
    const HOUR: u64 = 1_795_420_800;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn snapshot(time: u64, dollars: f64, euros: bool) -> Snapshot {
        let rates = sample::snapshot().rates().to_vec();
        let rates = rates.into_iter().filter(|rate| euros || rate.code.as_str() != "eur");
        let rates = rates.map(|rate| match rate.code.as_str() {
            "usd" => Rate { value: dollars, ..rate },
            _ => rate,
        });
        Snapshot::new(SourceName::Coingecko, at(time), rates.collect()).unwrap()
    }

    /// The dollars and whether there are euros, by step.
    fn shown(day: &RecentHistory) -> Vec<(usize, f64, bool)> {
        let (usd, eur): (Code, Code) = ("usd".parse().unwrap(), "eur".parse().unwrap());
        let shown = |(step, record): (usize, &Option<Arc<Record>>)| {
            let record = record.as_ref()?;
            Some((step, record.value(&usd)?, record.value(&eur).is_some()))
        };
        day.steps().iter().enumerate().filter_map(shown).collect()
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
        // An older one goes where it belongs, and over nothing newer.
        let day = day.with(&snapshot(HOUR + 200, 3.0, true), at(HOUR + 400));
        let day = day.with(&snapshot(HOUR - 1, 4.0, false), at(HOUR + 500));
        assert_eq!(shown(&day), [(48, 4.0, false), (49, 2.0, true)]);
        // The sample is of no time.
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
        // A clock that is set back has not seen it yet.
        assert_eq!(step(HOUR - 1), None);
        assert_eq!(step(0), None);
        assert_eq!(step(u64::MAX), None);
    }

    #[test]
    fn what_is_read_is_completed_by_what_is_known() {
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
        let read = RecentHistory::read(&store, at(now));
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
