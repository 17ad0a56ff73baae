//! What is drawn and written of a chart, made anew whenever anything in it changes.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::{
    drawn::Drawn,
    plot::{HEIGHT, Plot, Tick, WIDTH, tenths},
};
use crate::{
    app::{
        change::percent,
        model::Model,
        time::{self, Form},
    },
    rates::{Chart, Point, Timestamp},
};

/// The texts of a chart, and its paths, each as the `d` of an SVG path.
pub struct Picture {
    /// `up`, `down` or `flat`; `compared` if there are two.
    pub colour: &'static str,
    /// `up`, `down` or empty.
    pub direction: &'static str,
    /// The value where the crosshair is, as HTML and as text.
    pub readout: [String; 2],
    pub grid: String,
    pub line: String,
    pub other: String,
    /// The dots at high and low.
    pub marks: String,
    pub cross: String,
    /// The dot at the crosshair.
    pub dot: String,
    /// The values at the dots, as SVG.
    pub mark_labels: String,
    /// The values of the grid, as HTML.
    pub scale: String,
    /// Beginning, middle and end of the span, as HTML.
    pub times: String,
    /// The index of the point that the crosshair is at, and of the last one.
    pub index: usize,
    pub last: usize,
    /// High, low, and the change over the span, if it is known: the value and its time.
    pub facts: [(String, String); 2],
    pub change: Option<(String, String)>,
}

impl Picture {
    /// Returns the picture with the crosshair at a point; at the last one if the reader points at none.
    pub fn of(model: Model, drawn: &Drawn, pointed: Option<usize>) -> Option<Self> {
        let Drawn { chart, other, change, .. } = drawn;
        let plot = Plot::of(chart)?.with(other.as_ref());
        let last = chart.points.len() - 1;
        let index = pointed.unwrap_or(last).min(last);
        let point = chart.points.get(index)?;
        let (low, high) = (chart.low?, chart.high?);
        let minute = |time| time::text(time, model.local.get(), Form::Minute);
        let fact = |value, point: &Point| (value, minute(point.time));
        let change = change.as_ref().map(|(since, change)| {
            let (direction, change) = model.reader.with(|reader| percent(*change, &reader.style));
            (direction, fact(change, since))
        });
        let (direction, change) = change.unzip();
        let direction = direction.unwrap_or_default();
        let label = |class, point: Point| {
            let (x, y) = (plot.x(point.time), plot.y(point.value));
            // It ends at the edge of the drawing and not beyond.
            let anchor = match x / f64::from(WIDTH) {
                ..0.25 => "start",
                0.75.. => "end",
                _ => "middle",
            };
            text(&format!("{class} {anchor}"), x, y, &drawn.figure(model, &point))
        };
        let unit = if other.is_some() { "\u{a0}%" } else { "" };
        let (grid, scale) = axis(model, &plot.ticks(), unit);
        let interval = model.latest.read().interval;
        let line = |chart| plot.line(chart, interval.into());
        let x = tenths(plot.x(point.time));
        Some(Self {
            colour: match direction {
                _ if other.is_some() => "compared",
                "" => "flat",
                _ => direction,
            },
            direction,
            readout: [["b", "i"], ["", ""]].map(|elements| {
                format!("{}: {}", minute(point.time), drawn.told(model, point, elements))
            }),
            grid,
            line: line(chart),
            other: other.as_ref().map(line).unwrap_or_default(),
            marks: plot.dot(&high) + &plot.dot(&low),
            cross: format!("M{x} 0V{HEIGHT}"),
            dot: plot.dot(point),
            mark_labels: label("high", high) + &label("low", low),
            scale,
            times: times(chart, model.local.get()),
            index,
            last,
            facts: [fact(drawn.figure(model, &high), &high), fact(drawn.figure(model, &low), &low)],
            change,
        })
    }
}

/// Returns beginning, middle and end of the chart.
fn times(chart: &Chart, local: bool) -> String {
    let Chart { from, to, .. } = chart;
    let middle = Timestamp::from_unix_seconds(from.unix_seconds().midpoint(to.unix_seconds()));
    let [from, middle, to] = [*from, middle, *to].map(|it| time::text(it, local, Form::NoYear));
    format!("<span>{from}</span><span>{middle}</span><span>{to}</span>")
}

/// Returns the lines of the axis and their labels. The longest label stands there once more, unseen, for the room
/// that they need.
fn axis(model: Model, ticks: &[Tick], unit: &str) -> (String, String) {
    let label = |tick: &Tick| {
        let sign = if tick.negative { "\u{2212}" } else { "" };
        format!("{sign}{}{unit}", model.number(&tick.value))
    };
    let labels: Vec<_> = ticks.iter().map(label).collect();
    let longest = labels.iter().max_by_key(|label| label.len());
    let mut grid = String::new();
    let mut scale = format!("<span>{}</span><svg>", longest.map_or("", String::as_str));
    for (tick, label) in ticks.iter().zip(&labels) {
        // Writing to a string never fails.
        let _ = write!(grid, "M0 {}H{WIDTH}", tenths(tick.y));
        scale.push_str(&text("end", WIDTH.into(), tick.y, label));
    }
    (grid, scale + "</svg>")
}

/// Returns a text at a place of the drawing. It is placed by percent, so that it is not stretched with the
/// drawing.
fn text(class: &str, x: f64, y: f64, text: &str) -> String {
    let percent = |place: f64, of: u16| tenths(place * 100.0 / f64::from(of));
    let (x, y) = (percent(x, WIDTH), percent(y, HEIGHT));
    format!("<text class=\"{class}\" x=\"{x}%\" y=\"{y}%\">{text}</text>")
}
