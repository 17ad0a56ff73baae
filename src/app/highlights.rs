//! The reader's favourites or, in their place, what most readers look for: large enough to be read across a room.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    model::Model,
    row::{Row, Rows},
    sparkline::Sparkline,
    text::html,
};
use crate::rates::{Code, Rate};

/// The most tiles there is room for. The base and what the source lacks are left out.
const TILES: usize = 6;

fn tiles(model: Model) -> Vec<Arc<Row>> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    let (state, trends, reader) = (model.shown(), model.current_trends(), model.reader.read());
    let local = || model.local.get();
    let rows = Rows::new(&snapshot, trends.as_deref(), &state, &reader, &local, model.texts);
    let favourites = model.known(|reader| reader.favourites.clone());
    let mut rates: Vec<&Rate> = Vec::new();
    for code in favourites.into_iter().chain(Code::popular()) {
        let Some(rate) = snapshot.get(&code).filter(|rate| rate.code != state.base) else {
            continue;
        };
        if rates.len() < TILES && rates.iter().all(|shown| shown.code != rate.code) {
            rates.push(rate);
        }
    }
    rows.map(|rows| rows.of(&rates)).unwrap_or_default()
}

#[component]
pub fn Highlights() -> impl IntoView {
    let model = expect_context::<Model>();
    let tile = |row: Arc<Row>| {
        let (direction, change) = row.change();
        view! {
            <li class=format!("figure {}", direction)>
                <a href=row.href.clone()>
                    <b inner_html=row.code.shown()></b>
                    <em inner_html=change></em>
                    <strong inner_html=row.value.to_string()></strong>
                    <Sparkline path=row.line.clone()/>
                    <i inner_html=row.notes.clone()></i>
                </a>
            </li>
        }
    };
    view! {
        <section
            class="highlights"
            aria-label=model.texts.get("highlights")
            hidden=move || model.source().is_none()
        >
            <h2
                class="highlights-heading"
                translate="no"
                inner_html=move || html(&model.heading())
            ></h2>
            <ul class="figures" translate="no">
                {move || tiles(model).into_iter().map(tile).collect_view()}
            </ul>
        </section>
    }
}
