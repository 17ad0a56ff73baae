//! What the reader must know before trusting a number.

use std::{fmt::Write, sync::Arc};

use leptos::prelude::*;

use super::{model::Model, price_alerts, text::html, time};
#[cfg(feature = "ssr")]
use super::{past::FilledIn, state::PageState};
use crate::rates::{CacheStatus, Snapshot, SourceName};

const DANGER: &str = "alert alert-danger";
const WARNING: &str = "alert alert-warning";
const INFO: &str = "alert alert-info";

/// Returns why some rates are older than the others, if some are.
pub fn some_are_older(model: Model) -> Option<String> {
    let lacks_some =
        |snapshot: &Arc<Snapshot>| snapshot.rates().iter().any(|r| r.carried_forward.is_some());
    let source = model.snapshot().filter(lacks_some)?.source();
    Some(model.texts.format("some-older", &[("source", source.label().into())]))
}

/// Returns the current alerts as HTML, the gravest first. A time comes last, so that nothing shifts when it
/// becomes the reader's local time.
fn alerts(model: Model) -> String {
    let (mut alerts, texts) = (String::new(), model.texts);
    let mut add = |class, title, text: &str| {
        // Writing to a string never fails.
        let _ = write!(alerts, "<div class=\"{class}\"><strong>{title}</strong>{text}</div>");
    };
    let titled = |title| format!("{} ", texts.get(title));
    let time = model.last_updated().map(|time| time::html(time, model.local.get()));
    let time = ("time", time.as_deref().unwrap_or_default().into());
    match model.source() {
        #[cfg(feature = "ssr")]
        Some(_) if model.is_past() => {
            let state = model.shown();
            let now = html(&PageState { date: None, ..state.clone() }.href());
            let now = format!("<a href=\"{now}\">{}</a>", texts.get("back-to-now"));
            let day = ("day", state.day().unwrap_or_default().into());
            let link = ("link", (&now).into());
            let text = match use_context::<FilledIn>() {
                None => texts.format("alert-past", &[day, link, time]),
                Some(FilledIn { missing }) => {
                    let missing = missing.to_string();
                    let missing = ("missing", (&missing).into());
                    texts.format("alert-past-filled-in", &[day, missing, link, time])
                }
            };
            add(DANGER, titled("alert-past-title"), &text);
        }
        None => add(DANGER, titled("alert-none-title"), texts.get("alert-none")),
        Some(SourceName::Sample) => {
            add(DANGER, titled("alert-sample-title"), &texts.format("alert-sample", &[time]));
        }
        Some(source) if model.status() == CacheStatus::Stale => {
            let unchanged = model.latest.with(|latest| latest.unchanged);
            let what = if unchanged { "alert-unchanged" } else { "alert-stale" };
            let text = texts.format(what, &[("source", source.label().into()), time]);
            add(WARNING, titled("alert-stale-title"), &text);
        }
        Some(_) => {}
    }
    let fired = price_alerts::fired(model);
    if !fired.is_empty() {
        add(INFO, titled("reached"), &fired);
    }
    if let Some(text) = some_are_older(model) {
        add(WARNING, titled("some-older-title"), &text);
    }
    if let Some(why) = model.refresh_error.get() {
        let text = texts.format("not-refreshed", &[("why", why.into())]);
        add(WARNING, titled("not-refreshed-title"), &text);
    }
    let warnings = model.warnings();
    if !warnings.is_empty() {
        // The same without what is wrong.
        let href = html(&model.shown().href());
        let (warnings, dismiss) = (html(&warnings.join(" ")), texts.get("dismiss"));
        add(INFO, String::new(), &format!("{warnings} <a href=\"{href}\">{dismiss}</a>"));
    }
    alerts
}

#[component]
pub fn Alerts() -> impl IntoView {
    let model = expect_context::<Model>();
    view! { <div role="status" class="alerts" inner_html=move || alerts(model)></div> }
}
