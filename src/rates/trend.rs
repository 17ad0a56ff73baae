//! The last day of every rate, at a glance.

use serde::{Deserialize, Serialize};

use super::{Code, Timestamp};

/// The last 24 hours of every rate in units per one base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    pub base: Code,
    /// The time of the oldest rates kept of these 24 hours; `None` if there are none.
    pub since: Option<Timestamp>,
    /// In order of their codes.
    pub of: Vec<Trend>,
}

/// The last 24 hours of one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    pub code: Code,
    /// In percent, to two decimals. `None` if there is no value of 24 hours ago, or the current one was
    /// carried forward.
    pub change: Option<f64>,
    /// The line as the `d` of an SVG path in [`Trend::VIEW_BOX`]. Its right edge is now, its left edge 24
    /// hours ago. Empty if there are fewer than two points.
    pub path: String,
}

impl Trend {
    /// 96 wide, 24 high.
    pub const VIEW_BOX: &str = "0 0 96 24";
}

impl Trends {
    pub fn get(&self, code: &Code) -> Option<&Trend> {
        let found = self.of.binary_search_by(|trend| trend.code.cmp(code));
        found.ok().map(|index| &self.of[index])
    }
}
