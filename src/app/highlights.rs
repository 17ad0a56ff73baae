//! The rates that most readers look for, large enough to be read across a room.

use leptos::prelude::*;

use super::{model::Model, text::Stale, time};
use crate::rates::Code;

/// The most figures there is room for. The base and what the source lacks are left out.
const FIGURES: usize = 6;

struct Figure {
    code: String,
    value: String,
    /// Source and time of the value, if it was carried forward.
    stale: Option<String>,
}

fn figures(model: Model) -> Vec<Figure> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    let state = model.state.read();
    let state = state.shown(&snapshot);
    let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
    let figure = |code: Code| {
        let rate = snapshot.get(&code).filter(|rate| rate.code != state.base)?;
        let origin = per.carried_forward(rate);
        Some(Figure {
            code: code.shown(),
            value: model.number(&state.quote(per, rate)),
            stale: origin.map(|origin| time::stale(origin, model.hydrated.get())),
        })
    };
    Code::popular().filter_map(figure).take(FIGURES).collect()
}

#[component]
pub fn Highlights() -> impl IntoView {
    let model = expect_context::<Model>();
    let figure = |Figure { code, value, stale }| {
        view! {
            <div class="figure">
                <dt inner_html=code></dt>
                <dd>
                    <span inner_html=value></span>
                    " "
                    <Stale text=stale/>
                </dd>
            </div>
        }
    };
    view! {
        <section
            class="highlights"
            aria-label="Highlights"
            hidden=move || model.source().is_none()
        >
            <h2
                class="highlights-heading"
                translate="no"
                inner_html=move || format!("{} is", model.measure())
            ></h2>
            <dl class="figures" translate="no">{move || figures(model).into_iter().map(figure).collect_view()}</dl>
        </section>
    }
}
