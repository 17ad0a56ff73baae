//! What the reader must know before trusting a number.

use std::sync::Arc;

use leptos::prelude::*;

use super::{model::Model, part::part, reactive::parts, time::point};
use crate::rates::{CacheStatus, Snapshot, SourceName, Timestamp};

/// One alert: `title`, then `before`, a point in time if there is one, and `after`.
struct Alert {
    class: &'static str,
    title: &'static str,
    before: String,
    time: Option<Timestamp>,
    after: &'static str,
}

const DANGER: &str = "alert alert-danger";
const WARNING: &str = "alert alert-warning";
const NOTE: &str = "alert alert-info";

/// The alerts that hold at the moment, the gravest first.
fn alerts(model: Model) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let time = model.last_updated();
    match model.source() {
        None => alerts.push(Alert {
            class: DANGER,
            title: "No rates yet. ",
            before: "No source has answered since the server started. The page fills itself as soon as one does.".to_owned(),
            time: None,
            after: "",
        }),
        Some(SourceName::Sample) => alerts.push(Alert {
            class: DANGER,
            title: "Sample data, not live rates. ",
            before: "No live source answers, so this is an example of ".to_owned(),
            time,
            after: ". Do not use these numbers.",
        }),
        Some(_) if model.status() == CacheStatus::Stale => alerts.push(Alert {
            class: WARNING,
            title: "These rates are stale. ",
            before: "They are of ".to_owned(),
            time,
            after: ", the last that could be had; they stay here until there are newer ones.",
        }),
        Some(_) => {}
    }
    let lacks_some = |snapshot: &Arc<Snapshot>| snapshot.rates().iter().any(|r| r.held.is_some());
    if let Some(snapshot) = model.snapshot().filter(lacks_some) {
        alerts.push(Alert {
            class: WARNING,
            title: "Some rates are older. ",
            before: snapshot.source().label().to_owned(),
            time: None,
            after: " does not have them now; each tells its own time.",
        });
    }
    if let Some(why) = model.trouble() {
        alerts.push(Alert {
            class: WARNING,
            title: "This page could not refresh itself: ",
            before: why,
            time: None,
            after: ". It keeps trying.",
        });
    }
    // What was wrong in the address.
    alerts.extend(model.notes().into_iter().map(|note| Alert {
        class: NOTE,
        title: "",
        before: note,
        time: None,
        after: "",
    }));
    alerts
}

#[component]
pub fn Alerts(model: Model) -> impl IntoView {
    let shown = parts(move || {
        let hydrated = model.is_hydrated();
        let alert = |Alert { class, title, before, time, after }: Alert| {
            view! {
                <div class=class>
                    <strong>{title}</strong>{before}{time.map(|time| point(time, hydrated))}{after}
                </div>
            }
        };
        part(alerts(model).into_iter().map(alert).collect_view())
    });
    view! { <div role="status" class="alerts">{shown}</div> }
}
