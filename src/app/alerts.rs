//! What the reader must know before trusting a number.

use std::sync::Arc;

use leptos::prelude::*;

use super::{model::Model, text::html, time::Time};
use crate::rates::{CacheStatus, Snapshot, SourceName, Timestamp};

/// One alert. Its time comes last, so that nothing shifts when it becomes the reader's local time.
struct Alert {
    class: &'static str,
    title: &'static str,
    text: String,
    time: Option<Timestamp>,
}

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

/// Returns the current alerts, the gravest first.
fn alerts(model: Model) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut add = |class, title, text: String, time| {
        alerts.push(Alert { class, title, text, time });
    };
    let time = model.last_updated();
    match model.source() {
        None => add(
            DANGER,
            "No rates yet. ",
            "No source has answered since the server started. The page fills itself as soon as one does.".to_owned(),
            None,
        ),
        Some(SourceName::Sample) => add(
            DANGER,
            "Sample data, not live rates. ",
            "Do not use these numbers: no live source answers, so this is an example of ".to_owned(),
            time,
        ),
        Some(source) if model.status() == CacheStatus::Stale => add(
            WARNING,
            "These rates are stale. ",
            if model.latest.with(|latest| latest.unchanged) {
                source.label().to_owned() + " answers, but its rates have not changed since "
            } else {
                "They are the last that could be had, and stay here until there are newer ones. They are of ".to_owned()
            },
            time,
        ),
        Some(_) => {}
    }
    if let Some(text) = some_are_older(model) {
        add(WARNING, SOME_ARE_OLDER, text, None);
    }
    if let Some(why) = model.refresh_error.get() {
        let text = format!("{why}. It keeps trying.");
        add(WARNING, "This page could not refresh itself: ", text, None);
    }
    for warning in model.warnings() {
        add(INFO, "", warning, None);
    }
    alerts
}

#[component]
pub fn Alerts() -> impl IntoView {
    let model = expect_context::<Model>();
    let shown = move || {
        let hydrated = model.hydrated.get();
        let alert = |Alert { class, title, text, time }: Alert| {
            view! {
                <div class=class>
                    <strong inner_html=title></strong>
                    <span inner_html=html(&text)></span>
                    {time.map(|time| view! { <Time time hydrated/> })}
                </div>
            }
        };
        alerts(model).into_iter().map(alert).collect_view()
    };
    view! {
        <div role="status" class="alerts">
            {shown}
        </div>
    }
}
