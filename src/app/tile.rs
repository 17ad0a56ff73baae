//! A tile of the wallboard.

use std::sync::Arc;

use leptos::prelude::*;

use super::{row::Row, sparkline::Sparkline};

/// One rate. The tile is made anew when anything in it changes, and only what differs changes on the page.
#[component]
pub fn Tile(row: Signal<Arc<Row>>) -> impl IntoView {
    move || {
        let row = row.get();
        let value = row.value.to_string();
        // A long number gets a smaller font.
        let size = match value.chars().count() {
            0..=9 => "tile",
            10..=13 => "tile long",
            14..=21 => "tile longer",
            _ => "tile longest",
        };
        let remark = row.remark.map(|(label, _)| view! { <small>{label}</small> });
        let stale = row.stale.clone().map(|stale| view! { <small class="held">{stale}</small> });
        view! {
            <li class=format!("{size} {}", row.direction)>
                <data class="tile-code" value=row.code.to_string()>
                    {row.code.shown()}
                </data>
                <span class="tile-name">{row.name.clone()}</span>
                <strong class="tile-value">{value}</strong>
                <span class="tile-change">{row.change.clone()} {remark} {stale}</span>
                <span class="tile-line">
                    <Sparkline path=row.line.clone()/>
                </span>
            </li>
        }
    }
}
