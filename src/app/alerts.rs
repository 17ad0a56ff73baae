//! What the reader must know before trusting a number.

use std::{fmt::Write, sync::Arc};

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::state::PageState;
use super::{model::Model, price_alerts, text::html, time};
use crate::rates::{CacheStatus, Snapshot, SourceName, Timestamp};

const DANGER: &str = "alert alert-danger";
const WARNING: &str = "alert alert-warning";
const INFO: &str = "alert alert-info";

pub const SOME_ARE_OLDER: &str = "Some rates are older. ";

/// Returns why some rates are older than the others, if some are.
pub fn some_are_older(model: Model) -> Option<String> {
    let lacks_some =
        |snapshot: &Arc<Snapshot>| snapshot.rates().iter().any(|r| r.carried_forward.is_some());
    let source = model.snapshot().filter(lacks_some)?.source();
    Some(format!("{} does not have them now; each tells its own time.", source.label()))
}

/// Returns the current alerts as HTML, the gravest first. A time comes last, so that nothing shifts when it
/// becomes the reader's local time.
fn alerts(model: Model) -> String {
    let mut alerts = String::new();
    let local = model.local.get();
    let mut add = |class, title, text: &str, time: Option<Timestamp>| {
        let time = time.map(|time| time::html(time, local)).unwrap_or_default();
        // Writing to a string never fails.
        let _ = write!(alerts, "<div class=\"{class}\"><strong>{title}</strong>{text}{time}</div>");
    };
    let time = model.last_updated();
    match model.source() {
        #[cfg(feature = "ssr")]
        Some(_) if model.is_past() => {
            let state = model.shown();
            let day = state.day().unwrap_or_default();
            let now = html(&PageState { date: None, ..state.clone() }.href());
            let text = format!(
                "These are the last by the end of {day} (UTC). <a href=\"{now}\">Back to now</a> Recorded at "
            );
            add(DANGER, "Not live rates. ", &text, time);
        }
        None => add(
            DANGER,
            "No rates yet. ",
            "No source has answered since the server started. The page fills itself as soon as one does.",
            None,
        ),
        Some(SourceName::Sample) => add(
            DANGER,
            "Sample data, not live rates. ",
            "Do not use these numbers: no live source answers, so this is an example of ",
            time,
        ),
        Some(source) if model.status() == CacheStatus::Stale => add(
            WARNING,
            "These rates are stale. ",
            &if model.latest.with(|latest| latest.unchanged) {
                source.label().to_owned() + " answers, but its rates have not changed since "
            } else {
                format!(
                    "They stay here until there are newer ones. {} has not answered since ",
                    source.label()
                )
            },
            time,
        ),
        Some(_) => {}
    }
    let fired = price_alerts::fired(model);
    if !fired.is_empty() {
        add(INFO, "Reached: ", &fired, None);
    }
    if let Some(text) = some_are_older(model) {
        add(WARNING, SOME_ARE_OLDER, &text, None);
    }
    if let Some(why) = model.refresh_error.get() {
        let text = format!("{why}. It keeps trying.");
        add(WARNING, "This page could not refresh itself: ", &html(&text), None);
    }
    let warnings = model.warnings();
    if !warnings.is_empty() {
        // The same without what is wrong.
        let href = html(&model.shown().href());
        let text = format!("{} <a href=\"{href}\">Dismiss</a>", html(&warnings.join(" ")));
        add(INFO, "", &text, None);
    }
    alerts
}

#[component]
pub fn Alerts() -> impl IntoView {
    let model = expect_context::<Model>();
    view! { <div role="status" class="alerts" inner_html=move || alerts(model)></div> }
}
