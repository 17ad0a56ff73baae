//! Why there are no changes over 24 hours, if there are none, and whose they are, if not ours.

use leptos::prelude::*;

use super::{model::Model, time};
use crate::rates::{SourceName, Span, Timestamp};

const SAMPLE: &str = "There are no changes over 24 hours to tell: these are not live rates.";
const PAST: &str = "There are changes only of the rates of now.";
const OLD: &str =
    "There are no changes over 24 hours to tell: these rates are more than an hour old.";
const TOLD_BY_SOURCE: &str =
    "Changes over 24 hours are CoinGecko’s own where the history here is too short to tell them.";
const CUT_OFF: &str = "Changes in another base come once the server can be reached.";
const NO_HISTORY: &str = "Changes over 24 hours appear once there is a history to tell them from.";
const SHORT_HISTORY: &str =
    "Changes over 24 hours appear once the history is as long. It begins at ";

/// Returns the reason, or the note, which may end with a time.
pub fn reason(model: Model) -> Option<(&'static str, Option<Timestamp>)> {
    if model.source()? == SourceName::Sample {
        return Some((SAMPLE, None));
    }
    if model.is_past() {
        return Some((PAST, None));
    }
    let Some(trends) = model.current_trends() else { return Some((OLD, None)) };
    if trends.of.iter().any(|trend| trend.change(Span::Day).is_some()) {
        // Trends in another base come with the next answer, unless the server can't be reached.
        let failed = model.refresh_error.with(Option::is_some);
        let cut_off = failed && model.state.with(|state| state.base != trends.base);
        return cut_off
            .then_some(CUT_OFF)
            .or(trends.told_by_source.then_some(TOLD_BY_SOURCE))
            .map(|reason| (reason, None));
    }
    Some((if trends.since.is_some() { SHORT_HISTORY } else { NO_HISTORY }, trends.since))
}

/// Returns the reason as HTML; empty if there is none.
fn html(model: Model) -> String {
    let Some((reason, since)) = reason(model) else { return String::new() };
    let since = since.map(|since| time::html(since, model.local.get()));
    format!("{reason}{}", since.unwrap_or_default())
}

#[component]
pub fn WhyNoChanges() -> impl IntoView {
    let model = expect_context::<Model>();
    let reason = move || html(model);
    view! { <p class="why-not" hidden=move || reason().is_empty() inner_html=reason></p> }
}
