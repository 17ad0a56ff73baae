//! What a screen reader should be told of a search or a conversion, once the reader pauses: not for each letter.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::{model::Model, state::PageState, text::html};

/// Milliseconds without another letter after which the result is told.
const PAUSE: u32 = 1_000;

fn result(model: Model) -> String {
    let state = model.shown();
    match (&*state.search, model.rows.with(Vec::len)) {
        ("", _) => model.conversion().map_or_else(String::new, |(value, code)| {
            format!("{} = {value} {code}", model.measure())
        }),
        (search, 0) => model.texts.format("nothing-matches", &[("search", search.into())]),
        (_, count) => model.texts.format("rates-found", &[("n", count.into())]),
    }
}

#[component]
pub fn Announcer() -> impl IntoView {
    let model = expect_context::<Model>();
    let told = RwSignal::new(None);
    // Dropped with the next letter.
    let timeout = StoredValue::new_local(None);
    Effect::new(move |before: Option<String>| {
        let query = model.state.with(PageState::query);
        if before.is_some_and(|before| before != query) {
            let tell = move || told.set(Some(untrack(|| result(model))));
            timeout.set_value(Some(Timeout::new(PAUSE, tell)));
        }
        query
    });
    view! {
        <p
            class="visually-hidden"
            role="status"
            inner_html=move || html(&told.get().unwrap_or_default())
        ></p>
    }
}
