//! How snapshots are serialized.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::rates::{Code, InvalidRate, Quotation, Rate, Snapshot, SourceName, Timestamp};

/// The values of one snapshot: units per bitcoin, without names and units.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    time: Timestamp,
    values: Vec<(Code, f64)>,
}

/// A [`Record`] as it is stored: about a kilobyte. Its key is the time.
#[derive(Serialize, Deserialize)]
struct WrittenRecord {
    values: Vec<(Code, f64)>,
}

/// The last good snapshot as it is stored. Its id is computed from the rest.
#[derive(Serialize, Deserialize)]
struct WrittenSnapshot {
    source: SourceName,
    last_updated: Timestamp,
    rates: Vec<Rate>,
    /// When the source last answered with the same values. Snapshots of 0.1.0 tell neither this nor the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<Timestamp>,
    /// Since when the source's answers have lacked rates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    absent: BTreeMap<Code, Timestamp>,
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
        Self { time, values: snapshot.rates().iter().filter(own).map(value).collect() }
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
        postcard::to_stdvec(&WrittenRecord { values: self.values.clone() })
            .map_err(|error| StoreError::Unusable(error.to_string()))
    }

    /// Returns `None` for anything but a valid record, which the history then leaves out.
    pub(super) fn read(time: u64, bytes: &[u8]) -> Option<Self> {
        let WrittenRecord { values } = postcard::from_bytes(bytes).ok()?;
        let sane = |(_, value): &(Code, f64)| value.is_finite() && *value > 0.0;
        let sorted = values.is_sorted_by(|(a, _), (b, _)| a < b);
        (sorted && values.iter().all(sane))
            .then(|| Self { time: Timestamp::from_unix_seconds(time), values })
    }
}

pub fn write_snapshot(snapshot: &Snapshot) -> Result<Vec<u8>, StoreError> {
    let written = WrittenSnapshot {
        source: snapshot.source(),
        last_updated: snapshot.last_updated(),
        rates: snapshot.rates().to_vec(),
        confirmed: Some(snapshot.confirmed()).filter(|time| *time > snapshot.last_updated()),
        absent: snapshot.absent().clone(),
    };
    serde_json::to_vec(&written).map_err(|error| StoreError::Unusable(error.to_string()))
}

/// Reads a snapshot, and checks it as if it came from an upstream: a store deserves no more trust.
pub fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
    let WrittenSnapshot { source, last_updated, rates, confirmed, absent } =
        serde_json::from_slice(bytes).map_err(|error| corrupt(&error))?;
    let check = |Rate { code, name, unit, value, kind, carried_forward }| {
        let rate = Rate::new(code, name, unit, value, kind)?;
        Ok::<_, InvalidRate>(Rate { carried_forward, ..rate })
    };
    let rates: Result<_, _> = rates.into_iter().map(check).collect();
    let rates = rates.map_err(|error| corrupt(&error))?;
    let snapshot = Snapshot::new(source, last_updated, rates).map_err(|error| corrupt(&error))?;
    let confirmed = confirmed.unwrap_or(last_updated);
    // Nothing can have been missing since a time that is yet to come.
    let absent = absent.into_iter().map(|(code, since)| (code, since.min(confirmed))).collect();
    Ok(snapshot.with_absent(absent).confirmed_at(confirmed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample;

    #[test]
    fn a_snapshot_reads_back_whole() {
        let snapshot = sample::snapshot();
        assert_eq!(read_snapshot(&write_snapshot(&snapshot).unwrap()).unwrap(), snapshot);
        // So does what it has carried forward, and for how long that has been missing.
        let later =
            snapshot.clone().without(&["usd".parse().unwrap()]).carry_forward(&snapshot, |_| true);
        let read = read_snapshot(&write_snapshot(&later).unwrap()).unwrap();
        assert_eq!((read.absent().len(), &read), (1, &later));
        // It is of the same time, and its record takes the place of the first without a loss.
        assert_eq!(Record::of(&later), Record::of(&snapshot));
        let taken = snapshot.last_updated();
        let confirmed = later.confirmed_at(taken + std::time::Duration::from_secs(600));
        let read = read_snapshot(&write_snapshot(&confirmed).unwrap()).unwrap();
        assert_eq!((read.unchanged().as_secs(), &read), (600, &confirmed));
        let record = Record::write(&snapshot).unwrap();
        assert!(record.len() < 1_200, "{}", record.len());
        let record = Record::read(7, &record).unwrap();
        assert_eq!(record.value(&Code::btc()), Some(1.0));
        assert_eq!(record.value(&"xyz".parse().unwrap()), None);
    }

    #[test]
    fn what_was_never_written_here_is_not_believed() {
        assert!(Record::read(7, b"").is_none());
        assert!(Record::read(7, b"\xff\xff\xff\xff\xff\xff").is_none());
        let negative = WrittenRecord { values: vec![(Code::btc(), -1.0)] };
        assert!(Record::read(7, &postcard::to_stdvec(&negative).unwrap()).is_none());
        for bytes in [&b""[..], b"{}", br#"{"source":"coingecko","last_updated":1,"rates":[]}"#] {
            assert!(matches!(read_snapshot(bytes), Err(StoreError::Corrupt(_))));
        }
    }
}
