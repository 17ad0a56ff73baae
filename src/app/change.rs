//! How changes are formatted, and why there may be none.

use leptos::prelude::*;

use super::{model::Model, reader::Reader};
use crate::rates::{FormattedNumber, SourceName, Timestamp, Trend};

/// Returns the direction, which is a class in the style sheet, and the change as `+0.52 %`.
pub fn percent(change: f64, reader: &Reader) -> (&'static str, String) {
    let hundredths = (change.abs() * 100.0).round();
    let (direction, sign) = match change {
        _ if hundredths == 0.0 => ("", ""),
        change if change > 0.0 => ("up", "+"),
        _ => ("down", "\u{2212}"),
    };
    let number = reader.style.write(&FormattedNumber::hundredths(hundredths));
    (direction, [sign, &number.integer, &number.fraction, "\u{a0}%"].concat())
}

/// Returns the direction and the change, or a dash if there is none.
pub fn change(trend: Option<&Trend>, reader: &Reader) -> (&'static str, String) {
    match trend.and_then(|trend| trend.change) {
        Some(change) => percent(change, reader),
        None => ("", "–".to_owned()),
    }
}

/// Returns the line of the last day as HTML, because the browser hydrates each element of a view separately.
pub fn sparkline(path: &str) -> String {
    // The path is digits and letters, but what the server sends is not validated here.
    let path = path.replace(['"', '<', '&'], "");
    ["<svg viewBox=\"", Trend::VIEW_BOX, "\" aria-hidden=\"true\"><path d=\"", &path, "\"/></svg>"]
        .concat()
}

/// Returns why there are no changes, if there are none.
pub fn why_not(model: Model) -> Option<(&'static str, Option<Timestamp>)> {
    let source = model.source()?;
    let Some(trends) = model.trends().filter(|_| source != SourceName::Sample) else {
        let why = match source {
            SourceName::Sample => {
                "There are no changes over 24 hours to tell: these are not live rates."
            }
            _ => {
                "There are no changes over 24 hours to tell: these rates are more than an hour old."
            }
        };
        return Some((why, None));
    };
    if trends.of.iter().any(|trend| trend.change.is_some()) {
        // Trends in another base come with the next answer, unless the server can't be reached.
        let cut_off =
            model.refresh_error().is_some() && model.state.with(|state| state.base != trends.base);
        return cut_off
            .then_some(("Changes in another base come once the server can be reached.", None));
    }
    Some(match trends.since {
        None => ("Changes over 24 hours appear once there is a history to tell them from.", None),
        since => ("Changes over 24 hours appear once the history is as long. It begins at ", since),
    })
}
