//! The fields that turn the table into a converter. They are a plain form, which the browser hydrates.

use std::borrow::Cow;

use leptos::prelude::*;

use super::{
    model::Model,
    reactive::{Text, flag, href, text},
    state::PageState,
};
use crate::rates::{Amount, Code, Rate, RateType};

/// The `id` of the form. Fields and buttons elsewhere on the page belong to it, too.
pub const FORM_ID: &str = "query";

/// Without JavaScript, the button submits the form, and hidden fields carry the rest of the state.
#[component]
pub fn Converter(model: Model) -> impl IntoView {
    let typed = move || {
        model.state.with(|state| match &state.typed {
            Some(typed) => typed.clone(),
            None => model.known(|reader| reader.style.plain(&state.amount.to_string())),
        })
    };
    let no_amount = move || {
        let style = model.known(|reader| reader.style.clone());
        let wrong = |typed: &String| style.to_english(typed).parse::<Amount>().is_err();
        model.state.with(|state| state.typed.as_ref().is_some_and(wrong))
    };
    let swap = href(model, swapped);
    let nothing_to_swap = flag(move || model.state.with(|state| state.symbol.is_none()));
    let base = text(move || model.state.with(|state| state.base.to_string()));
    let symbol = move || {
        model.state.with(|state| state.symbol.as_ref().map(Code::to_string).unwrap_or_default())
    };
    let hidden = |name: &'static str, value: fn(&PageState) -> String| {
        let value = text(move || model.state.with(value));
        view! { <input type="hidden" name=name value=value/> }
    };
    view! {
        <form id=FORM_ID class="converter" method="get" action="/">
            <label class="field field-amount">
                <span>"Amount"</span>
                <input
                    class="form-control amount"
                    name="amount"
                    inputmode="decimal"
                    autocomplete="off"
                    value=untrack(typed)
                    prop:value=text(typed)
                    aria-invalid=text(move || no_amount().to_string())
                    aria-describedby="no-amount"
                />
                <small id="no-amount" role="alert" hidden=flag(move || !no_amount())>
                    "Not a number above 0"
                </small>
            </label>
            <label class="field field-code">
                <span>"Base"</span>
                <select
                    class="form-select"
                    name="base"
                    inner_html=options(model, "", |state| Some(state.base.clone()))
                    prop:value=base
                ></select>
            </label>
            <a class="btn swap" href=swap hidden=nothing_to_swap aria-label="Swap">
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M7 4 3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7"></path>
                </svg>
            </a>
            <label class="field field-code">
                <span>"In"</span>
                <select
                    class="form-select"
                    name="symbol"
                    inner_html=options(model, EVERYTHING, |state| state.symbol.clone())
                    prop:value=text(symbol)
                ></select>
            </label>
            {hidden("type", |state| state.kind.map_or("all", RateType::as_str).to_owned())}
            {hidden("symbols", PageState::symbols_text)}
            {hidden("sort", |state| state.sort.column.as_str().to_owned())}
            {hidden("dir", |state| state.sort.direction().to_owned())}
            {hidden("span", |state| state.span.as_str().to_owned())}
            <noscript>
                <button class="btn btn-primary" type="submit">"Show"</button>
            </noscript>
        </form>
    }
}

/// Swaps base and currency.
fn swapped(state: PageState) -> PageState {
    match state.symbol {
        Some(symbol) => PageState { base: symbol, symbol: Some(state.base), ..state },
        None => state,
    }
}

const EVERYTHING: &str = r#"<option value="">everything</option>"#;

/// Every currency, in order of its code, after `first`. This is HTML because the browser hydrates each
/// element of a view separately, and these are two fifths of all elements.
fn options(model: Model, first: &'static str, chosen: fn(&PageState) -> Option<Code>) -> Text {
    text(move || {
        let mut options = first.to_owned();
        let Some(snapshot) = model.snapshot() else { return options };
        // With JavaScript the select's property is set; the attribute is for pages without.
        let chosen = model.state.with_untracked(chosen);
        for Rate { code, name, .. } in snapshot.rates() {
            let selected = if chosen.as_ref() == Some(code) { " selected" } else { "" };
            let (value, shown, name) = (code.as_str(), code.shown(), escaped(name));
            let parts =
                ["<option value=\"", value, "\"", selected, ">", &shown, " – ", &name, "</option>"];
            options.extend(parts);
        }
        options
    })
}

fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<']) {
        text.replace('&', "&amp;").replace('<', "&lt;").into()
    } else {
        text.into()
    }
}
