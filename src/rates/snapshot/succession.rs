//! How a snapshot follows an earlier one: what it carries forward, and since when nothing has changed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Code, DayChanges, Rate, ReferenceRates, Snapshot, SnapshotId, Timestamp};

impl Snapshot {
    /// Carries forward those rates of `earlier` that are `wanted` and missing here, each marked with
    /// its origin. Bitcoin's own units never grow old.
    #[must_use]
    pub fn carry_forward(self, earlier: &Self, wanted: impl Fn(&Code) -> bool) -> Self {
        let arrived = self.confirmed();
        let (source, origin, given) = (self.source, earlier.origin(), self.rates.len());
        let (mut rates, mut absent) = (self.rates, self.absent);
        let lacked = |code| earlier.absent.get(code).filter(|_| earlier.source == source);
        for rate in earlier.rates.iter().filter(|rate| wanted(&rate.code)) {
            // The source's own rates are sorted, and come before those carried forward.
            if rates[..given].binary_search_by(|other| other.code.cmp(&rate.code)).is_err() {
                let origin = (!rate.code.is_constant()).then_some(origin);
                let carried_forward = rate.carried_forward.or(origin);
                if carried_forward.is_some() {
                    let since = lacked(&rate.code).copied().unwrap_or(arrived);
                    absent.insert(rate.code.clone(), since);
                }
                rates.push(Rate { carried_forward, ..rate.clone() });
            }
        }
        rates.sort_by(|a, b| a.code.cmp(&b.code));
        let id = SnapshotId::of(source, self.last_updated, &rates);
        Self { id, rates, absent, ..self }
    }

    /// Removes the rates of these currencies. Bitcoin always stays.
    #[must_use]
    pub fn without(self, codes: &[Code]) -> Self {
        let mut rates = self.rates;
        rates.retain(|rate| rate.code == Code::btc() || !codes.contains(&rate.code));
        let id = SnapshotId::of(self.source, self.last_updated, &rates);
        Self { id, rates, ..self }
    }

    /// Returns the rates of `earlier` that the answers of the same source have lacked for so `long`, up to
    /// this one.
    pub fn lacking_for(&self, long: Duration, earlier: &Self) -> Vec<Code> {
        let gone = |(code, since): &(&Code, &Timestamp)| {
            self.get(code).is_none() && self.confirmed().seconds_since(**since) >= long.as_secs()
        };
        let lacked = earlier.absent.iter().filter(|_| earlier.source == self.source);
        lacked.filter(gone).map(|(code, _)| code.clone()).collect()
    }

    /// Returns since when the source's answers have lacked the rates that are carried forward.
    pub fn absent(&self) -> &BTreeMap<Code, Timestamp> {
        &self.absent
    }

    /// Sets since when the source's answers have lacked rates, as an earlier process has seen it.
    #[must_use]
    pub fn with_absent(self, absent: BTreeMap<Code, Timestamp>) -> Self {
        Self { absent, ..self }
    }

    /// Returns the source's own changes over a day, if they are good for these rates.
    pub fn day_changes(&self) -> Option<&Arc<DayChanges>> {
        self.day_changes.as_ref().filter(|changes| changes.are_good_at(self.confirmed()))
    }

    /// Sets the source's own changes over a day.
    #[must_use]
    pub fn with_day_changes(self, day_changes: Option<Arc<DayChanges>>) -> Self {
        Self { day_changes, ..self }
    }

    /// Returns the rates of other upstreams, to compare these with.
    pub fn references(&self) -> &[Arc<ReferenceRates>] {
        &self.references
    }

    /// Sets the rates of other upstreams.
    #[must_use]
    pub fn with_references(self, references: Vec<Arc<ReferenceRates>>) -> Self {
        Self { references, ..self }
    }

    /// Sets the rates of one of them, instead of its earlier ones.
    #[must_use]
    pub fn with_reference(mut self, rates: Arc<ReferenceRates>) -> Self {
        self.references.retain(|other| other.name() != rates.name());
        self.references.push(rates);
        self
    }

    /// Returns the rates that the source itself sent.
    pub fn given(&self) -> impl Iterator<Item = &Rate> {
        self.rates.iter().filter(|rate| rate.carried_forward.is_none())
    }

    /// Returns the rates that are carried forward.
    pub fn carried_forward(&self) -> impl Iterator<Item = &Rate> {
        self.rates.iter().filter(|rate| rate.carried_forward.is_some())
    }

    /// Sets when the rates were new, and when they arrived.
    #[must_use]
    pub fn dated(self, last_updated: Timestamp, confirmed: Timestamp) -> Self {
        let id = SnapshotId::of(self.source, last_updated, &self.rates);
        Self { id, last_updated, ..self }.confirmed_at(confirmed)
    }

    /// Sets when the source last answered with these values.
    #[must_use]
    pub fn confirmed_at(self, time: Timestamp) -> Self {
        Self { confirmed: Some(time).filter(|time| *time > self.last_updated), ..self }
    }

    /// Returns when the source last answered with these values.
    pub fn confirmed(&self) -> Timestamp {
        self.confirmed.unwrap_or(self.last_updated)
    }

    /// Returns for how long they had not changed when the source last answered with them.
    pub fn unchanged(&self) -> Duration {
        Duration::from_secs(self.confirmed().seconds_since(self.last_updated))
    }

    /// Returns whether nothing has moved since an earlier answer of the same source. Rates that do not move
    /// with a market do not count.
    pub fn has_the_values_of(&self, earlier: &Self) -> bool {
        let moving = self.given().filter(|rate| rate.code.remark().is_none());
        let mut same = moving.filter_map(|rate| {
            let earlier = earlier.get(&rate.code)?;
            Some(earlier.value.to_bits() == rate.value.to_bits())
        });
        // Without any value in common nothing is known.
        self.source == earlier.source && same.next() == Some(true) && same.all(|same| same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::{Origin, RateType, SourceName};

    fn rate(code: &str, value: f64) -> Rate {
        let code: Code = code.parse().unwrap();
        Rate::new(code.clone(), code.to_string(), String::new(), value, RateType::Fiat).unwrap()
    }

    #[test]
    fn what_a_source_lacks_is_carried_forward_with_its_own_time() {
        let origin = |seconds| Origin {
            source: SourceName::Coingecko,
            time: Timestamp::from_unix_seconds(seconds),
        };
        let at = |seconds, source, rates| {
            Snapshot::new(source, Timestamp::from_unix_seconds(seconds), rates).unwrap()
        };
        let old = [rate("btc", 1.0), rate("sats", 1e8), rate("usd", 2.0), rate("xdr", 3.0)];
        let old = at(100, SourceName::Coingecko, old.to_vec());
        let new = vec![rate("btc", 1.0), rate("usd", 2.5)];
        let new = at(200, SourceName::Coinbase, new).carry_forward(&old, |_| true);
        let (usd, xdr) = ("usd".parse().unwrap(), "xdr".parse().unwrap());
        assert_eq!(new.get(&usd), Some(&rate("usd", 2.5)));
        assert_eq!(new.get(&xdr).unwrap().carried_forward, Some(origin(100)));
        assert_eq!(new.get(&"sats".parse().unwrap()).unwrap().carried_forward, None);
        // A quote is as old as the older of its two values.
        let oldest = |base: &Code| new.per(base).unwrap().carried_forward(new.get(&usd).unwrap());
        assert_eq!(oldest(&Code::btc()), None);
        assert_eq!(oldest(&xdr), Some(origin(100)));
        // A rate keeps its time for as long as it is carried forward.
        let next = at(300, SourceName::Coinbase, vec![rate("btc", 1.0), rate("usd", 2.6)]);
        // How long the source's own answers have lacked it is known, too.
        let lacking = |at: &Snapshot, long| at.lacking_for(Duration::from_secs(long), &new);
        assert_eq!((lacking(&next, 100), lacking(&next, 101)), (vec![xdr.clone()], vec![]));
        let other = at(300, SourceName::Coingecko, vec![rate("btc", 1.0)]);
        assert_eq!(lacking(&other, 0), vec![]);
        let next = next.carry_forward(&new, |_| true);
        assert_eq!(next.absent(), new.absent());
        assert_eq!(next.get(&xdr).unwrap().carried_forward, Some(origin(100)));
        let codes = |snapshot: &Snapshot| -> Vec<String> {
            snapshot.rates().iter().map(|rate| rate.code.to_string()).collect()
        };
        assert_eq!(codes(&next), ["btc", "sats", "usd", "xdr"]);
        assert_eq!(codes(&next.without(&[xdr, Code::btc()])), ["btc", "sats", "usd"]);
    }

    #[test]
    fn what_does_not_move_anyway_says_nothing() {
        let of = |source, usd, vef| {
            let rates =
                vec![rate("btc", 1.0), rate("sats", 1e8), rate("usd", usd), rate("vef", vef)];
            Snapshot::new(source, Timestamp::from_unix_seconds(100), rates).unwrap()
        };
        let earlier = of(SourceName::Coingecko, 2.0, 0.2);
        let same = |later: &Snapshot| later.has_the_values_of(&earlier);
        assert!(same(&earlier) && same(&of(SourceName::Coingecko, 2.0, 0.3)));
        assert!(!same(&of(SourceName::Coingecko, 2.001, 0.2)));
        assert!(!same(&of(SourceName::Coinbase, 2.0, 0.2)));
        // A row that is missing is no movement, and nothing in common is no answer of the same.
        assert!(same(&of(SourceName::Coingecko, 2.0, 0.2).without(&["vef".parse().unwrap()])));
        assert!(!same(&of(SourceName::Coingecko, 2.0, 0.2).without(&["usd".parse().unwrap()])));
        // The time that it was new decides over its id, and not when it was confirmed.
        let at = Timestamp::from_unix_seconds;
        let later = of(SourceName::Coingecko, 2.0, 0.2).dated(at(100), at(400));
        assert_eq!((later.id(), later.unchanged().as_secs()), (earlier.id(), 300));
        let aged = of(SourceName::Coingecko, 2.0, 0.2).dated(at(40), at(100));
        assert_ne!(aged.id(), earlier.id());
        assert_eq!((aged.last_updated(), aged.confirmed()), (at(40), at(100)));
        assert_eq!(later.confirmed_at(at(50)).confirmed(), at(100));
    }
}
