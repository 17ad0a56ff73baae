//! A tile of the wallboard.

use std::sync::Arc;

use leptos::prelude::*;

use super::{paging::Paging, row::Row, sparkline::Sparkline, text::html};

/// One rate. The tile is made anew when anything in it changes, and only what differs changes on the page.
#[component]
pub fn Tile(row: Signal<Arc<Row>>) -> impl IntoView {
    move || {
        let row = row.get();
        let (direction, change) = row.change();
        view! {
            <li class=format!("tile {}", direction)>
                <data class="tile-code" value=row.code.to_string()>
                    {row.code.shown()}
                </data>
                <span class="tile-name" translate="yes" inner_html=html(&row.name)></span>
                <strong class="tile-value" inner_html=row.value.to_string()></strong>
                <span class="tile-change">
                    <span inner_html=change></span>
                    " "
                    <span inner_html=row.notes.clone()></span>
                    <Sparkline path=row.line.clone()/>
                </span>
            </li>
        }
    }
}

/// Returns a class by which all numbers are as large as the longest of them may be: of the tiles that fit the
/// screen and, where the others are scrolled to because nothing turns, of all.
pub fn class(rows: &[Arc<Row>]) -> String {
    let length =
        |row: &Arc<Row>| row.value.integer.chars().chain(row.value.fraction.chars()).count();
    let longest = |rows: &[Arc<Row>]| rows.iter().map(length).max().unwrap_or(0).clamp(6, 36);
    let page = &rows[..rows.len().min(Paging::MOST_TILES)];
    format!("chars-{} all-{}", longest(page), longest(rows))
}
