//! What the reader must know before trusting a number.

use std::sync::Arc;

use leptos::prelude::*;

use super::{model::Model, part::part, reactive::parts, time::point};
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

/// Returns the current alerts, the gravest first.
fn alerts(model: Model) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let time = model.last_updated();
    match model.source() {
        None => alerts.push(Alert {
            class: DANGER,
            title: "No rates yet. ",
            text: "No source has answered since the server started. The page fills itself as soon as one does.".to_owned(),
            time: None,
        }),
        Some(SourceName::Sample) => alerts.push(Alert {
            class: DANGER,
            title: "Sample data, not live rates. ",
            text: "Do not use these numbers: no live source answers, so this is an example of ".to_owned(),
            time,
        }),
        Some(_) if model.status() == CacheStatus::Stale => alerts.push(Alert {
            class: WARNING,
            title: "These rates are stale. ",
            text: "They are the last that could be had, and stay here until there are newer ones. They are of ".to_owned(),
            time,
        }),
        Some(_) => {}
    }
    let lacks_some =
        |snapshot: &Arc<Snapshot>| snapshot.rates().iter().any(|r| r.carried_forward.is_some());
    if let Some(snapshot) = model.snapshot().filter(lacks_some) {
        alerts.push(Alert {
            class: WARNING,
            title: "Some rates are older. ",
            text: snapshot.source().label().to_owned()
                + " does not have them now; each tells its own time.",
            time: None,
        });
    }
    if let Some(why) = model.refresh_error() {
        alerts.push(Alert {
            class: WARNING,
            title: "This page could not refresh itself: ",
            text: why + ". It keeps trying.",
            time: None,
        });
    }
    // Problems in the address.
    alerts.extend(model.query_warnings().into_iter().map(|warning| Alert {
        class: INFO,
        title: "",
        text: warning,
        time: None,
    }));
    alerts
}

#[component]
pub fn Alerts(model: Model) -> impl IntoView {
    let shown = parts(move || {
        let hydrated = model.is_hydrated();
        let alert = |Alert { class, title, text, time }: Alert| {
            view! {
                <div class=class>
                    <strong>{title}</strong>{text}{time.map(|time| point(time, hydrated))}
                </div>
            }
        };
        part(alerts(model).into_iter().map(alert).collect_view())
    });
    view! { <div role="status" class="alerts">{shown}</div> }
}
