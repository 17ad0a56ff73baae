//! Why there are no changes over 24 hours, if there are none, and whose they are, if not ours.

use leptos::prelude::*;

use super::{model::Model, time};
use crate::rates::{SourceName, Span};

/// Returns the reason, or the note, as HTML. It may end with a time.
pub fn reason(model: Model) -> Option<String> {
    let text = |id| Some(model.texts.get(id).to_owned());
    if model.source()? == SourceName::Sample {
        return text("no-changes-sample");
    }
    if model.is_past() {
        return text("no-changes-past");
    }
    let Some(trends) = model.current_trends() else { return text("no-changes-old") };
    if trends.of.iter().any(|trend| trend.change(Span::Day).is_some()) {
        // Trends in another base come with the next answer, unless the server can't be reached.
        let failed = model.refresh_error.with(Option::is_some);
        let cut_off = failed && model.state.with(|state| state.base != trends.base);
        return match (cut_off, trends.told_by_source) {
            (true, _) => text("no-changes-cut-off"),
            (_, true) => text("changes-told-by-source"),
            _ => None,
        };
    }
    let Some(since) = trends.since else { return text("no-changes-no-history") };
    let since = time::html(since, model.local.get());
    Some(model.texts.format("no-changes-short-history", &[("time", (&since).into())]))
}

#[component]
pub fn WhyNoChanges() -> impl IntoView {
    let model = expect_context::<Model>();
    let reason = move || reason(model).unwrap_or_default();
    view! { <p class="why-not" hidden=move || reason().is_empty() inner_html=reason></p> }
}
