//! The figures that most readers come for, large enough to be read from across a room.

use leptos::prelude::*;

use super::{
    model::Model,
    part::part,
    reactive::{flag, parts, text},
    select::POPULAR,
    time::of_old,
};
use crate::rates::{Code, Origin};

/// As many as there is room for. The base itself, and what the source doesn't have, are left out.
const FIGURES: usize = 6;

/// Codes and values, and where the older ones come from.
fn figures(model: Model) -> Vec<(String, String, Option<Origin>)> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    model.state.with(|state| {
        let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
        let figure = |code: &&str| {
            let code = code.parse::<Code>().ok().filter(|code| *code != state.base)?;
            let rate = snapshot.get(&code)?;
            let value = model.number(&state.quote(per, rate)).to_string();
            Some((code.shown(), value, per.carried_forward(rate)))
        };
        POPULAR.iter().filter_map(figure).take(FIGURES).collect()
    })
}

#[component]
pub fn Highlights(model: Model) -> impl IntoView {
    let shown = parts(move || {
        let hydrated = model.is_hydrated();
        let figure = |(code, value, held)| {
            view! {
                <div class="figure">
                    <dt>{code}</dt>
                    <dd>{value}{of_old(held, hydrated)}</dd>
                </div>
            }
        };
        part(figures(model).into_iter().map(figure).collect_view())
    });
    view! {
        <section
            class="highlights"
            aria-label="Highlights"
            hidden=flag(move || model.snapshot().is_none())
        >
            <h2 class="highlights-heading">{text(move || model.measure() + " is")}</h2>
            <dl class="figures">{shown}</dl>
        </section>
    }
}
