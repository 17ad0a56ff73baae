//! How changes are formatted.

use super::reader::Reader;
use crate::rates::{FormattedNumber, NumberStyle, Span, Trend};

/// Returns the direction, which is a class in the style sheet, and the change as `+0.52 %`.
pub fn percent(change: f64, style: &NumberStyle) -> (&'static str, String) {
    let hundredths = (change.abs() * 100.0).round();
    let (direction, sign) = match change {
        _ if hundredths == 0.0 => ("", ""),
        change if change > 0.0 => ("up", "+"),
        _ => ("down", "\u{2212}"),
    };
    let number = style.write(&FormattedNumber::hundredths(hundredths));
    (direction, format!("{sign}{number}\u{a0}%"))
}

/// Returns the direction and the change over a span, or a dash if there is none.
pub fn change(trend: Option<&Trend>, span: Span, reader: &Reader) -> (&'static str, String) {
    match trend.and_then(|trend| trend.change(span)) {
        Some(change) => percent(change, &reader.style),
        None => ("", "–".to_owned()),
    }
}
