//! The rates that most readers look for, large enough to be read across a room.

use leptos::prelude::*;

use super::{
    model::Model,
    part::part,
    reactive::{flag, parts, text},
    select::POPULAR,
    time::of_old,
};
use crate::rates::{Code, Origin};

/// The most figures there is room for. The base and what the source lacks are left out.
const FIGURES: usize = 6;

/// Returns codes and values, with the origin of those that were carried forward.
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
