//! The figures that most readers come for, large enough to be read from across a room.

use leptos::prelude::*;

use super::model::model;
use crate::rates::Code;

/// Shown in this order, but for the base itself.
const CHOICE: [&str; 7] = ["usd", "eur", "gbp", "jpy", "eth", "xau", "btc"];
const MOST: usize = 6;

#[component]
pub fn Highlights() -> impl IntoView {
    let model = model();
    let codes = Memo::new(move |_| {
        let base = model.state.with(|state| state.base.clone());
        let codes = CHOICE.iter().filter_map(|code| code.parse::<Code>().ok());
        model.snapshot.with(|snapshot| {
            let known = |code: &Code| {
                snapshot.as_ref().is_some_and(|snapshot| snapshot.get(code).is_some())
            };
            codes.filter(|code| *code != base && known(code)).take(MOST).collect::<Vec<_>>()
        })
    });
    let heading = move || {
        model.state.with(|state| {
            format!("{} {} is", state.amount, state.base.as_str().to_uppercase())
        })
    };
    view! {
        <section class="highlights" aria-label="Highlights" hidden=move || codes.with(Vec::is_empty)>
            <h2 class="highlights-heading">{heading}</h2>
            <dl class="figures">
                <For each=move || codes.get() key=Clone::clone children=|code| view! { <Figure code/> }/>
            </dl>
        </section>
    }
}

#[component]
fn Figure(code: Code) -> impl IntoView {
    let model = model();
    let label = code.as_str().to_uppercase();
    let value = Memo::new(move |_| model.quote(&code).map(|quote| quote.written().to_string()));
    view! {
        <div class="figure">
            <dt>{label}</dt>
            <dd>{move || value.get()}</dd>
        </div>
    }
}
