//! The last day of every rate, at a glance.

use serde::{Deserialize, Serialize};

use super::{Code, Quotation, Span, Timestamp};

/// The last 24 hours of every rate beside one base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    pub base: Code,
    /// Whether these are the prices of the currencies in the base, or those of the base in them. One rises when
    /// the other falls, and by another percentage.
    #[serde(rename = "quote", default)]
    pub quotation: Quotation,
    /// The time of the oldest rates kept of these 24 hours; `None` if there are none.
    pub since: Option<Timestamp>,
    /// Whether some changes over a day are CoinGecko's own, because the history is too short to tell them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_by_source: bool,
    /// In order of their codes.
    pub of: Vec<Trend>,
}

/// The last 24 hours of one rate, and its changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "OnTheWire", into = "OnTheWire")]
pub struct Trend {
    pub code: Code,
    /// The change over each of [`Trend::SPANS`] in percent, to two decimals. `None` if there is no value of that
    /// time ago, or the current one was carried forward.
    pub changes: [Option<f64>; 3],
    /// The line as the `d` of an SVG path in [`Trend::VIEW_BOX`]. Its right edge is now, its left edge 24
    /// hours ago. Empty if there are fewer than two points.
    pub path: String,
}

/// The form that pages and servers of the release before can read. The names are short, because every page has them
/// 76 times.
#[derive(Serialize, Deserialize)]
struct OnTheWire {
    code: Code,
    /// Over a day.
    change: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hour: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    week: Option<f64>,
    path: String,
}

impl From<OnTheWire> for Trend {
    fn from(OnTheWire { code, change, hour, week, path }: OnTheWire) -> Self {
        Self { code, changes: [hour, change, week], path }
    }
}

impl From<Trend> for OnTheWire {
    fn from(Trend { code, changes: [hour, change, week], path }: Trend) -> Self {
        Self { code, change, hour, week, path }
    }
}

impl Trend {
    /// 96 wide, 24 high.
    pub const VIEW_BOX: &str = "0 0 96 24";

    /// The spans of [`Trend::changes`].
    pub const SPANS: [Span; 3] = [Span::Hour, Span::Day, Span::Week];

    /// Returns the change over a span in percent.
    pub fn change(&self, span: Span) -> Option<f64> {
        let [hour, day, week] = self.changes;
        match span {
            Span::Hour => hour,
            Span::Day => day,
            Span::Week => week,
            Span::Month => None,
        }
    }
}

impl Trends {
    /// Returns by how much the value of `base` in `quote` has changed over a day: percent, to two decimals.
    pub fn day_change(&self, base: &Code, quote: &Code) -> Option<f64> {
        let factor = |code: &Code| match self.get(code) {
            _ if *code == self.base => Some(1.0),
            trend => Some(1.0 + trend?.change(Span::Day)? / 100.0),
        };
        let (base, quote) = (factor(base)?, factor(quote)?);
        let factor = match self.quotation {
            Quotation::Direct => base / quote,
            Quotation::Inverse => quote / base,
        };
        Some((factor * 10_000.0 - 10_000.0).round() / 100.0)
    }

    pub fn get(&self, code: &Code) -> Option<&Trend> {
        let found = self.of.binary_search_by(|trend| trend.code.cmp(code));
        found.ok().map(|index| &self.of[index])
    }
}
