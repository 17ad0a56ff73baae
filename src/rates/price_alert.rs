//! The alerts of a reader, which the browser keeps.

use std::{fmt, str::FromStr};

use super::{
    AlertState, Amount, Code, Condition, Direction, Snapshot, Span, Trends, USUAL_HYSTERESIS,
};
use crate::words::from_words;

/// What a reader wants to be told of, and whether it is so: `1 BTC > 80,000 USD`.
///
/// As text it is one line, `btc usd above 80000 armed`.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceAlert {
    pub base: Code,
    /// The value is units of the quote for one of the base.
    pub quote: Code,
    pub kind: PriceAlertKind,
    /// A value, or for a change percent.
    pub threshold: Amount,
    pub state: AlertState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceAlertKind {
    Above,
    Below,
    /// Over a day, up or down.
    Change,
}

/// Error returned when a text is not an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an alert")]
pub struct InvalidAlert;

impl PriceAlert {
    /// Looks at new rates. Returns whether the alert fires now.
    pub fn observe(&mut self, snapshot: &Snapshot, trends: Option<&Trends>) -> bool {
        if snapshot.per(&self.base).is_none() || snapshot.get(&self.quote).is_none() {
            // What is gone has not been reached.
            self.state = AlertState::Armed;
        }
        let Some(measured) = self.measure(snapshot, trends) else { return false };
        let threshold = self.threshold.value();
        let condition = match self.kind {
            PriceAlertKind::Above => Condition::Above(threshold),
            PriceAlertKind::Below => Condition::Below(threshold),
            PriceAlertKind::Change => Condition::Change { percent: threshold, within: Span::Day },
        };
        // Of a small change it would be more than the change itself.
        let hysteresis = USUAL_HYSTERESIS.min(threshold / 2.0);
        let before = self.state;
        self.state = condition.next(hysteresis, before, measured);
        self.has_fired() && self.state != before
    }

    /// Returns the value, or its change in percent; `None` unless the source has sent it now.
    fn measure(&self, snapshot: &Snapshot, trends: Option<&Trends>) -> Option<f64> {
        let (base, quote) = (snapshot.per(&self.base)?, snapshot.get(&self.quote)?);
        match self.kind {
            _ if base.carried_forward(quote).is_some() => None,
            PriceAlertKind::Change => trends?.day_change(&self.base, &self.quote),
            _ => Some(base.quote(quote).value),
        }
    }

    /// Returns whether it has fired, and the value has not come back since.
    pub fn has_fired(&self) -> bool {
        self.state != AlertState::Armed
    }
}

impl PriceAlertKind {
    pub const ALL: [Self; 3] = [Self::Above, Self::Below, Self::Change];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::Change => "change",
        }
    }
}

from_words!(PriceAlertKind::as_str, InvalidAlert);

impl fmt::Display for PriceAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, quote, kind, threshold, state } = self;
        let state = match state {
            AlertState::Armed => "armed",
            AlertState::Fired(Direction::Above) => "above",
            AlertState::Fired(Direction::Below) => "below",
            AlertState::Fired(Direction::Up) => "up",
            AlertState::Fired(Direction::Down) => "down",
        };
        write!(f, "{base} {quote} {} {threshold} {state}", kind.as_str())
    }
}

impl FromStr for PriceAlert {
    type Err = InvalidAlert;

    fn from_str(line: &str) -> Result<Self, InvalidAlert> {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (base, quote) = (word().parse(), word().parse());
        let (kind, threshold) = (word().parse(), word().parse());
        let state = match word() {
            "armed" => AlertState::Armed,
            "above" => AlertState::Fired(Direction::Above),
            "below" => AlertState::Fired(Direction::Below),
            "up" => AlertState::Fired(Direction::Up),
            "down" => AlertState::Fired(Direction::Down),
            _ => return Err(InvalidAlert),
        };
        match (base, quote, kind, threshold) {
            (Ok(base), Ok(quote), Ok(kind), Ok(threshold)) => {
                Ok(Self { base, quote, kind, threshold, state })
            }
            _ => Err(InvalidAlert),
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        rates::{Origin, Quotation, Rate, SourceName, Trend},
        test_support::{at, with_dollars},
    };

    fn alert(line: &str) -> PriceAlert {
        line.parse().unwrap()
    }

    /// Returns the changes over a day, with dollars and euros in this direction.
    fn trends(quotation: Quotation, base: &str, changes: [(&str, f64); 3]) -> Trends {
        let of = |(code, change): (&str, f64)| Trend {
            code: code.parse().unwrap(),
            changes: [None, Some(change), None],
            path: String::new(),
        };
        let mut of = changes.map(of).to_vec();
        of.sort_by(|one, other| one.code.cmp(&other.code));
        Trends { base: base.parse().unwrap(), quotation, since: None, told_by_source: false, of }
    }

    #[test]
    fn it_is_kept_as_it_is() {
        for line in [
            "btc usd above 80000 armed",
            "eur xau below 0.00025 below",
            "btc usd below 1000.5 armed",
            "btc usd above 1 above",
            "btc eur change 3 up",
            "btc eur change 0.25 down",
        ] {
            assert_eq!(alert(line).to_string(), line);
        }
        for line in [
            "",
            "btc",
            "btc usd above 80000",
            "btc usd beyond 80000 armed",
            "btc usd above 0 armed",
            "btc usd above -1 armed",
            "btc usd above NaN armed",
            "b%c usd above 1 armed",
            "btc usd above 1 fired",
        ] {
            assert_eq!(line.parse::<PriceAlert>(), Err(InvalidAlert), "{line}");
        }
    }

    #[test]
    fn it_fires_once_for_a_crossing() {
        let mut above = alert("btc usd above 80000 armed");
        let fired: Vec<bool> = [79_999.0, 80_001.0, 79_700.0, 80_100.0, 79_500.0, 90_000.0]
            .map(|dollars| above.observe(&with_dollars(at(1_000), dollars), None))
            .to_vec();
        assert_eq!(fired, [false, true, false, false, false, true]);
        assert_eq!(above.to_string(), "btc usd above 80000 above");
        // The other way round: what a dollar is worth.
        let mut below = alert("usd btc below 0.0000125 armed");
        assert!(below.observe(&with_dollars(at(1_000), 100_000.0), None) && below.has_fired());
    }

    #[test]
    fn what_it_can_t_know_changes_nothing() {
        let snapshot = with_dollars(at(1_000), 90_000.0);
        for line in ["btc xyz above 1 armed", "xyz usd above 1 armed", "btc usd change 3 armed"] {
            let mut alert = alert(line);
            assert!(!alert.observe(&snapshot, None));
            assert_eq!(alert.to_string(), line);
        }
        let mut gone = alert("btc xyz above 1 above");
        assert!(!gone.observe(&snapshot, None) && !gone.has_fired());
        let origin = Origin { source: SourceName::Coingecko, time: at(1) };
        let older = |rate: &Rate| Rate { carried_forward: Some(origin), ..rate.clone() };
        let older = snapshot.rates().iter().map(older).collect();
        let older = Snapshot::new(SourceName::Coingecko, at(1_000), older).unwrap();
        assert!(!alert("btc usd above 80000 armed").observe(&older, None));
    }

    #[test]
    fn a_change_is_that_of_the_pair_whatever_the_table_is_in() {
        let snapshot = with_dollars(at(1_000), 90_000.0);
        // Bitcoin has risen by 10 % in dollars and by 5 % in euros, so a euro by 4.76 % in dollars.
        for trends in [
            trends(Quotation::Inverse, "btc", [("btc", 0.0), ("usd", 10.0), ("eur", 5.0)]),
            trends(Quotation::Direct, "usd", [("btc", 10.0), ("usd", 0.0), ("eur", 4.76)]),
            trends(Quotation::Inverse, "usd", [("btc", -9.09), ("usd", 0.0), ("eur", -4.55)]),
            trends(Quotation::Direct, "eur", [("btc", 5.0), ("usd", -4.55), ("eur", 0.0)]),
        ] {
            for (line, state) in [
                ("btc usd change 9.9 armed", "up"),
                ("btc usd change 10.1 armed", "armed"),
                ("usd btc change 9 armed", "down"),
                ("eur usd change 4.7 armed", "up"),
                ("eur usd change 4.8 armed", "armed"),
                ("btc btc change 0.1 armed", "armed"),
            ] {
                let mut alert = alert(line);
                alert.observe(&snapshot, Some(&trends));
                assert!(alert.to_string().ends_with(state), "{alert} by {trends:?}");
            }
        }
        // A small one can fire again, too.
        let mut small = alert("btc usd change 0.25 armed");
        let fired = [0.3, 0.2, 0.3, 0.1, 0.3].map(|change| {
            let trends =
                trends(Quotation::Inverse, "btc", [("btc", 0.0), ("usd", change), ("eur", 0.0)]);
            small.observe(&snapshot, Some(&trends))
        });
        assert_eq!(fired, [true, false, false, false, true]);
    }
}
