//! What the wallboard's reader must know beside the rates.

use leptos::prelude::*;

use crate::app::{model::Model, text::html, why_no_changes};

/// Problems in the address, and what the changes are over, or why no tile has one.
#[component]
pub fn Note() -> impl IntoView {
    let model = expect_context::<Model>();
    let note = move || {
        let mut warnings = model.warnings();
        let empty = model.rows.with(Vec::is_empty);
        if empty && model.source().is_some() {
            warnings.push(model.texts.get("nothing-fits").to_owned());
        }
        let changes = if empty { "" } else { model.texts.get("changes-over-day") };
        let changes = why_no_changes::reason(model).unwrap_or(changes.to_owned());
        format!("{} {changes}", html(&warnings.join(" ")))
    };
    view! { <p class="wall-note" role="status" inner_html=note></p> }
}
