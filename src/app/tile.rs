//! A tile of the wallboard.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    row::Row,
    sparkline::Sparkline,
    text::{Stale, html},
};

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
        let remark = row.remark.map(|(label, _)| view! { <small inner_html=label></small> });
        view! {
            <li class=format!("{size} {}", row.direction)>
                <data class="tile-code" value=row.code.to_string()>
                    {row.code.shown()}
                </data>
                <span class="tile-name" translate="yes" inner_html=html(&row.name)></span>
                <strong class="tile-value" inner_html=value></strong>
                <span class="tile-change">
                    <span inner_html=row.change.clone()></span>
                    " "
                    {remark}
                    " "
                    <Stale text=row.stale.clone()/>
                </span>
                <span class="tile-line">
                    <Sparkline path=row.line.clone()/>
                </span>
            </li>
        }
    }
}
