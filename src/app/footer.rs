//! The foot of the page: links to the same rates for programs.

use leptos::prelude::*;

use super::{languages::Languages, model::Model, state::PageState, text::html};
use crate::{query, rates::Quotation};

/// Returns the query by which the API answers with what the table shows, in its order.
fn api_query(model: Model) -> String {
    let (state, quotation) = (model.shown(), model.quotation());
    let plain = PageState::default();
    let codes: Vec<String> =
        model.rows.read().iter().map(|row| row.code.as_str().to_owned()).collect();
    let codes = codes.join(",");
    let date = if model.is_past() { model.last_updated() } else { None };
    let date = date.map(|time| time.to_string());
    let mut pairs = Vec::new();
    if state.base != plain.base {
        pairs.push(("base", state.base.as_str()));
    }
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
    if let Some(date) = &date {
        pairs.push(("date", date));
    }
    query::write(pairs)
}

#[component]
pub fn Footer() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let links = move || {
        let query = match &*api_query(model) {
            "" => String::new(),
            query => format!("?{}", html(query)),
        };
        let health = texts.get("health");
        format!(
            "<a href=\"api/docs\">API</a>\
            <a href=\"api/rates{query}\">JSON</a>\
            <a href=\"api/rates.csv{query}\">CSV</a>\
            <a href=\"health\">{health}</a>"
        )
    };
    view! {
        <footer class="container foot">
            <nav aria-label=texts.fixed("for-developers") inner_html=links></nav>
            <p inner_html=texts.fixed("disclaimer")></p>
            <Languages/>
        </footer>
    }
}
