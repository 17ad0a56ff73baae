//! How far the rates can be trusted, when they were taken, and from which source.

use leptos::prelude::*;

use super::{
    model::Model,
    time::{Time, ago},
};
use crate::rates::{CacheStatus, SourceName};

/// Returns how far the rates can be trusted, as a colour and a word.
pub fn trust(model: Model) -> (&'static str, &'static str) {
    match (model.source(), model.status()) {
        (None, _) => ("bad", "No rates"),
        (Some(SourceName::Sample), _) => ("bad", "Sample"),
        (_, CacheStatus::Stale) => ("warn", "Stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("good", "Live"),
    }
}

#[component]
pub fn Freshness() -> impl IntoView {
    let model = expect_context::<Model>();
    let age = move || {
        let age = model.now.get().zip(model.last_updated());
        age.map(|(now, taken)| format!(" ({})", ago(now.seconds_since(taken)))).unwrap_or_default()
    };
    let credit = move || {
        model.source().map(|source| {
            view! { <a class="credit" href=source.home() rel="noopener" inner_html=source.credit()></a> }
        })
    };
    let taken_at = move || {
        let hydrated = model.hydrated.get();
        model.last_updated().map(|time| {
            view! {
                <span class="taken">
                    "Rates of " <Time time hydrated/>
                    <span class="age" translate="no" inner_html=age></span>
                </span>
            }
        })
    };
    view! {
        <p class="freshness">
            <span
                class=move || format!("pill pill-{}", trust(model).0)
                inner_html=move || trust(model).1
            ></span>
            {credit}
            // The age changes its width, so it comes last.
            {taken_at}
        </p>
    }
}
