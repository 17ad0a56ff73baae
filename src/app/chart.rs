//! A chart of one rate, drawn as SVG on either side and readable by pointer, by keyboard or as a table.

use leptos::prelude::*;

use super::{model::Model, platform::local_time};
use crate::rates::{Chart, Point, Quote, Timestamp};

/// The size of the drawing, in its own units.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 200.0;
/// The space above the highest point and below the lowest one.
const MARGIN: f64 = 10.0;
/// The fraction of the span above which a stretch without a value is a gap in the line.
const GAP: u64 = 12;

/// The positions of a chart's points.
struct Plot<'a> {
    chart: &'a Chart,
    low: f64,
    high: f64,
}

impl<'a> Plot<'a> {
    fn of(chart: &'a Chart) -> Option<Self> {
        let (low, high) = (chart.low?.value, chart.high?.value);
        Some(Self { chart, low, high })
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of a month")]
    fn x(&self, time: Timestamp) -> f64 {
        let Chart { from, to, .. } = self.chart;
        let (part, whole) = (time.seconds_since(*from) as f64, to.seconds_since(*from) as f64);
        (part / whole.max(1.0)).min(1.0) * WIDTH
    }

    fn y(&self, value: f64) -> f64 {
        let range = self.high - self.low;
        // A constant value is drawn through the middle.
        let place = if range > 0.0 { (value - self.low) / range } else { 0.5 };
        HEIGHT - MARGIN - place * (HEIGHT - 2.0 * MARGIN)
    }

    /// Returns the line and the area below it, each as the `d` of an SVG path.
    fn paths(&self, interval: u64) -> [String; 2] {
        let gap = (self.chart.span.seconds() / GAP).max(3 * interval);
        let (mut line, mut area) = (String::new(), String::new());
        let mut last: Option<Point> = None;
        for point in &self.chart.points {
            let (x, y) = (written(self.x(point.time)), written(self.y(point.value)));
            let goes_on = last.is_some_and(|last| point.time.seconds_since(last.time) <= gap);
            if goes_on {
                let next = ["L", &x, " ", &y].concat();
                line += &next;
                area += &next;
            } else {
                // The area reaches down to the bottom on both sides of a gap.
                let down = if last.is_some() { ["V", BOTTOM].concat() } else { String::new() };
                line += &["M", &x, " ", &y].concat();
                area += &[&down, "M", &x, " ", BOTTOM, "V", &y].concat();
            }
            last = Some(*point);
        }
        if last.is_some() {
            area = [&area, "V", BOTTOM].concat();
        }
        [line, area]
    }
}

const BOTTOM: &str = "200";

/// Formats a coordinate to a tenth, which is less than a pixel.
fn written(place: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in the drawing")]
    let tenths = (place.max(0.0) * 10.0).round() as u32;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let mut text = whole.to_string();
    if tenth > 0 {
        text.push('.');
        text += &tenth.to_string();
    }
    text
}

/// Formats a time as `2026-11-23 08:20`, with ` UTC` unless it is the reader's local time.
pub fn minute(time: Timestamp, hydrated: bool) -> String {
    if hydrated {
        local_time(time)[..16].to_owned()
    } else {
        [&time.readable()[..16], " UTC"].concat()
    }
}

/// Draws the chart with its crosshair. `quote` is the current one, for the number of digits.
pub fn view(
    model: Model,
    chart: &Chart,
    quote: Quote,
    name: &str,
) -> Option<impl IntoView + use<>> {
    let plot = Plot::of(chart).filter(|_| chart.points.len() > 1)?;
    let hydrated = model.is_hydrated();
    let interval = model.server_data.with(|data| data.interval.into());
    let [line, area] = plot.paths(interval);
    // The position of the crosshair, and the value there. Read here and not in closures of the parts that
    // move: these are remade with each refresh, and would pile up among the signal's listeners.
    let last = chart.points.len() - 1;
    let index = model.pointed.get().unwrap_or(last).min(last);
    let point = chart.points[index];
    let (x, y) = (written(plot.x(point.time)), written(plot.y(point.value)));
    let cross = ["M", &x, " 0V", BOTTOM].concat();
    let readout =
        [&minute(point.time, hydrated), ": ", &model.figure(quote.at(point.value))].concat();
    let index = index.to_string();
    let label = [name, ", ", chart.span.label()].concat();
    let middle =
        Timestamp::from_unix_seconds(chart.from.unix_seconds().midpoint(chart.to.unix_seconds()));
    let times = [chart.from, middle, chart.to]
        .map(|time| view! { <span>{minute(time, hydrated)[5..16].to_owned()}</span> });
    Some(view! {
        <figure class="chart">
            <figcaption class="readout">{readout.clone()}</figcaption>
            <div class="plot">
                <svg viewBox="0 0 480 200" role="img" aria-label=label>
                    <path class="area" d=area></path>
                    <path class="line" d=line></path>
                    <path class="cross" d=cross></path>
                    <circle r="4" cx=x cy=y></circle>
                </svg>
                <input
                    class="point"
                    type="range"
                    name="point"
                    min="0"
                    max=last.to_string()
                    value=index.clone()
                    prop:value=index
                    aria-label="Point in time"
                    aria-valuetext=readout
                />
            </div>
            <div class="times" aria-hidden="true">{times}</div>
        </figure>
    })
}

/// Renders the same numbers as a table, for those who can't see or don't want the drawing.
pub fn numbers(model: Model, chart: &Chart, quote: Quote) -> impl IntoView + use<> {
    let hydrated = model.is_hydrated();
    let row = |point: &Point| {
        view! {
            <tr>
                <td>{minute(point.time, hydrated)}</td>
                <td>{model.figure(quote.at(point.value))}</td>
            </tr>
        }
    };
    let rows = chart.points.iter().map(row).collect::<Vec<_>>();
    view! {
        <details class="numbers">
            <summary>"The same as a table"</summary>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Value"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::{Code, Span};

    fn chart(points: &[(u64, f64)]) -> Chart {
        let at = Timestamp::from_unix_seconds;
        let points: Vec<_> =
            points.iter().map(|(time, value)| Point { time: at(*time), value: *value }).collect();
        let by_value = |a: &&Point, b: &&Point| a.value.total_cmp(&b.value);
        Chart {
            symbol: Code::btc(),
            base: Code::btc(),
            span: Span::Hour,
            from: at(0),
            to: at(3_600),
            low: points.iter().min_by(by_value).copied(),
            high: points.iter().max_by(by_value).copied(),
            points,
            complete: true,
        }
    }

    #[test]
    fn lines_break_where_nothing_is_known() {
        let chart = chart(&[(0, 1.0), (300, 2.0), (1_500, 3.0), (1_800, 3.0), (3_600, 1.0)]);
        let plot = Plot::of(&chart).unwrap();
        let [line, area] = plot.paths(300);
        assert_eq!(line, "M0 190L40 100M200 10L240 10M480 190");
        assert_eq!(area, "M0 200V190L40 100V200M200 200V10L240 10V200M480 200V190V200");
        // Where rates come once an hour, an hour is no gap.
        assert_eq!(plot.paths(3_600)[0].matches('M').count(), 1);
    }

    #[test]
    fn what_does_not_move_is_drawn_through_the_middle() {
        let chart = chart(&[(0, 5.0), (3_600, 5.0)]);
        assert_eq!(Plot::of(&chart).unwrap().paths(3_600)[0], "M0 100L480 100");
        assert!(Plot::of(&Chart { low: None, ..chart.clone() }).is_none());
    }
}
