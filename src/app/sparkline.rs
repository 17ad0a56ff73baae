//! The line of a rate's last day.

use leptos::prelude::*;

use crate::rates::Trend;

#[component]
pub fn Sparkline(
    /// See [`Trend::path`].
    path: String,
) -> impl IntoView {
    view! {
        <svg viewBox=Trend::VIEW_BOX aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}
