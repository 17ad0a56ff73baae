//! One rule.

use crate::rates::{AlertState, Code, Condition};

/// A threshold for the value of one currency in another.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRule {
    /// Unique in its file.
    pub name: String,
    pub base: Code,
    /// The value is units of the quote for one of the base.
    pub quote: Code,
    pub condition: Condition,
    /// How far the value must come back before the rule can fire again: in percent of the threshold, or in
    /// percentage points of a change.
    pub hysteresis: f64,
}

impl AlertRule {
    /// Returns where the rule stands once this was `measured`: see [`Condition::next`].
    pub fn next(&self, state: AlertState, measured: f64) -> AlertState {
        self.condition.next(self.hysteresis, state, measured)
    }

    /// Returns the pair and the condition in words. A rule with other ones is another rule.
    pub fn terms(&self) -> String {
        format!("{}/{} {}", self.base, self.quote, self.condition)
    }
}
