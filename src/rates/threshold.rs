//! Thresholds: what an alert waits for, and when it fires.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Span;

/// How far a value must come back before an alert can fire again, unless its rule says otherwise: in percent of the
/// threshold, or in percentage points of a change.
pub const USUAL_HYSTERESIS: f64 = 0.5;

/// What an alert waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// The value is more than this.
    Above(f64),
    /// The value is less than this.
    Below(f64),
    /// The value has moved by this many percent or more within a span, up or down.
    Change { percent: f64, within: Span },
}

/// The side of the threshold on which an alert has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Above,
    Below,
    Up,
    Down,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// It fires as soon as the threshold is crossed.
    Armed,
    /// It has fired, and the value has not come back behind the hysteresis since.
    Fired(Direction),
}

impl Condition {
    /// Returns the threshold: a value, or for a change its percent.
    pub fn threshold(self) -> f64 {
        match self {
            Self::Above(threshold) | Self::Below(threshold) => threshold,
            Self::Change { percent, .. } => percent,
        }
    }

    /// Returns where an alert stands once this was `measured`: the value, or for a change its percent.
    ///
    /// It fires when it comes to stand at [`AlertState::Fired`] from anywhere else.
    #[must_use]
    pub fn next(self, hysteresis: f64, state: AlertState, measured: f64) -> AlertState {
        match (state, self.reached(measured)) {
            (_, Some(direction)) => AlertState::Fired(direction),
            (AlertState::Fired(direction), None)
                if self.is_held(hysteresis, direction, measured) =>
            {
                state
            }
            (_, None) => AlertState::Armed,
        }
    }

    /// Returns the side on which the threshold is crossed.
    fn reached(self, measured: f64) -> Option<Direction> {
        match self {
            Self::Above(threshold) => (measured > threshold).then_some(Direction::Above),
            Self::Below(threshold) => (measured < threshold).then_some(Direction::Below),
            Self::Change { percent, .. } if measured >= percent => Some(Direction::Up),
            Self::Change { percent, .. } if measured <= -percent => Some(Direction::Down),
            Self::Change { .. } => None,
        }
    }

    /// Returns whether the hysteresis still holds an alert that has fired.
    fn is_held(self, hysteresis: f64, direction: Direction, measured: f64) -> bool {
        let (threshold, part) = (self.threshold(), hysteresis / 100.0);
        match direction {
            Direction::Above => measured >= threshold * (1.0 - part),
            Direction::Below => measured <= threshold * (1.0 + part),
            Direction::Up => measured > threshold - hysteresis,
            Direction::Down => measured < hysteresis - threshold,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(threshold) => write!(f, "above {threshold}"),
            Self::Below(threshold) => write!(f, "below {threshold}"),
            Self::Change { percent, within } => write!(f, "±{percent}% in {}", within.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns which of these measurements make the rule fire, and on which side.
    fn fired(condition: Condition, hysteresis: f64, measured: &[f64]) -> Vec<(usize, Direction)> {
        let mut state = AlertState::Armed;
        let mut fired = Vec::new();
        for (index, measured) in measured.iter().enumerate() {
            let next = condition.next(hysteresis, state, *measured);
            if let AlertState::Fired(direction) = next
                && next != state
            {
                fired.push((index, direction));
            }
            state = next;
        }
        fired
    }

    const DAY: Span = Span::Day;

    #[test]
    fn it_fires_once_for_a_crossing_however_the_value_wavers_at_the_threshold() {
        let above = Condition::Above(80_000.0);
        let values = [79_999.0, 80_000.0, 80_001.0, 79_700.0, 80_100.0, 79_600.1, 90_000.0];
        assert_eq!(fired(above, 0.5, &values), [(2, Direction::Above)]);
        // Below 79,600 it is armed again.
        assert_eq!(
            fired(above, 0.5, &[80_001.0, 79_599.9, 80_000.0, 80_001.0]),
            [(0, Direction::Above), (3, Direction::Above)]
        );
        let below = Condition::Below(80_000.0);
        assert_eq!(
            fired(below, 0.5, &[80_000.0, 79_999.0, 80_399.9, 79_000.0, 80_400.1, 79_999.0]),
            [(1, Direction::Below), (5, Direction::Below)]
        );
    }

    #[test]
    fn a_change_fires_in_each_direction_for_itself() {
        let change = Condition::Change { percent: 3.0, within: DAY };
        let percent = [2.99, 3.0, 2.51, 3.5, -2.99, -3.0, 3.0, 2.5, 3.0];
        let [up, down] = [Direction::Up, Direction::Down];
        assert_eq!(fired(change, 0.5, &percent), [(1, up), (5, down), (6, up), (8, up)]);
    }

    proptest! {
        #[test]
        fn it_never_fires_twice_without_leaving_the_hysteresis(
            kind in 0..3_u8,
            hysteresis in prop_oneof![Just(0.0), 0.01..2.9_f64],
            moves in proptest::collection::vec(-6.0..6.0_f64, 1..200),
        ) {
            let (condition, measured): (_, Vec<f64>) = match kind {
                0 => (Condition::Above(100.0), moves.iter().map(|by| 100.0 + by).collect()),
                1 => (Condition::Below(100.0), moves.iter().map(|by| 100.0 + by).collect()),
                _ => (Condition::Change { percent: 3.0, within: DAY }, moves),
            };
            // How far a value is beyond the threshold, seen from its side.
            let beyond = |direction, measured: f64| match direction {
                Direction::Above => measured - 100.0,
                Direction::Below => 100.0 - measured,
                Direction::Up => measured - 3.0,
                Direction::Down => -measured - 3.0,
            };
            let fired = fired(condition, hysteresis, &measured);
            for (index, direction) in &fired {
                prop_assert!(beyond(*direction, measured[*index]) >= 0.0);
            }
            for pair in fired.windows(2) {
                let [(first, direction), (second, other)] = [pair[0], pair[1]];
                let between = &measured[first + 1..second];
                let left = between.iter().any(|it| beyond(direction, *it) <= -hysteresis + 1e-9);
                // From one side to the other it goes through the whole band in one step.
                prop_assert!(left || direction != other, "{measured:?}");
            }
            // And it misses none: the first value beyond the threshold fires.
            let first = measured.iter().position(|it| condition.reached(*it).is_some());
            prop_assert_eq!(first, fired.first().map(|(index, _)| *index));
        }
    }
}
