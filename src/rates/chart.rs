//! The values of one currency in another over a span of time.

use serde::{Deserialize, Serialize};

use super::{Code, Quotation, Timestamp};
use crate::words::from_words;

/// The history of one currency beside another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    pub symbol: Code,
    pub base: Code,
    /// Whether values are the price of the symbol in the base, or that of the base in the symbol.
    #[serde(rename = "quote", default)]
    pub quotation: Quotation,
    pub span: Span,
    pub from: Timestamp,
    pub to: Timestamp,
    /// In order of time, one for each step of [`Span::step`] that has a value.
    pub points: Vec<Point>,
    /// The lowest and highest of all values, including those between the points.
    pub low: Option<Point>,
    pub high: Option<Point>,
    /// What the change is measured from: the value nearest to the time that is one span before the current
    /// rates. It may be a little older than the first point.
    pub since: Option<Point>,
    /// The change since then in percent, to two decimals: the same number as in [`Trends`](super::Trends).
    pub change: Option<f64>,
    /// False while the store can't be read: the points are then only those in memory.
    pub complete: bool,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub time: Timestamp,
    pub value: f64,
}

/// How far a chart goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub enum Span {
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
}

/// Error returned when a text is not the name of a [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a span is one of 1h, 24h, 7d, 30d")]
pub struct UnknownSpan;

impl Span {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// Returns the word on the wire and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// Returns the words in a message to a program, which are English in all languages of the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }

    /// Returns the length in seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
        }
    }

    /// Returns the seconds that one point stands for. That makes about a hundred points, which is as many as
    /// a chart can show or a table has room for.
    pub fn step(self) -> u64 {
        match self {
            Self::Hour => 300,
            Self::Day => 900,
            Self::Week => 7_200,
            Self::Month => 21_600,
        }
    }
}

impl Chart {
    /// Returns the chart with each value `amount` times as large.
    #[must_use]
    pub fn times(&self, amount: f64) -> Self {
        let of = |point: &Point| Point { value: point.value * amount, ..*point };
        Self {
            points: self.points.iter().map(of).collect(),
            low: self.low.as_ref().map(of),
            high: self.high.as_ref().map(of),
            since: self.since.as_ref().map(of),
            ..self.clone()
        }
    }

    /// Returns the index of the point nearest to a place between 0, the beginning, and 1, the end.
    pub fn nearest(&self, place: f64) -> Option<usize> {
        #[expect(clippy::cast_precision_loss, reason = "at most 30 days of seconds")]
        let seconds = self.to.seconds_since(self.from) as f64 * place.clamp(0.0, 1.0);
        #[expect(clippy::cast_precision_loss, reason = "at most 30 days of seconds")]
        let distance = |point: &Point| (point.time.seconds_since(self.from) as f64 - seconds).abs();
        let points = self.points.iter().map(distance).enumerate();
        points.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
    }
}

from_words!(Span::as_str, UnknownSpan);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_is_found() {
        let at = Timestamp::from_unix_seconds;
        let points = [10, 20, 60].map(|time| Point { time: at(time), value: 1.0 });
        let chart = Chart {
            symbol: Code::btc(),
            base: Code::btc(),
            quotation: Quotation::Inverse,
            span: Span::Hour,
            from: at(0),
            to: at(100),
            points: points.to_vec(),
            low: None,
            high: None,
            since: None,
            change: None,
            complete: true,
        };
        let nearest = [-1.0, 0.0, 0.16, 0.39, 0.41, 2.0].map(|place| chart.nearest(place));
        assert_eq!(nearest, [0, 0, 1, 1, 2, 2].map(Some));
        assert_eq!(Chart { points: Vec::new(), ..chart }.nearest(0.5), None);
    }
}
