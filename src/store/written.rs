//! How the last good snapshot and the ledger of the alerts are written: as JSON, so that a later version may add to
//! them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::{
    alerts::Ledger,
    rates::{Code, DayChanges, InvalidRate, Rate, ReferenceRates, Snapshot, SourceName, Timestamp},
};

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
    /// The source's own changes over a day, so that a restart or another replica need not ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day_changes: Option<DayChanges>,
    /// The rates of other upstreams, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    references: Vec<WrittenReference>,
}

/// The [`ReferenceRates`] of one upstream. One of a name that is unknown here is left out: another release may know it.
#[derive(Serialize, Deserialize)]
struct WrittenReference {
    name: String,
    time: Timestamp,
    asked: Timestamp,
    values: BTreeMap<Code, f64>,
}

impl WrittenReference {
    fn of(rates: &ReferenceRates) -> Self {
        let (name, values) = (rates.name().to_string(), rates.values().clone());
        Self { name, time: rates.time(), asked: rates.asked(), values }
    }

    fn read(self) -> Option<Arc<ReferenceRates>> {
        let name = self.name.parse().ok()?;
        ReferenceRates::new(name, self.time, self.asked, self.values).map(Arc::new)
    }
}

pub fn write_snapshot(snapshot: &Snapshot) -> Result<Vec<u8>, StoreError> {
    let written = WrittenSnapshot {
        source: snapshot.source(),
        last_updated: snapshot.last_updated(),
        rates: snapshot.rates().to_vec(),
        confirmed: Some(snapshot.confirmed()).filter(|time| *time > snapshot.last_updated()),
        absent: snapshot.absent().clone(),
        day_changes: snapshot.day_changes().map(|changes| DayChanges::clone(changes)),
        references: snapshot.references().iter().map(|it| WrittenReference::of(it)).collect(),
    };
    serde_json::to_vec(&written).map_err(|error| StoreError::Unusable(error.to_string()))
}

/// Reads a snapshot, and checks it as if it came from an upstream: a store deserves no more trust.
pub fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, StoreError> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
    let written: WrittenSnapshot =
        serde_json::from_slice(bytes).map_err(|error| corrupt(&error))?;
    let WrittenSnapshot { source, last_updated, rates, confirmed, absent, .. } = written;
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
    let day_changes = written.day_changes.and_then(DayChanges::checked).map(Arc::new);
    let references = written.references.into_iter().filter_map(WrittenReference::read).collect();
    let snapshot = snapshot.with_absent(absent).with_day_changes(day_changes);
    Ok(snapshot.with_references(references).confirmed_at(confirmed))
}

pub(super) fn write_alerts(ledger: &Ledger) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(ledger).map_err(|error| StoreError::Unusable(error.to_string()))
}

pub(super) fn read_alerts(bytes: &[u8]) -> Result<Ledger, StoreError> {
    let ledger: Result<Ledger, _> = serde_json::from_slice(bytes);
    ledger.map(Ledger::checked).map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rates::ReferenceName, sources::sample, store::Record};

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
        let changes = [("usd".parse().unwrap(), 1.5)].into_iter().collect();
        let changes = DayChanges::new(SourceName::Coingecko, taken, changes).map(Arc::new);
        let later = later.with_day_changes(changes.clone());
        let read = read_snapshot(&write_snapshot(&later).unwrap()).unwrap();
        assert_eq!(read.day_changes(), changes.as_ref());
        // And what it is compared with, unless that is of a reference of another release.
        let values = [("usd", 1.1), ("jpy", 181.0), ("eur", 1.0)];
        let values = values.map(|(code, value)| (code.parse().unwrap(), value)).into();
        let ecb = ReferenceRates::new(ReferenceName::Frankfurter, taken, taken, values).unwrap();
        let compared = later.clone().with_reference(Arc::new(ecb));
        let written = write_snapshot(&compared).unwrap();
        assert_eq!(read_snapshot(&written).unwrap().references(), compared.references());
        let other = String::from_utf8(written).unwrap().replace("frankfurter", "another");
        assert_eq!(read_snapshot(other.as_bytes()).unwrap().references().len(), 0);
        let confirmed = later.confirmed_at(taken + std::time::Duration::from_secs(600));
        let read = read_snapshot(&write_snapshot(&confirmed).unwrap()).unwrap();
        assert_eq!((read.unchanged().as_secs(), &read), (600, &confirmed));
    }

    #[test]
    fn what_was_never_written_here_is_not_believed() {
        for bytes in [&b""[..], b"{}", br#"{"source":"coingecko","last_updated":1,"rates":[]}"#] {
            assert!(matches!(read_snapshot(bytes), Err(StoreError::Corrupt(_))));
        }
    }
}
