//! The chart that is drawn, or why there is none.

use leptos::prelude::*;

use super::pair::Pair;
use crate::{
    app::model::Model,
    rates::{Chart, Point, Quote},
};

pub const ON_ITS_WAY: &str = "The history is on its way, or can’t be read at the moment.";
const TOO_SHORT: &str =
    "There is no history of this time yet. It grows with each refresh of the server.";
const UNREADABLE: &str = "The server can’t read its history at the moment.";

/// A chart with at least two points, per amount of the base, as everything else on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub chart: Chart,
    /// The current value, by which the number of digits goes.
    pub quote: Quote,
    /// `US Dollar per Bitcoin`
    pub name: String,
}

impl Drawn {
    /// Returns what there is to draw, or why there is nothing.
    pub fn of(model: Model, pair: &Pair) -> Result<Self, &'static str> {
        let span = model.state.with(|state| state.span);
        let of_pair = |chart: &Chart| {
            chart.symbol == pair.symbol && chart.base == pair.base && chart.span == span
        };
        let chart =
            model.latest.read().chart.clone().filter(|chart| of_pair(chart)).ok_or(ON_ITS_WAY)?;
        if chart.points.len() < 2 || chart.low.is_none() || chart.high.is_none() {
            return Err(if chart.complete { TOO_SHORT } else { UNREADABLE });
        }
        let chart = chart.times(pair.amount);
        Ok(Self { chart, quote: pair.quote, name: pair.name.clone() })
    }

    /// Formats a value with the digits of the current one.
    pub fn figure(&self, model: Model, point: &Point) -> String {
        model.figure(self.quote.at(point.value))
    }

    /// Returns the first point, and the change since then in percent.
    pub fn change(&self) -> Option<(Point, f64)> {
        let (first, last) = (self.chart.points.first()?, self.chart.points.last()?);
        Some((*first, (last.value / first.value - 1.0) * 100.0))
    }
}
