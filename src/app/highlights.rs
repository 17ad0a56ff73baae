//! The figures that most readers come for, large enough to be read from across a room.

use leptos::prelude::*;

use super::{
    model::Model,
    reactive::{flag, text},
    time::of_old,
};
use crate::rates::{Code, Origin};

/// Shown in this order, but for the base itself and what the source doesn't have.
const CHOICE: [&str; 7] = ["usd", "eur", "gbp", "jpy", "eth", "xau", "btc"];
const FIGURES: usize = 6;

/// Codes and values, and where the older ones come from.
fn figures(model: Model) -> Vec<(String, String, Option<Origin>)> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    model.state.with(|state| {
        let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
        let figure = |code: &&str| {
            let code = code.parse::<Code>().ok().filter(|code| *code != state.base)?;
            let rate = snapshot.get(&code)?;
            Some((code.shown(), state.quote(per, rate).to_string(), per.held(rate)))
        };
        CHOICE.iter().filter_map(figure).take(FIGURES).collect()
    })
}

#[component]
pub fn Highlights(model: Model) -> impl IntoView {
    let shown = move || {
        let hydrated = model.is_hydrated();
        let figure = |(code, value, held)| {
            view! {
                <div class="figure">
                    <dt>{code}</dt>
                    <dd>{value}{of_old(held, hydrated)}</dd>
                </div>
            }
        };
        figures(model).into_iter().map(figure).collect_view()
    };
    let heading = move || model.state.with(|state| state.measure() + " is");
    view! {
        <section
            class="highlights"
            aria-label="Highlights"
            hidden=flag(move || model.snapshot().is_none())
        >
            <h2 class="highlights-heading">{text(heading)}</h2>
            <dl class="figures">{shown}</dl>
        </section>
    }
}
