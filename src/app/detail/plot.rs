//! Where the points of a chart are in its drawing, and the lines of its value axis.

use std::fmt::Write;

use crate::rates::{Chart, FormattedNumber, Point, Timestamp};

/// The size of the drawing, in its own units. It is stretched to the room that there is.
pub const WIDTH: u16 = 480;
pub const HEIGHT: u16 = 200;
/// The space above the highest point and below the lowest one: room for what is written there.
const MARGIN: f64 = 24.0;
/// The fraction of the span above which a stretch without a value is a gap in the line.
const GAP: u64 = 12;
/// The steps between two lines of the axis, largest first, in hundredths of a power of ten: digits, and the zeros
/// that follow them.
const STEPS: [(i64, i32); 6] = [(5, 2), (25, 1), (2, 2), (1, 2), (5, 1), (25, 0)];

/// The positions of a chart's points.
#[derive(Clone, Copy)]
pub struct Plot {
    from: Timestamp,
    to: Timestamp,
    low: f64,
    high: f64,
}

/// A line of the value axis.
pub struct Tick {
    pub y: f64,
    pub negative: bool,
    /// The value without its sign, with the decimals that the step between two lines needs.
    pub value: FormattedNumber,
}

impl Plot {
    /// `None` if the chart has no points.
    pub fn of(chart: &Chart) -> Option<Self> {
        let (low, high) = (chart.low?.value, chart.high?.value);
        Some(Self { from: chart.from, to: chart.to, low, high })
    }

    /// Returns the plot with room for another chart.
    #[must_use]
    pub fn with(self, other: Option<&Chart>) -> Self {
        let other = other.and_then(Self::of).unwrap_or(self);
        Self { low: self.low.min(other.low), high: self.high.max(other.high), ..self }
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of a month")]
    pub fn x(&self, time: Timestamp) -> f64 {
        let (part, whole) = (time.seconds_since(self.from), self.to.seconds_since(self.from));
        (part as f64 / (whole as f64).max(1.0)).min(1.0) * f64::from(WIDTH)
    }

    pub fn y(&self, value: f64) -> f64 {
        let range = self.high - self.low;
        // A constant value is drawn through the middle.
        let place = if range > 0.0 { (value - self.low) / range } else { 0.5 };
        let height = f64::from(HEIGHT);
        height - MARGIN - place * (height - 2.0 * MARGIN)
    }

    /// Returns the line of a chart as the `d` of an SVG path. It goes through low and high, too, which may be
    /// between two points.
    pub fn line(&self, chart: &Chart, interval: u64) -> String {
        let gap = (chart.span.seconds() / GAP).max(3 * interval);
        let mut points = chart.points.clone();
        for extreme in chart.low.into_iter().chain(chart.high) {
            let place = points.partition_point(|point| point.time < extreme.time);
            // Before the first point there is none of this span.
            if place > 0 && points.get(place).is_none_or(|point| point.time > extreme.time) {
                points.insert(place, extreme);
            }
        }
        let mut line = String::new();
        let mut last: Option<Timestamp> = None;
        for point in points {
            let near = last.is_some_and(|last| point.time.seconds_since(last) <= gap);
            let (x, y) = (tenths(self.x(point.time)), tenths(self.y(point.value)));
            // Writing to a string never fails.
            let _ = write!(line, "{}{x} {y}", if near { 'L' } else { 'M' });
            last = Some(point.time);
        }
        line
    }

    /// Returns a path of no length, which round ends make a dot.
    pub fn dot(&self, point: &Point) -> String {
        format!("M{} {}h0", tenths(self.x(point.time)), tenths(self.y(point.value)))
    }

    /// Returns three or four lines at round values between low and high, from the bottom; up to six if one of them
    /// is zero, and none if the value is constant.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "integers far below those that doubles can't tell apart"
    )]
    pub fn ticks(&self) -> Vec<Tick> {
        let range = self.high - self.low;
        let largest = self.high.abs().max(self.low.abs());
        // What moves by less than doubles can tell does not move. It keeps the numbers below far within an
        // integer, too.
        if !range.is_finite() || range <= largest * 1e-10 {
            return Vec::new();
        }
        // By multiplication, as everywhere: logarithms may differ between server and browser.
        let (mut scaled, mut exponent) = (range, 0);
        while scaled >= 1000.0 {
            scaled /= 10.0;
            exponent += 1;
        }
        while scaled < 100.0 {
            scaled *= 10.0;
            exponent -= 1;
        }
        let factor = scaled / range;
        let lines = |(digits, zeros): (i64, i32)| {
            let step = (digits * [1, 10, 100][zeros as usize]) as f64;
            // A double may be a little beside the round value that is meant.
            let first = (self.low * factor / step - 1e-6).ceil() as i64;
            let last = (self.high * factor / step + 1e-6).floor() as i64;
            (first, last, step / factor)
        };
        let enough =
            |step: &(i64, i32)| matches!(lines(*step), (first, last, _) if last >= first + 2);
        let Some((digits, zeros)) = STEPS.into_iter().find(enough) else { return Vec::new() };
        let (first, last, step) = lines((digits, zeros));
        // Of five or six, every second one; but zero always has a line.
        let every = if last - first >= 4 && first > 0 { 2 } else { 1 };
        let tick = |line: i64| Tick {
            y: self.y(line as f64 * step),
            negative: line < 0,
            value: FormattedNumber::scaled((line * digits).unsigned_abs(), exponent + zeros),
        };
        (first..=last).filter(|line| (line - first) % every == 0).map(tick).collect()
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

    fn line(chart: &Chart, interval: u64) -> String {
        Plot::of(chart).unwrap().line(chart, interval)
    }

    /// The labels of the axis of a chart between two values.
    fn labels(low: f64, high: f64) -> Vec<String> {
        let ticks = Plot::of(&chart(&[(0, low), (3_600, high)])).unwrap().ticks();
        let sign = |tick: &Tick| if tick.negative { "-" } else { "" };
        ticks.iter().map(|tick| format!("{}{}", sign(tick), tick.value)).collect()
    }

    #[test]
    fn lines_break_where_nothing_is_known() {
        let chart = chart(&[(0, 1.0), (300, 2.0), (1_500, 3.0), (1_800, 3.0), (3_600, 1.0)]);
        assert_eq!(line(&chart, 300), "M0 176L40 100M200 24L240 24M480 176");
        // Where rates come once an hour, an hour is no gap.
        assert_eq!(line(&chart, 3_600).matches('M').count(), 1);
    }

    #[test]
    fn lines_go_through_the_extremes_between_two_points() {
        let mut chart = chart(&[(0, 1.0), (300, 1.0), (600, 2.0), (900, 1.5)]);
        let at = |time, value| Some(Point { time: Timestamp::from_unix_seconds(time), value });
        (chart.low, chart.high) = (at(450, 0.0), at(900, 2.0));
        assert_eq!(line(&chart, 300), "M0 100L40 100L60 176L80 24L120 62");
        assert_eq!(Plot::of(&chart).unwrap().dot(&chart.low.unwrap()), "M60 176h0");
    }

    #[test]
    fn two_charts_share_one_axis() {
        let chart_of = |values: [f64; 2]| chart(&[(0, values[0]), (3_600, values[1])]);
        let (one, other) = (chart_of([0.0, 2.0]), chart_of([0.0, -2.0]));
        let plot = Plot::of(&one).unwrap().with(Some(&other));
        assert_eq!(plot.line(&one, 3_600), "M0 100L480 24");
        assert_eq!(plot.line(&other, 3_600), "M0 100L480 176");
        assert_eq!(plot.ticks().len(), 3);
        assert_eq!(Plot::of(&one).unwrap().with(None).line(&one, 3_600), line(&one, 3_600));
    }

    #[test]
    fn what_does_not_move_is_drawn_through_the_middle() {
        let chart = chart(&[(0, 5.0), (3_600, 5.0)]);
        assert_eq!(line(&chart, 3_600), "M0 100L480 100");
        assert!(Plot::of(&Chart { low: None, ..chart.clone() }).is_none());
        assert!(Plot::of(&chart).unwrap().ticks().is_empty());
        assert_eq!(labels(75_817.765, 75_817.765_000_01), [""; 0]);
    }

    #[test]
    fn the_axis_has_round_values_with_the_digits_of_their_step() {
        assert_eq!(labels(70_000.0, 72_800.0), ["70,000", "71,000", "72,000"]);
        assert_eq!(labels(75_612.33, 75_931.5), ["75,700", "75,800", "75,900"]);
        assert_eq!(labels(4_501.2, 4_502.9), ["4,501.5", "4,502.0", "4,502.5"]);
        assert_eq!(labels(1.151_2, 1.162_4), ["1.1525", "1.1550", "1.1575", "1.1600"]);
        // Of 1, 2, 3, 4, 5 every second one; 2 and 4 alone would be too few.
        assert_eq!(labels(0.9, 5.1), ["1", "3", "5"]);
        assert_eq!(
            labels(0.000_013_19, 0.000_013_26),
            ["0.000013200", "0.000013225", "0.000013250"]
        );
        assert_eq!(labels(6.7e9, 7.1e9), ["6,700,000,000", "6,900,000,000", "7,100,000,000"]);
    }

    #[test]
    fn the_axis_passes_zero() {
        assert_eq!(labels(-0.9, 1.6), ["-0.5", "0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(labels(-30.0, 40.0), ["-25", "0", "25"]);
        assert_eq!(labels(-2_000.0, 2_100.0), ["-2,000", "0", "2,000"]);
    }

    proptest::proptest! {
        #[test]
        fn the_axis_has_three_or_four_lines_in_the_drawing(
            low in -1e3..1e12_f64,
            part in 1e-6..2.0_f64,
        ) {
            let high = low + low.abs() * part;
            let plot = Plot::of(&chart(&[(0, low), (3_600, high)])).unwrap();
            let ticks = plot.ticks();
            let most = if low > 0.0 { 4 } else { 6 };
            proptest::prop_assert!((3..=most).contains(&ticks.len()), "{low} to {high}");
            for tick in &ticks {
                proptest::prop_assert!((MARGIN - 0.1..=f64::from(HEIGHT) - MARGIN + 0.1).contains(&tick.y));
                let value: f64 = tick.value.to_string().replace(',', "").parse().unwrap();
                let value = if tick.negative { -value } else { value };
                proptest::prop_assert!((plot.y(value) - tick.y).abs() < 0.1, "{value}");
            }
        }
    }
}
