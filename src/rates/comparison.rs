//! Compares rates with those of other upstreams.

use super::{Code, ReferenceRates, Snapshot, Timestamp, reference::FEWEST};

/// The largest factor between two values that agree. Its square is below that of an outlier, so nothing agrees with
/// both an outlier and the value before it.
const AGREES: f64 = 1.2;

/// What a reference says of a value that can't follow from the last good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the new value, and not the last good one.
    Agrees,
    /// It still has the last good one.
    Contradicts,
}

impl Snapshot {
    /// Returns how far the values are from those of each reference, as ratios: 0.01 is one percent.
    pub fn deviations(&self) -> impl Iterator<Item = (&ReferenceRates, &Code, f64)> {
        self.references().iter().flat_map(|rates| {
            self.deviations_from(rates)
                .into_iter()
                .map(move |(code, ratio)| (&**rates, code, ratio))
        })
    }

    /// Returns how far the values are from those of one reference. Those carried forward are not compared. Empty if too
    /// few are in both, if the times are too far apart, or if both have the same source.
    pub fn deviations_from<'a>(&self, rates: &'a ReferenceRates) -> Vec<(&'a Code, f64)> {
        let apart = rates.time().seconds_apart(self.confirmed());
        if rates.name().is(self.source()) || apart > rates.name().comparable().as_secs() {
            return Vec::new();
        }
        let Some(median) = self.in_common(rates) else { return Vec::new() };
        let given = |code: &Code| self.get(code).is_some_and(|it| it.carried_forward.is_none());
        let codes = rates.values().keys().filter(|code| given(code));
        let ratio = |code| Some((code, (self.factor(code, rates, median)? - 1.0).abs()));
        codes.filter_map(ratio).collect()
    }

    /// Returns what the references of the `old` rates say of the value of `code`, which can't follow from the one there.
    /// `None` if they don't know, or not all say the same.
    pub fn verdict(&self, code: &Code, old: &Self) -> Option<Verdict> {
        let verdict = |rates| self.verdict_of(rates, code, old, self.confirmed());
        let mut verdicts = old.references().iter().filter_map(|rates| verdict(rates));
        let first = verdicts.next()?;
        verdicts.all(|other| other == first).then_some(first)
    }

    fn verdict_of(
        &self,
        rates: &ReferenceRates,
        code: &Code,
        old: &Self,
        now: Timestamp,
    ) -> Option<Verdict> {
        let age = now.seconds_since(rates.time());
        if rates.name().is(self.source()) || age > rates.name().current().as_secs() {
            return None;
        }
        let agrees = |snapshot: &Self| {
            let factor = snapshot.factor(code, rates, snapshot.in_common(rates)?)?;
            Some((1.0 / AGREES..=AGREES).contains(&factor))
        };
        match (agrees(old)?, agrees(self)?) {
            (false, true) => Some(Verdict::Agrees),
            (true, false) => Some(Verdict::Contradicts),
            _ => None,
        }
    }

    /// Returns the factor that all values have in common: their median.
    fn in_common(&self, rates: &ReferenceRates) -> Option<f64> {
        let moving = rates.values().iter().filter(|(code, _)| !code.is_constant());
        let factor = |(code, value)| Some(self.get(code)?.value / value);
        let mut sorted: Vec<f64> = moving.filter_map(factor).collect();
        sorted.sort_by(f64::total_cmp);
        (sorted.len() >= FEWEST).then(|| sorted[sorted.len() / 2])
    }

    /// Returns by what factor the value of `code` is larger here, beside all others. That of bitcoin is what they have
    /// in common.
    fn factor(&self, code: &Code, rates: &ReferenceRates, in_common: f64) -> Option<f64> {
        let value = rates.values().get(code)?;
        if code.is_constant() {
            return Some(in_common);
        }
        Some(self.get(code)?.value / value / in_common)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        rates::{ReferenceName, SourceName},
        test_support::{self, at},
    };

    const NOW: u64 = 1_795_953_600;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    /// The rates of these currencies in the sample, each times a factor.
    fn reference(name: ReferenceName, time: u64, factors: &[(&str, f64)]) -> ReferenceRates {
        let sample = test_support::live(at(NOW));
        let value = |(name, by): &(&str, f64)| {
            let code = code(name);
            let value = sample.get(&code).unwrap().value * by;
            (code, value)
        };
        let values = factors.iter().map(value).collect();
        ReferenceRates::new(name, at(time), at(time), values).unwrap()
    }

    fn multiplied(factors: &[(&str, f64)]) -> Snapshot {
        test_support::snapshot(SourceName::Coingecko, at(NOW), |rate| {
            let factor = factors.iter().find(|(name, _)| *name == rate.code.as_str());
            rate.value * factor.map_or(1.0, |(_, by)| *by)
        })
    }

    /// The deviations in tenths of a percent.
    fn deviations(rates: &ReferenceRates, snapshot: &Snapshot) -> Vec<(String, f64)> {
        let deviations = snapshot.deviations_from(rates).into_iter();
        deviations.map(|(code, ratio)| (code.to_string(), (ratio * 1_000.0).round())).collect()
    }

    const ECB: [(&str, f64); 4] = [("chf", 1e-5), ("eur", 1e-5), ("jpy", 1e-5), ("usd", 1.01e-5)];
    const KRAKEN: [(&str, f64); 5] =
        [("btc", 1.0), ("chf", 1.02), ("eur", 1.02), ("jpy", 1.02), ("usd", 1.02)];

    #[test]
    fn what_all_have_in_common_is_taken_out() {
        let named = |list: &[(&str, f64)]| -> Vec<(String, f64)> {
            list.iter().map(|(code, by)| ((*code).to_owned(), *by)).collect()
        };
        let ecb = reference(ReferenceName::Frankfurter, NOW - 86_400, &ECB);
        let expected = [("chf", 0.0), ("eur", 0.0), ("jpy", 0.0), ("usd", 10.0)];
        assert_eq!(deviations(&ecb, &multiplied(&[])), named(&expected));
        // Per bitcoin that is what bitcoin deviates by.
        let kraken = reference(ReferenceName::Kraken, NOW, &KRAKEN);
        let expected = [("btc", 20.0), ("chf", 0.0), ("eur", 0.0), ("jpy", 0.0), ("usd", 0.0)];
        assert_eq!(deviations(&kraken, &multiplied(&[])), named(&expected));
        let other = multiplied(&[("eur", 0.9)]);
        assert_eq!(deviations(&kraken, &other)[2], ("eur".to_owned(), 100.0));
    }

    #[test]
    fn only_what_can_be_compared_is() {
        let snapshot = multiplied(&[]);
        let compared = |name, time, factors: &[(&str, f64)], snapshot: &Snapshot| {
            snapshot.deviations_from(&reference(name, time, factors)).len()
        };
        let frankfurter =
            |days: u64| compared(ReferenceName::Frankfurter, NOW - days * 86_400, &ECB, &snapshot);
        assert_eq!([0, 6, 7].map(frankfurter), [4, 4, 0]);
        let kraken =
            |seconds: u64| compared(ReferenceName::Kraken, NOW - seconds, &KRAKEN, &snapshot);
        assert_eq!([0, 900, 901].map(kraken), [5, 5, 0]);
        // It is no reference of its own rates, and two in common say nothing.
        let own = test_support::snapshot(SourceName::Kraken, at(NOW), |rate| rate.value);
        assert_eq!(compared(ReferenceName::Kraken, NOW, &KRAKEN, &own), 0);
        let few = snapshot.clone().without(&[code("chf"), code("eur")]);
        assert_eq!(compared(ReferenceName::Frankfurter, NOW, &ECB, &few), 0);
        // What is carried forward is not the source's.
        let later = snapshot.clone().without(&[code("chf")]).carry_forward(&snapshot, |_| true);
        let ecb = reference(ReferenceName::Frankfurter, NOW, &ECB);
        assert!(later.deviations_from(&ecb).iter().all(|(other, _)| other.as_str() != "chf"));
        assert_eq!(later.deviations_from(&ecb).len(), 3);
        // Values that can't be any are none.
        let none = [("usd", f64::NAN), ("eur", 0.0), ("chf", -1.0), ("jpy", 1.0), ("gbp", 1.0)];
        let none = none.iter().map(|(name, value)| (code(name), *value)).collect();
        assert_eq!(ReferenceRates::new(ReferenceName::Kraken, at(NOW), at(NOW), none), None);
    }

    #[test]
    fn two_agree_against_one() {
        let verdict = |factors: &[(&str, f64)], new: &[(&str, f64)], doubted: &str| {
            let rates = reference(ReferenceName::Kraken, NOW, factors);
            let old = multiplied(&[]).with_reference(Arc::new(rates));
            multiplied(new).verdict(&code(doubted), &old)
        };
        let all = |by| KRAKEN.map(|(name, _)| (name, if name == "btc" { 1.0 } else { by }));
        let twice = [("eur", 2.0)];
        assert_eq!(verdict(&all(1.0), &twice, "eur"), Some(Verdict::Contradicts));
        let mut has_moved = all(1.0);
        has_moved[2].1 = 1.9;
        assert_eq!(verdict(&has_moved, &twice, "eur"), Some(Verdict::Agrees));
        // It may have neither, or not know the currency.
        has_moved[2].1 = 1.4;
        assert_eq!(verdict(&has_moved, &twice, "eur"), None);
        assert_eq!(verdict(&all(1.0), &[("sek", 2.0)], "sek"), None);
        // Bitcoin halves, or does not.
        assert_eq!(verdict(&all(0.5), &all(0.5), "btc"), Some(Verdict::Agrees));
        assert_eq!(verdict(&all(1.0), &all(0.5), "btc"), Some(Verdict::Contradicts));
        // Old prices tell nothing of a jump, and one reference nothing against another.
        let kraken = |age: u64, factors| reference(ReferenceName::Kraken, NOW - age, factors);
        let says = |rates: &[&ReferenceRates]| {
            let rates = rates.iter().map(|&rates| Arc::new(rates.clone())).collect();
            let old = multiplied(&[]).with_references(rates);
            multiplied(&twice).verdict(&code("eur"), &old)
        };
        let (there, gone) = (kraken(120, &all(1.0)), kraken(121, &all(1.0)));
        assert_eq!([says(&[&there]), says(&[&gone])], [Some(Verdict::Contradicts), None]);
        let days = 5 * 86_400;
        let ecb = |by| {
            let mut factors = ECB;
            factors[1].1 *= by;
            reference(ReferenceName::Frankfurter, NOW - days, &factors)
        };
        assert_eq!(says(&[&gone, &ecb(1.0)]), Some(Verdict::Contradicts));
        assert_eq!(says(&[&there, &ecb(1.0)]), Some(Verdict::Contradicts));
        assert_eq!(says(&[&there, &ecb(2.0)]), None);
        // The ECB has no bitcoin.
        let old = multiplied(&[]).with_reference(Arc::new(ecb(1.0)));
        assert_eq!(multiplied(&all(0.5)).verdict(&Code::btc(), &old), None);
    }

    proptest::proptest! {
        #[test]
        fn a_deviation_is_a_number(values in proptest::collection::vec(1e-100..1e100_f64, 4)) {
            let codes = ["btc", "eur", "jpy", "usd"].map(code);
            let values = codes.into_iter().zip(values).collect();
            let rates = ReferenceRates::new(ReferenceName::Kraken, at(NOW), at(NOW), values).unwrap();
            for (_, ratio) in multiplied(&[]).deviations_from(&rates) {
                proptest::prop_assert!(ratio.is_finite() && ratio >= 0.0);
            }
        }
    }
}
