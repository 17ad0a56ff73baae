//! The chart that is drawn, or why there is none.

use std::sync::Arc;

use leptos::prelude::*;

use super::pair::Pair;
use crate::{
    app::{change::percent, model::Model},
    rates::{Chart, Code, Point, Quote},
};

/// The texts that say why there is no chart.
pub const ON_ITS_WAY: &str = "history-on-its-way";
const TOO_SHORT: &str = "history-too-short";
const PAST: &str = "history-past";
const UNREADABLE: &str = "history-unreadable";

/// A chart with at least two points, per amount of the base, as everything else on the page. With another one
/// beside it, both are in percent since their first point.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub chart: Chart,
    /// What it is compared with.
    pub other: Option<Chart>,
    /// The change over the span in percent, the same as in the rows, and what it is a change from.
    pub change: Option<(Point, f64)>,
    /// The current value, by which the number of digits goes.
    pub quote: Quote,
    /// `US Dollar per Bitcoin`
    pub name: String,
}

impl Drawn {
    /// Returns what there is to draw, or the id of the text that says why there is nothing.
    pub fn of(model: Model, pair: &Pair) -> Result<Self, &'static str> {
        if model.is_past() {
            return Err(PAST);
        }
        let (span, compare) = model.state.with(|state| (state.span, state.compare.clone()));
        let latest = model.latest.read();
        let is_of = |chart: &Chart, symbol: &Code| {
            chart.symbol == *symbol
                && chart.base == pair.base
                && chart.quotation == pair.quotation
                && chart.span == span
        };
        let of = |chart: &Option<Arc<Chart>>, symbol: &Code| {
            chart.clone().filter(|chart| is_of(chart, symbol))
        };
        let chart = of(&latest.chart, &pair.symbol).ok_or(ON_ITS_WAY)?;
        if chart.points.len() < 2 || chart.low.is_none() || chart.high.is_none() {
            return Err(if chart.complete { TOO_SHORT } else { UNREADABLE });
        }
        // As in the rows, there is none of old rates.
        let change = chart.since.zip(chart.change).filter(|_| !model.over_an_hour_old.get());
        let other = compare
            .filter(|code| *code != pair.symbol)
            .and_then(|code| of(&latest.compared, &code))
            .filter(|other| other.points.len() > 1)
            .map(|other| in_percent(&other));
        let chart = if other.is_some() { in_percent(&chart) } else { chart.times(pair.amount) };
        Ok(Self { chart, other, change, quote: pair.quote, name: pair.name.clone() })
    }

    /// Formats a value, with the digits of the current one.
    pub fn figure(&self, model: Model, point: &Point) -> String {
        if self.other.is_some() {
            return model.reader.with(|reader| percent(point.value, &reader.style).1);
        }
        model.figure(self.quote.at(point.value))
    }

    /// Formats the value of the chart at a point and, if there is another chart, that of it, with the names of
    /// both in these elements.
    pub fn told(&self, model: Model, point: &Point, elements: [&str; 2]) -> String {
        let figure = self.figure(model, point);
        let Some(other) = &self.other else { return figure };
        let apart = |other: &&Point| other.time.unix_seconds().abs_diff(point.time.unix_seconds());
        let there = other.points.iter().min_by_key(apart);
        // Not beyond a gap.
        let there = there.filter(|other| apart(other) <= 2 * self.chart.span.step());
        let there = there.map_or_else(|| "–".to_owned(), |point| self.figure(model, point));
        let name = |code: &Code, element: &str| match element {
            "" => code.shown(),
            _ => format!("<{element}>{}</{element}>", code.shown()),
        };
        let [one, two] = [(&self.chart, elements[0]), (other, elements[1])]
            .map(|(chart, element)| name(&chart.symbol, element));
        format!("{one}\u{a0}{figure}, {two}\u{a0}{there}")
    }
}

/// Returns the chart in percent since its first point.
fn in_percent(chart: &Chart) -> Chart {
    let mut chart = chart.clone();
    let first = chart.points.first().map_or(1.0, |point| point.value);
    for point in chart.points.iter_mut().chain(&mut chart.low).chain(&mut chart.high) {
        point.value = (point.value / first - 1.0) * 100.0;
    }
    chart
}
