//! The records of the history, and how they are written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::rates::{Code, Quotation, Rate, Snapshot, Timestamp};

/// The values of one snapshot: units per bitcoin, without names and units. An old one stands for all snapshots of an
/// hour or a day, with the last value of each currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    time: Timestamp,
    values: Vec<(Code, f64)>,
    /// Present if the values were asked for later: the currencies that the upstream has no value of for this time.
    lacking: Option<BTreeSet<Code>>,
    /// Of a record that stands for several, the lowest and the highest value of each currency that has moved.
    extremes: Vec<(Code, f64, f64)>,
}

/// A [`Record`] as it is stored: about a kilobyte. Its key is the time.
///
/// That of a record filled in later is followed by what it lacks, and that of a record that stands for several by what
/// it lacks and [`WrittenExtremes`]. A reader of 0.1.0 ignores bytes after the values.
#[derive(Serialize, Deserialize)]
struct WrittenRecord {
    values: Vec<(Code, f64)>,
}

#[derive(Serialize, Deserialize)]
struct WrittenExtremes {
    /// Without it, what the record lacks says nothing.
    backfilled: bool,
    extremes: Vec<(Code, f64, f64)>,
}

impl Record {
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns the units of `code` for one bitcoin.
    pub fn value(&self, code: &Code) -> Option<f64> {
        // The values are sorted by code.
        let found = self.values.binary_search_by(|(other, _)| other.cmp(code));
        found.ok().map(|index| self.values[index].1)
    }

    /// Returns the units of `code` for one of `base`. Bitcoin's own units have their exact values here,
    /// because an upstream may round them.
    pub fn per(&self, code: &Code, base: &Code) -> Option<f64> {
        let value = |code: &Code| self.value(code).map(|value| code.constant().unwrap_or(value));
        Some(value(code)? / value(base)?).filter(|value| value.is_finite())
    }

    /// Returns the value of that pair in this direction: units of the base for one of `code` if it is direct, units
    /// of `code` for one of the base if it is inverse.
    pub fn quoted(&self, code: &Code, base: &Code, quotation: Quotation) -> Option<f64> {
        match quotation {
            Quotation::Direct => self.per(base, code),
            Quotation::Inverse => self.per(code, base),
        }
    }

    /// Makes the record of a snapshot. Rates carried forward are left out: they are in the record of
    /// their own time, which may be this one.
    pub fn of(snapshot: &Snapshot) -> Self {
        let time = snapshot.last_updated();
        let own = |rate: &&Rate| rate.carried_forward.is_none_or(|origin| origin.time == time);
        let value = |rate: &Rate| (rate.code.clone(), rate.value);
        let values = snapshot.rates().iter().filter(own).map(value).collect();
        Self { time, values, lacking: None, extremes: Vec::new() }
    }

    /// Makes the record of a time before now, to be filled in. It has what never changes.
    pub fn backfilled_at(time: Timestamp) -> Self {
        let value = |code: Code| code.constant().map(|value| (code, value));
        let values = Code::constants().into_iter().filter_map(value).collect();
        Self { time, values, lacking: Some(BTreeSet::new()), extremes: Vec::new() }
    }

    /// Makes the record of a snapshot with these values, in order of their codes.
    #[cfg(test)]
    pub(super) fn of_values(time: Timestamp, values: &[(&str, f64)]) -> Self {
        let value = |(code, value): &(&str, f64)| (code.parse().expect("a code"), *value);
        let values = values.iter().map(value).collect();
        Self { time, values, lacking: None, extremes: Vec::new() }
    }

    /// Returns whether its values were asked for later, and are not those of a snapshot.
    pub fn is_backfilled(&self) -> bool {
        self.lacking.is_some()
    }

    /// Returns whether the value of `code` is filled in, or known to be missing upstream.
    pub fn was_asked(&self, code: &Code) -> bool {
        self.value(code).is_some()
            || self.lacking.as_ref().is_some_and(|lacking| lacking.contains(code))
    }

    /// Fills in the value of `code`, or notes that there is none. Does not replace a value.
    pub fn fill_in(&mut self, code: &Code, value: Option<f64>) {
        let place = self.values.binary_search_by(|(other, _)| other.cmp(code));
        match (place, value) {
            (Err(place), Some(value)) => self.values.insert(place, (code.clone(), value)),
            (Err(_), None) => {
                self.lacking.get_or_insert_default().insert(code.clone());
            }
            (Ok(_), _) => {}
        }
    }

    /// Makes the record that stands for all of these, which are in order of time. It has the time of the last one, and
    /// was filled in later if that was. Returns `None` if there are none.
    pub fn joined(records: &[Self]) -> Option<Self> {
        let (last, earlier) = records.split_last()?;
        let completed = |later: Self, earlier: &Self| later.completed_by(earlier);
        let mut joined = earlier.iter().rev().fold(last.clone(), completed);
        let extremes = |(code, _): &(Code, f64)| {
            let known = records.iter().filter_map(|record| record.lowest_and_highest(code));
            let widest = |(low, high): (f64, f64), (lower, higher): (f64, f64)| {
                (low.min(lower), high.max(higher))
            };
            let (low, high) = known.reduce(widest)?;
            (low < high).then(|| (code.clone(), low, high))
        };
        joined.extremes = joined.values.iter().filter_map(extremes).collect();
        Some(joined)
    }

    fn lowest_and_highest(&self, code: &Code) -> Option<(f64, f64)> {
        let found = self.extremes.binary_search_by(|(other, ..)| other.cmp(code));
        let of_several = found.ok().map(|index| (self.extremes[index].1, self.extremes[index].2));
        of_several.or_else(|| self.value(code).map(|value| (value, value)))
    }

    /// Returns the lowest and the highest value of a pair in the time that the record stands for. If both currencies
    /// have moved, how they stood to each other is known of its last moment alone, and that is both.
    pub fn extremes(&self, code: &Code, base: &Code, quotation: Quotation) -> Option<(f64, f64)> {
        let (of, per) = match quotation {
            Quotation::Inverse => (code, base),
            Quotation::Direct => (base, code),
        };
        let last = self.per(of, per)?;
        let moved = |code: &Code| self.lowest_and_highest(code).filter(|(low, high)| low < high);
        let value = |code: &Code| code.constant().or_else(|| self.value(code));
        let extremes = match (moved(of), moved(per)) {
            (Some((low, high)), None) => value(per).map(|per| (low / per, high / per)),
            (None, Some((low, high))) => value(of).map(|of| (of / high, of / low)),
            _ => None,
        };
        let finite = |(low, high): &(f64, f64)| low.is_finite() && high.is_finite();
        Some(extremes.filter(finite).unwrap_or((last, last)))
    }

    /// Adds the values that only the earlier record has.
    #[must_use]
    pub fn completed_by(mut self, earlier: &Self) -> Self {
        let known = self.values.len();
        for (code, value) in &earlier.values {
            if self.values[..known].binary_search_by(|(other, _)| other.cmp(code)).is_err() {
                self.values.push((code.clone(), *value));
            }
        }
        self.values.sort_by(|(a, _), (b, _)| a.cmp(b));
        self
    }

    pub(super) fn write(snapshot: &Snapshot) -> Result<Vec<u8>, StoreError> {
        Self::of(snapshot).rewrite()
    }

    pub(super) fn rewrite(&self) -> Result<Vec<u8>, StoreError> {
        let unusable = |error: postcard::Error| StoreError::Unusable(error.to_string());
        let written = WrittenRecord { values: self.values.clone() };
        let bytes = postcard::to_stdvec(&written).map_err(unusable)?;
        let backfilled = self.lacking.is_some();
        if !backfilled && self.extremes.is_empty() {
            return Ok(bytes);
        }
        let nothing = BTreeSet::new();
        let lacking = self.lacking.as_ref().unwrap_or(&nothing);
        let bytes = postcard::to_extend(lacking, bytes).map_err(unusable)?;
        if self.extremes.is_empty() {
            return Ok(bytes);
        }
        let extremes = WrittenExtremes { backfilled, extremes: self.extremes.clone() };
        postcard::to_extend(&extremes, bytes).map_err(unusable)
    }

    /// Returns `None` for anything but a valid record, which the history then leaves out.
    pub(super) fn read(time: u64, bytes: &[u8]) -> Option<Self> {
        let (WrittenRecord { values }, rest) = postcard::take_from_bytes(bytes).ok()?;
        let (lacking, extremes) = match rest {
            [] => (None, Vec::new()),
            rest => {
                let (lacking, rest) = postcard::take_from_bytes(rest).ok()?;
                let WrittenExtremes { backfilled, extremes } = match rest {
                    [] => WrittenExtremes { backfilled: true, extremes: Vec::new() },
                    rest => postcard::from_bytes(rest).ok()?,
                };
                (Some(lacking).filter(|_| backfilled), extremes)
            }
        };
        let valid = |value: f64| value.is_finite() && value > 0.0;
        let sane = |(_, value): &(Code, f64)| valid(*value);
        let apart = |(_, low, high): &(Code, f64, f64)| valid(*low) && valid(*high) && low < high;
        let sorted = values.is_sorted_by(|(a, _), (b, _)| a < b)
            && extremes.is_sorted_by(|(a, ..), (b, ..)| a < b);
        (sorted && values.iter().all(sane) && extremes.iter().all(apart)).then(|| Self {
            time: Timestamp::from_unix_seconds(time),
            values,
            lacking,
            extremes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample;

    #[test]
    fn a_record_is_small_and_has_the_values_of_its_snapshot() {
        let snapshot = sample::snapshot();
        let record = Record::write(&snapshot).unwrap();
        assert!(record.len() < 1_200, "{}", record.len());
        let record = Record::read(7, &record).unwrap();
        assert_eq!(record.value(&Code::btc()), Some(1.0));
        assert_eq!(record.value(&"xyz".parse().unwrap()), None);
    }

    #[test]
    fn a_record_filled_in_later_says_so_and_0_1_0_reads_it() {
        let [usd, eur, xyz] = ["usd", "eur", "xyz"].map(|code| code.parse::<Code>().unwrap());
        let mut record = Record::backfilled_at(Timestamp::from_unix_seconds(7));
        record.fill_in(&usd, Some(70_000.5));
        record.fill_in(&usd, Some(1.0));
        record.fill_in(&xyz, None);
        let bytes = record.rewrite().unwrap();
        let read = Record::read(7, &bytes).unwrap();
        assert_eq!(read, record);
        assert!(read.is_backfilled());
        assert_eq!((read.value(&usd), read.value(&xyz)), (Some(70_000.5), None));
        assert_eq!([&usd, &xyz, &eur].map(|code| read.was_asked(code)), [true, true, false]);
        // As 0.1.0 reads a record.
        let WrittenRecord { values } = postcard::from_bytes(&bytes).unwrap();
        let codes: Vec<_> = values.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["bits", "btc", "sats", "usd"]);
        // That of a snapshot is as it was.
        let own = Record::read(7, &Record::write(&sample::snapshot()).unwrap()).unwrap();
        assert!(!own.is_backfilled() && !own.was_asked(&xyz));
        assert_eq!(own.rewrite().unwrap(), Record::write(&sample::snapshot()).unwrap());
    }

    #[test]
    fn a_record_that_stands_for_several_keeps_their_extremes() {
        let [usd, eur, btc, sats] = ["usd", "eur", "btc", "sats"].map(|code| code.parse().unwrap());
        let record = |time, dollars, euros: Option<f64>| {
            let mut record = Record::backfilled_at(Timestamp::from_unix_seconds(time));
            record.fill_in(&usd, Some(dollars));
            record.fill_in(&eur, euros);
            record
        };
        let own = |record: Record| Record { lacking: None, ..record };
        let first =
            [record(1, 8.0, Some(4.0)), record(2, 4.0, Some(4.0)), record(3, 5.0, Some(4.0))];
        let later = [own(record(4, 6.0, None)), own(record(5, 10.0, None))];
        // Of records that stand for several themselves.
        let [first, later] = [&first[..], &later[..]].map(|it| Record::joined(it).unwrap());
        assert!(first.is_backfilled() && !later.is_backfilled());
        let joined = Record::joined(&[first.clone(), later]).unwrap();
        for record in [first, joined.clone()] {
            let bytes = record.rewrite().unwrap();
            assert_eq!(Record::read(record.time().unix_seconds(), &bytes).unwrap(), record);
            // As 0.1.0 reads a record.
            let WrittenRecord { values } = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(values, record.values);
        }
        assert_eq!((joined.time().unix_seconds(), joined.is_backfilled()), (5, false));
        assert_eq!((joined.value(&usd), joined.value(&eur)), (Some(10.0), Some(4.0)));
        let (inverse, direct) = (Quotation::Inverse, Quotation::Direct);
        assert_eq!(joined.extremes(&usd, &btc, inverse), Some((4.0, 10.0)));
        assert_eq!(joined.extremes(&usd, &btc, direct), Some((0.1, 0.25)));
        assert_eq!(joined.extremes(&btc, &usd, inverse), Some((0.1, 0.25)));
        assert_eq!(joined.extremes(&sats, &usd, inverse), Some((1e7, 2.5e7)));
        // The euro has not moved, so what moved beside it is known, too.
        assert_eq!(joined.extremes(&usd, &eur, inverse), Some((1.0, 2.5)));
        assert_eq!(joined.extremes(&sats, &btc, inverse), Some((1e8, 1e8)));
        assert_eq!(joined.extremes(&"xyz".parse().unwrap(), &btc, inverse), None);
        let mut both = [record(1, 8.0, Some(4.0)), record(2, 4.0, Some(5.0))];
        let joined = Record::joined(&both).unwrap();
        assert_eq!(joined.extremes(&usd, &eur, inverse), Some((0.8, 0.8)));
        assert_eq!(Record::joined(&[]), None);
        // What can't be is not believed.
        both[0].extremes = vec![(usd, 9.0, 1.0)];
        assert!(Record::read(7, &both[0].rewrite().unwrap()).is_none());
    }

    #[test]
    fn what_was_never_written_here_is_not_believed() {
        assert!(Record::read(7, b"").is_none());
        assert!(Record::read(7, b"\xff\xff\xff\xff\xff\xff").is_none());
        let negative = WrittenRecord { values: vec![(Code::btc(), -1.0)] };
        assert!(Record::read(7, &postcard::to_stdvec(&negative).unwrap()).is_none());
    }
}
