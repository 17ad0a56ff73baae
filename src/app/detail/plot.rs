//! Where the points of a chart are in its drawing.

use std::fmt::Write;

use crate::rates::{Chart, Point, Timestamp};

/// The size of the drawing, in its own units.
pub const WIDTH: u16 = 480;
pub const HEIGHT: u16 = 200;
/// The space above the highest point and below the lowest one.
const MARGIN: f64 = 10.0;
/// The fraction of the span above which a stretch without a value is a gap in the line.
const GAP: u64 = 12;

/// The positions of a chart's points.
pub struct Plot<'a> {
    chart: &'a Chart,
    low: f64,
    high: f64,
}

impl<'a> Plot<'a> {
    /// `None` if the chart has no points.
    pub fn of(chart: &'a Chart) -> Option<Self> {
        let (low, high) = (chart.low?.value, chart.high?.value);
        Some(Self { chart, low, high })
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of a month")]
    pub fn x(&self, time: Timestamp) -> f64 {
        let Chart { from, to, .. } = self.chart;
        let (part, whole) = (time.seconds_since(*from) as f64, to.seconds_since(*from) as f64);
        (part / whole.max(1.0)).min(1.0) * f64::from(WIDTH)
    }

    pub fn y(&self, value: f64) -> f64 {
        let range = self.high - self.low;
        // A constant value is drawn through the middle.
        let place = if range > 0.0 { (value - self.low) / range } else { 0.5 };
        let height = f64::from(HEIGHT);
        height - MARGIN - place * (height - 2.0 * MARGIN)
    }

    /// Returns the line and the area below it, each as the `d` of an SVG path.
    pub fn paths(&self, interval: u64) -> [String; 2] {
        let gap = (self.chart.span.seconds() / GAP).max(3 * interval);
        // Writing to a string never fails.
        let (mut line, mut area) = (String::new(), String::new());
        let mut last: Option<Point> = None;
        for point in &self.chart.points {
            let (x, y) = (tenths(self.x(point.time)), tenths(self.y(point.value)));
            match last {
                Some(last) if point.time.seconds_since(last.time) <= gap => {
                    let _ = write!(line, "L{x} {y}");
                    let _ = write!(area, "L{x} {y}");
                }
                _ => {
                    // The area reaches down to the bottom on both sides of a gap.
                    if last.is_some() {
                        let _ = write!(area, "V{HEIGHT}");
                    }
                    let _ = write!(line, "M{x} {y}");
                    let _ = write!(area, "M{x} {HEIGHT}V{y}");
                }
            }
            last = Some(*point);
        }
        if last.is_some() {
            let _ = write!(area, "V{HEIGHT}");
        }
        [line, area]
    }
}

/// Formats a coordinate, rounded to a tenth, which is less than a pixel. The standard library's formatting of
/// doubles would add 4 KB to the download.
pub fn tenths(place: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in the drawing")]
    let tenths = (place * 10.0).round() as u32;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::{Code, Quotation, Span};

    fn chart(points: &[(u64, f64)]) -> Chart {
        let at = Timestamp::from_unix_seconds;
        let points: Vec<_> =
            points.iter().map(|(time, value)| Point { time: at(*time), value: *value }).collect();
        let by_value = |a: &&Point, b: &&Point| a.value.total_cmp(&b.value);
        Chart {
            symbol: Code::btc(),
            base: Code::btc(),
            quotation: Quotation::Inverse,
            span: Span::Hour,
            from: at(0),
            to: at(3_600),
            low: points.iter().min_by(by_value).copied(),
            high: points.iter().max_by(by_value).copied(),
            points,
            since: None,
            change: None,
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
