//! Finds rates that can't be right after the last ones.

use std::time::Duration;

use super::{Code, Snapshot, plausible::too_far};

/// Values this much older are not compared with new ones.
pub const COMPARABLE: Duration = Duration::from_secs(24 * 60 * 60);
/// The fewest common values whose median says how all have moved.
const FEWEST: usize = 3;

impl Snapshot {
    /// Returns the currencies whose values can't be right if those of `earlier` were.
    ///
    /// All values are per bitcoin and move together when bitcoin does, so each is compared with the median
    /// of all. Bitcoin itself is the outlier if that median has moved too far.
    pub fn outliers_after(&self, earlier: &Self) -> Vec<Code> {
        let recent = |time| self.last_updated().seconds_since(time) < COMPARABLE.as_secs();
        let before = |code: &Code| {
            earlier
                .get(code)
                .filter(|rate| rate.carried_forward.is_none_or(|origin| recent(origin.time)))
        };
        let changes: Vec<(&Code, f64)> = (self.given())
            .filter(|rate| !rate.code.is_constant())
            .filter_map(|rate| Some((&rate.code, rate.value / before(&rate.code)?.value)))
            .collect();
        if changes.len() < FEWEST {
            return Vec::new();
        }
        let mut sorted: Vec<f64> = changes.iter().map(|(_, by)| *by).collect();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[sorted.len() / 2];
        if too_far(median) {
            return vec![Code::btc()];
        }
        let outliers = changes.into_iter().filter(|(_, by)| too_far(by / median));
        outliers.map(|(code, _)| code.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rates::SourceName, sources::sample, test_support};

    /// The sample with these values multiplied.
    fn with(factors: &[(&str, f64)], all: f64) -> Snapshot {
        test_support::snapshot(SourceName::Sample, sample::TAKEN, |rate| {
            let factor = factors.iter().find(|(code, _)| *code == rate.code.as_str());
            let all = if rate.code.is_constant() { 1.0 } else { all };
            rate.value * all * factor.map_or(1.0, |(_, by)| *by)
        })
    }

    fn outliers(factors: &[(&str, f64)], all: f64) -> Vec<String> {
        let outliers = with(factors, all).outliers_after(&sample::snapshot());
        outliers.iter().map(Code::to_string).collect()
    }

    #[test]
    fn markets_move_and_are_believed() {
        assert_eq!(outliers(&[], 1.0), Vec::<String>::new());
        assert_eq!(outliers(&[("eth", 1.4), ("vef", 0.7)], 1.0), Vec::<String>::new());
        // Bitcoin loses a third, and a coin with it.
        assert_eq!(outliers(&[("eth", 1.45)], 0.7), Vec::<String>::new());
    }

    #[test]
    fn one_value_far_from_its_place_is_an_outlier() {
        assert_eq!(outliers(&[("usd", 1_000.0)], 1.0), ["usd"]);
        assert_eq!(outliers(&[("usd", 0.001), ("eur", 2.0)], 1.0), ["eur", "usd"]);
        // A dollar that stays where it was while bitcoin halves against all others.
        assert_eq!(outliers(&[("usd", 1.0 / 0.66)], 0.67), ["usd"]);
    }

    #[test]
    fn all_values_far_from_their_place_are_a_wrong_bitcoin() {
        assert_eq!(outliers(&[], 100.0), ["btc"]);
    }
}
