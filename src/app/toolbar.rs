//! Tabs, search, amount and base: plain links and one plain form, taken over by the browser.

use leptos::{ev::Event, prelude::*};

use super::{
    model::Model,
    reactive::{link, text},
    state::PageState,
};
use crate::rates::{Amount, Rate, RateType};

/// The `id` of the form with the page's state.
pub const FORM_ID: &str = "query";

#[component]
pub fn Toolbar(model: Model) -> impl IntoView {
    view! {
        <div class="toolbar">
            <Tabs model/>
            <Search model/>
        </div>
    }
}

#[component]
fn Tabs(model: Model) -> impl IntoView {
    let [crypto, fiat, commodity] = RateType::ALL.map(Some);
    let tabs = [None, crypto, fiat, commodity].map(|kind| view! { <Tab model kind/> });
    view! {
        <nav aria-label="Type">
            <ul class="nav nav-pills">{tabs}</ul>
        </nav>
    }
}

#[component]
fn Tab(model: Model, kind: Option<RateType>) -> impl IntoView {
    let active = move || model.state.with(|state| state.kind == kind);
    let class = move || if active() { "nav-link active" } else { "nav-link" }.to_owned();
    let count = move || {
        let snapshot = model.snapshot();
        let count = |state: &PageState| snapshot.map_or(0, |snapshot| state.count(&snapshot, kind));
        model.state.with(count).to_string()
    };
    let (href, go) = link(model, move |state| PageState { kind, ..state });
    view! {
        <li class="nav-item">
            <a
                class=text(class)
                aria-current=text(move || active().to_string())
                href=href
                on:click=go
            >
                {kind.map_or("All", RateType::label)}
                " "
                <span class="count">{text(count)}</span>
            </a>
        </li>
    }
}

/// What a change of one of the fields does with its value.
fn on_input(mut act: impl FnMut(String) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| act(event_target_value(&event)))
}

/// Search, amount and base. Without JavaScript the button sends the form, and the hidden fields
/// carry the rest of the state along.
#[component]
fn Search(model: Model) -> impl IntoView {
    let search = on_input(move |search| {
        model.replace(PageState { search, ..model.state.get_untracked() });
    });
    let amount = on_input(move |typed| {
        model.replace(model.state.get_untracked().with_typed(typed));
    });
    let no_amount = move || model.state.with(|state| state.typed.parse::<Amount>().is_err());
    let base = on_input(move |base| {
        if let Ok(base) = base.parse() {
            model.go(PageState { base, ..model.state.get_untracked() });
        }
    });
    let hidden = |name: &'static str, value: fn(&PageState) -> &'static str| {
        let value = text(move || model.state.with(value).to_owned());
        view! { <input type="hidden" name=name value=value/> }
    };
    let text_of = |text: fn(&PageState) -> String| model.state.with_untracked(text);
    let of_state = |part: fn(&PageState) -> String| text(move || model.state.with(part));
    view! {
        <form
            id=FORM_ID
            class="query"
            method="get"
            action="/"
            role="search"
            on:submit=on_submit()
        >
            <label class="field">
                <span>"Amount"</span>
                <input
                    class="form-control amount"
                    name="amount"
                    inputmode="decimal"
                    autocomplete="off"
                    value=text_of(|state| state.typed.clone())
                    prop:value=of_state(|state| state.typed.clone())
                    aria-invalid=text(move || no_amount().to_string())
                    on:input=amount
                />
            </label>
            <label class="field">
                <span>"Base"</span>
                <select
                    class="form-select"
                    name="base"
                    prop:value=of_state(|state| state.base.to_string())
                    on:input=base
                >
                    {move || options(model)}
                </select>
            </label>
            <label class="field field-search">
                <span>"Search"</span>
                <input
                    class="form-control"
                    type="search"
                    name="q"
                    placeholder="Name, code or unit"
                    autocomplete="off"
                    spellcheck="false"
                    value=text_of(|state| state.search.clone())
                    prop:value=of_state(|state| state.search.clone())
                    on:input=search
                />
            </label>
            {hidden("type", |state| state.kind.map_or("all", RateType::as_str))}
            {hidden("sort", |state| state.sort.column.as_str())}
            {hidden("dir", |state| state.sort.direction())}
            <noscript>
                <button class="btn btn-primary" type="submit">"Show"</button>
            </noscript>
        </form>
    }
}

/// The fields act as they change; there is nothing to send.
fn on_submit() -> impl FnMut(leptos::ev::SubmitEvent) {
    |submit| submit.prevent_default()
}

/// Every currency, in order of its code.
fn options(model: Model) -> impl IntoView {
    // The select's own property follows the state; this is for the page without JavaScript.
    let base = model.state.with_untracked(|state| state.base.clone());
    let option = |rate: &Rate| {
        let label = [&rate.code.shown(), " – ", &rate.name].concat();
        view! { <option value=rate.code.to_string() selected=rate.code == base>{label}</option> }
    };
    let snapshot = model.snapshot();
    snapshot.map(|snapshot| snapshot.rates().iter().map(option).collect::<Vec<_>>())
}
