//! What the wallboard's reader must know beside the rates.

use leptos::prelude::*;

use crate::app::{model::Model, text::html, time::Time, why_no_changes};

/// Problems in the address, or why no tile has a change.
#[component]
pub fn Note() -> impl IntoView {
    let model = expect_context::<Model>();
    move || {
        let (hydrated, warnings) = (model.hydrated.get(), model.warnings().concat());
        let why = warnings.is_empty().then(|| why_no_changes::reason(model)).flatten();
        let (why, since) = why.unwrap_or_default();
        let empty = warnings.is_empty() && why.is_empty();
        let since = since.map(|time| view! { <Time time hydrated/> });
        view! {
            <p class="wall-note" role="status" hidden=empty>
                <span inner_html=html(&warnings)></span>
                <span inner_html=why></span>
                {since}
            </p>
        }
    }
}
