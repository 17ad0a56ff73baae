//! The foot of the page: links to the same rates for programs.

use leptos::prelude::*;

use super::{model::Model, state::PageState};
use crate::{query, rates::Quotation};

/// Returns the query by which the API answers with what the table shows, in its order.
fn api_query(model: Model) -> String {
    let (state, quotation) = (model.shown(), model.quotation());
    let plain = PageState { base: state.base.clone(), kind: state.kind, ..PageState::default() };
    let codes: Vec<String> =
        model.rows.read().iter().map(|row| row.code.as_str().to_owned()).collect();
    let codes = codes.join(",");
    let mut pairs = vec![("base", state.base.as_str())];
    if quotation == Quotation::Direct {
        pairs.push(("quote", quotation.as_str()));
    }
    if let Some(kind) = state.kind {
        pairs.push(("type", kind.as_str()));
    }
    // Whoever has neither searched nor sorted gets what is new tomorrow, too.
    if (&state.search, &state.symbols, state.sort) != (&plain.search, &plain.symbols, plain.sort) {
        pairs.extend([("symbols", &*codes), ("sort", "symbols")]);
    }
    query::write(pairs)
}

#[component]
pub fn Footer() -> impl IntoView {
    let model = expect_context::<Model>();
    let json = move || format!("api/rates?{}", api_query(model));
    let csv = move || format!("api/rates.csv?{}", api_query(model));
    view! {
        <footer class="container foot">
            <nav aria-label="For developers">
                <a href="api/docs">"API"</a>
                <a href=json>"JSON"</a>
                <a href=csv>"CSV"</a>
                <a href="health">"Health"</a>
            </nav>
            <p>"Rates are for information, not for trading."</p>
        </footer>
    }
}
