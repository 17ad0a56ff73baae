//! All rates at one moment.

#[cfg(feature = "ssr")]
mod succession;

#[cfg(feature = "ssr")]
use std::{collections::BTreeMap, sync::Arc};
use std::{convert::Infallible, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Code, Origin, Quotation, Quote, Rate, SourceName, Timestamp};
#[cfg(feature = "ssr")]
use super::{DayChanges, ReferenceRates};

/// All rates of one source at one time, with those carried forward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    id: SnapshotId,
    source: SourceName,
    /// When the rates were new: when the source's answer arrived, less the age that it told, unless it has
    /// the same values as the one before. CoinGecko's own answer carries no time.
    last_updated: Timestamp,
    /// Sorted by code, each code once.
    rates: Vec<Rate>,
    /// When the source's last answer with these values arrived, if that is later than `last_updated`.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    confirmed: Option<Timestamp>,
    /// Since when the source's answers have lacked the rates that are carried forward.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    absent: BTreeMap<Code, Timestamp>,
    /// How the rates have moved in a day by a source's own account, while the history here is too short.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    day_changes: Option<Arc<DayChanges>>,
    /// The rates of other upstreams, to compare these with.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    references: Vec<Arc<ReferenceRates>>,
}

/// The name of a snapshot: its time and eight digits of a digest of its content, as in
/// `20261123T082128Z-5f1c09ab`. The page, the `ETag`, and the metrics show it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotId(String);

/// Error returned when rates cannot make a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSnapshot {
    #[error("the rate of btc, which all others are per, is missing")]
    NoBitcoin,
    #[error("the rate of btc, which all others are per, is not 1")]
    NotPerBitcoin,
}

impl Snapshot {
    /// Makes a snapshot. A code that occurs twice keeps its first rate. Units of bitcoin with a wrong value
    /// are left out.
    #[cfg(feature = "ssr")]
    pub fn new(
        source: SourceName,
        last_updated: Timestamp,
        mut rates: Vec<Rate>,
    ) -> Result<Self, InvalidSnapshot> {
        rates.sort_by(|a, b| a.code.cmp(&b.code));
        rates.dedup_by(|later, first| later.code == first.code);
        let right = |rate: &Rate| rate.code.constant().is_none_or(|value| is(rate.value, value));
        match rates.iter().find(|rate| rate.code == Code::btc()) {
            None => return Err(InvalidSnapshot::NoBitcoin),
            Some(bitcoin) if !right(bitcoin) => return Err(InvalidSnapshot::NotPerBitcoin),
            Some(_) => {}
        }
        rates.retain(right);
        let id = SnapshotId::of(source, last_updated, &rates);
        let (confirmed, absent, day_changes) = (None, BTreeMap::new(), None);
        let references = Vec::new();
        Ok(Self { id, source, last_updated, rates, confirmed, absent, day_changes, references })
    }

    /// Takes a rate that is missing here from an earlier snapshot, marked with its origin. The id stays: it is
    /// that of the rates which the server has.
    pub fn keep(&mut self, code: &Code, earlier: &Self) {
        let place = self.rates.binary_search_by(|rate| rate.code.cmp(code));
        if let (Err(place), Some(rate)) = (place, earlier.get(code)) {
            let carried_forward = rate.carried_forward.or(Some(earlier.origin()));
            self.rates.insert(place, Rate { carried_forward, ..rate.clone() });
        }
    }

    pub fn id(&self) -> &SnapshotId {
        &self.id
    }

    pub fn source(&self) -> SourceName {
        self.source
    }

    pub fn last_updated(&self) -> Timestamp {
        self.last_updated
    }

    /// Returns the time since it was taken, in whole seconds.
    #[cfg(feature = "ssr")]
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::from_secs(now.seconds_since(self.last_updated))
    }

    /// Returns whether the rates are too old to show their change over the last day.
    ///
    /// Server and browser must agree on this, so page data is cached separately for either answer.
    pub fn is_over_an_hour_old(&self, now: Timestamp) -> bool {
        now >= self.over_an_hour_old_from()
    }

    /// Returns the first second at which [`Self::is_over_an_hour_old`] is true.
    pub fn over_an_hour_old_from(&self) -> Timestamp {
        self.last_updated + Duration::from_secs(3_601)
    }

    /// Returns its source and its time.
    pub fn origin(&self) -> Origin {
        Origin { source: self.source, time: self.last_updated }
    }

    /// Returns all rates, sorted by code. Values are units per one bitcoin.
    pub fn rates(&self) -> &[Rate] {
        &self.rates
    }

    pub fn get(&self, code: &Code) -> Option<&Rate> {
        let found = self.rates.binary_search_by(|rate| rate.code.cmp(code));
        found.ok().map(|index| &self.rates[index])
    }

    /// Returns the rates in units per one `base`, or `None` if that is unknown.
    pub fn per(&self, base: &Code) -> Option<Rebased<'_>> {
        Some(Rebased(self.get(base)?))
    }

    /// Returns the rates sorted by value, largest first.
    #[cfg(feature = "ssr")]
    pub fn by_value(&self) -> Vec<&Rate> {
        let mut sorted: Vec<&Rate> = self.rates.iter().collect();
        sorted.sort_by(|a, b| Rate::by_value(a, b));
        sorted
    }
}

/// Rates in units per one base.
#[derive(Clone, Copy, Debug)]
pub struct Rebased<'a>(&'a Rate);

impl Rebased<'_> {
    /// Returns what one unit of the base is worth in the currency of `rate`, a rate of the same snapshot.
    pub fn quote(self, rate: &Rate) -> Quote {
        Quote::between(rate, self.0)
    }

    /// Returns the quote of that pair in this direction.
    pub fn quoted(self, rate: &Rate, quotation: Quotation) -> Quote {
        match quotation {
            Quotation::Direct => Quote::between(self.0, rate),
            Quotation::Inverse => self.quote(rate),
        }
    }

    /// Returns the origin of that quote if one of its two values is carried forward: the older one's.
    pub fn carried_forward(self, rate: &Rate) -> Option<Origin> {
        match (rate.carried_forward, self.0.carried_forward) {
            (Some(rate), Some(base)) if base.time < rate.time => Some(base),
            (Some(rate), _) => Some(rate),
            (None, base) => base,
        }
    }
}

/// Returns whether a value is that of the constant, apart from the rounding of a division.
#[cfg(feature = "ssr")]
fn is(value: f64, constant: f64) -> bool {
    (value / constant - 1.0).abs() < 1e-9
}

impl SnapshotId {
    #[cfg(feature = "ssr")]
    fn of(source: SourceName, last_updated: Timestamp, rates: &[Rate]) -> Self {
        use sha2::{Digest, Sha256};

        let mut digest = Sha256::new();
        digest.update(source.as_str());
        for Rate { code, name, unit, value, kind, carried_forward } in rates {
            for part in [code.as_str(), name, unit, kind.as_str()] {
                digest.update(part);
                digest.update([0]);
            }
            digest.update(value.to_le_bytes());
            if let Some(Origin { source, time }) = carried_forward {
                digest.update(source.as_str());
                digest.update(time.unix_seconds().to_le_bytes());
            }
        }
        let digest = digest.finalize();
        let time = last_updated.to_string().replace(['-', ':'], "");
        let tail = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Self(format!("{time}-{tail:08x}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SnapshotId {
    type Err = Infallible;

    /// Any text may be the id of a snapshot of another build.
    fn from_str(id: &str) -> Result<Self, Infallible> {
        Ok(Self(id.to_owned()))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::rates::RateType;

    fn rate(code: &str, value: f64) -> Rate {
        let code: Code = code.parse().unwrap();
        Rate::new(code.clone(), code.to_string(), String::new(), value, RateType::Fiat).unwrap()
    }

    fn snapshot(rates: Vec<Rate>) -> Result<Snapshot, InvalidSnapshot> {
        let time = Timestamp::from_unix_seconds(1_795_422_088);
        Snapshot::new(SourceName::Coingecko, time, rates)
    }

    #[test]
    fn without_bitcoin_there_is_no_snapshot() {
        assert_eq!(snapshot(vec![rate("usd", 2.0)]), Err(InvalidSnapshot::NoBitcoin));
    }

    #[test]
    fn bitcoin_s_own_units_have_their_own_values() {
        assert_eq!(snapshot(vec![rate("btc", 100.0)]), Err(InvalidSnapshot::NotPerBitcoin));
        let rates = vec![rate("btc", 1.0), rate("bits", 1e6), rate("sats", 1e6)];
        let codes = snapshot(rates).unwrap();
        let codes: Vec<_> = codes.rates().iter().map(|rate| rate.code.as_str()).collect();
        assert_eq!(codes, ["bits", "btc"]);
    }

    #[test]
    fn rates_are_found_and_ordered() {
        let rates = vec![rate("usd", 2.0), rate("btc", 1.0), rate("eur", 2.0), rate("usd", 9.0)];
        let snapshot = snapshot(rates).unwrap();
        let code = |text: &str| text.parse().unwrap();
        assert_eq!(snapshot.get(&code("usd")).unwrap().value.to_bits(), 2.0_f64.to_bits());
        assert_eq!(snapshot.get(&code("gbp")), None);
        let order: Vec<_> = snapshot.by_value().iter().map(|rate| rate.code.as_str()).collect();
        assert_eq!(order, ["eur", "usd", "btc"]);
    }

    #[test]
    fn the_id_tells_time_and_content() {
        let one = snapshot(vec![rate("btc", 1.0), rate("usd", 2.0)]).unwrap();
        let same = snapshot(vec![rate("usd", 2.0), rate("btc", 1.0)]).unwrap();
        let other = snapshot(vec![rate("btc", 1.0), rate("usd", 2.5)]).unwrap();
        assert!(one.id().as_str().starts_with("20261123T082128Z-"), "{}", one.id());
        assert_eq!(one.id(), same.id());
        assert_ne!(one.id(), other.id());
    }

    proptest::proptest! {
        #[test]
        fn there_and_back_is_one(a in 1e-12..1e15_f64, b in 1e-12..1e15_f64) {
            let snapshot = snapshot(vec![rate("btc", 1.0), rate("usd", a), rate("eur", b)]).unwrap();
            let (usd, eur) = ("usd".parse().unwrap(), "eur".parse().unwrap());
            let quote = |of, per| snapshot.per(per).unwrap().quote(snapshot.get(of).unwrap()).value;
            let (there, back) = (quote(&usd, &eur), quote(&eur, &usd));
            proptest::prop_assert!((there * back - 1.0).abs() < 1e-12);
            proptest::prop_assert!(there > 0.0 && there.is_finite());
        }
    }
}
