//! How far the rates can be trusted, when they were taken, and from which source.

use leptos::prelude::*;

use super::{
    model::Model,
    time::{self, ago},
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
        let source = model.source();
        (source.map(SourceName::home), source.map(SourceName::credit).unwrap_or_default())
    };
    let taken_at = move || {
        let taken = model.last_updated().map(|time| time::html(time, model.local.get()));
        taken.map(|taken| format!("Rates of {taken}")).unwrap_or_default()
    };
    view! {
        <p class="freshness">
            <span
                class=move || format!("pill pill-{}", trust(model).0)
                inner_html=move || trust(model).1
            ></span>
            <a
                class="credit"
                href=move || credit().0
                rel="noopener"
                inner_html=move || credit().1
            ></a>
            // The age changes its width, so it comes last.
            <span class="taken">
                <span class="taken-at" inner_html=taken_at></span>
                <span class="age" translate="no" inner_html=age></span>
            </span>
        </p>
    }
}
