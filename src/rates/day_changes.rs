//! How the rates have moved in a day by a source's own account, until the history here can tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Code, Quotation, SourceName, Timestamp, plausible::too_far};

/// How many seconds the changes are good for. They are asked for once an hour.
const GOOD_FOR: u64 = 2 * 3_600;

/// The largest factor by which bitcoin may move in a day.
const LARGEST_MOVE: f64 = 3.0;

/// Bitcoin's changes over 24 hours in several currencies, as a source tells them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayChanges {
    source: SourceName,
    /// When the source told them.
    time: Timestamp,
    /// In percent.
    of: BTreeMap<Code, f64>,
}

impl DayChanges {
    /// Leaves out what can't be right beside the others. Returns `None` if bitcoin itself can't.
    pub fn new(source: SourceName, time: Timestamp, mut of: BTreeMap<Code, f64>) -> Option<Self> {
        let factor = |percent: f64| 1.0 + percent / 100.0;
        let mut sorted: Vec<f64> = of.values().map(|percent| factor(*percent)).collect();
        sorted.sort_by(f64::total_cmp);
        if let Some(median) = sorted.get(sorted.len() / 2) {
            if !(1.0 / LARGEST_MOVE..=LARGEST_MOVE).contains(median) {
                return None;
            }
            of.retain(|_, percent| !too_far(factor(*percent) / median));
        }
        Some(Self { source, time, of })
    }

    /// Checks changes from elsewhere, as a store that deserves no more trust than an upstream.
    pub fn checked(self) -> Option<Self> {
        let Self { source, time, mut of } = self;
        of.retain(|_, percent| percent.is_finite() && *percent > -100.0);
        Self::new(source, time, of)
    }

    pub fn source(&self) -> SourceName {
        self.source
    }

    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns whether they are good for rates that were taken at this time.
    pub fn are_good_at(&self, taken: Timestamp) -> bool {
        taken.seconds_since(self.time) <= GOOD_FOR
    }

    /// Returns the change of the value of `code` beside `base` in percent, to two decimals.
    ///
    /// A value of the pair is the quotient of two values per bitcoin, and so is the factor by which it has moved.
    pub fn change(&self, code: &Code, base: &Code, quotation: Quotation) -> Option<f64> {
        let moved = |code: &Code| {
            let told = || self.of.get(code).map(|percent| 1.0 + percent / 100.0);
            if code.is_constant() { Some(1.0) } else { told() }
        };
        let (of, per) = match quotation {
            Quotation::Inverse => (code, base),
            Quotation::Direct => (base, code),
        };
        let percent = ((moved(of)? / moved(per)? - 1.0) * 10_000.0).round() / 100.0;
        // Adding zero makes a negative zero positive.
        percent.is_finite().then_some(percent + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    fn told(changes: &[(&str, f64)]) -> Option<DayChanges> {
        let changes = changes.iter().map(|(name, percent)| (code(name), *percent));
        let time = Timestamp::from_unix_seconds(7_200);
        DayChanges::new(SourceName::Coingecko, time, changes.collect())
    }

    #[test]
    fn any_pair_follows_from_two_changes() {
        let changes = told(&[("usd", 10.0), ("eur", -20.0), ("eth", 0.0)]).unwrap();
        let inverse = |of, per| changes.change(&code(of), &code(per), Quotation::Inverse);
        let direct = |of, per| changes.change(&code(of), &code(per), Quotation::Direct);
        assert_eq!([inverse("usd", "btc"), inverse("eur", "sats")], [Some(10.0), Some(-20.0)]);
        // What a dollar buys of a bitcoin has fallen when a bitcoin costs more dollars.
        assert_eq!([inverse("btc", "usd"), direct("usd", "btc")], [Some(-9.09); 2]);
        assert_eq!([inverse("usd", "eur"), direct("eur", "usd")], [Some(37.5); 2]);
        assert_eq!([inverse("bits", "btc"), inverse("usd", "usd")], [Some(0.0); 2]);
        assert_eq!([inverse("chf", "btc"), inverse("usd", "chf")], [None; 2]);
    }

    #[test]
    fn what_cannot_be_right_is_left_out() {
        let changes = told(&[("usd", -40.0), ("eur", -41.0), ("chf", -39.0), ("gbp", 900.0)]);
        let changes = changes.unwrap();
        let change = |of| changes.change(&code(of), &Code::btc(), Quotation::Inverse);
        assert_eq!([change("usd"), change("gbp")], [Some(-40.0), None]);
        assert_eq!(told(&[("usd", 900.0), ("eur", 900.0)]), None);
        assert!(told(&[]).is_some());
    }

    #[test]
    fn they_are_good_for_two_hours() {
        let (changes, at) = (told(&[]).unwrap(), Timestamp::from_unix_seconds);
        let good = [0, 7_200, 14_400, 14_401].map(|time| changes.are_good_at(at(time)));
        assert_eq!(good, [true, true, true, false]);
    }
}
