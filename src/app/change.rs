//! How changes are written, and why there may be none.

use leptos::prelude::*;

use super::{model::Model, reader::Reader};
use crate::rates::{FormattedNumber, SourceName, Timestamp, Trend};

/// `+0.52 %`, and a word for its direction that the style sheet has a colour for.
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

/// The direction, and the change or what stands in its place.
pub fn change(trend: Option<&Trend>, reader: &Reader) -> (&'static str, String) {
    match trend.and_then(|trend| trend.change) {
        Some(change) => percent(change, reader),
        None => ("", "–".to_owned()),
    }
}

/// The line of the last day; nothing where there is none. As HTML: the browser takes each element of a
/// view over by itself.
pub fn sparkline(path: &str) -> String {
    // Numbers and letters; what the server sends is not looked at here.
    let path = path.replace(['"', '<', '&'], "");
    ["<svg viewBox=\"", Trend::VIEW_BOX, "\" aria-hidden=\"true\"><path d=\"", &path, "\"/></svg>"]
        .concat()
}

/// Why there are no changes to tell, if there are none.
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
        // Until they are there in another base; which is no time, unless the server is out of reach.
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
