//! Tabs, search, amount and base: plain links and one plain form, taken over by the browser.

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    model::model,
    platform,
    state::{PageState, parse_amount},
};
use crate::rates::{Code, RateType};

#[component]
pub fn Toolbar() -> impl IntoView {
    view! {
        <div class="toolbar">
            <Tabs/>
            <Search/>
        </div>
    }
}

#[component]
fn Tabs() -> impl IntoView {
    let kinds = std::iter::once(None).chain(RateType::ALL.map(Some));
    let tabs = kinds.map(|kind| view! { <Tab kind/> }).collect_view();
    view! {
        <nav aria-label="Type">
            <ul class="nav nav-pills">{tabs}</ul>
        </nav>
    }
}

#[component]
fn Tab(kind: Option<RateType>) -> impl IntoView {
    let model = model();
    let target = move || PageState { kind, ..model.state.get() };
    let active = Memo::new(move |_| model.state.with(|state| state.kind == kind));
    let count = Memo::new(move |_| {
        model.snapshot.with(|snapshot| {
            let count = |snapshot| model.state.with(|state| state.count(snapshot, kind));
            snapshot.as_deref().map_or(0, count)
        })
    });
    let choose = move |click: MouseEvent| {
        if platform::is_plain(&click) {
            click.prevent_default();
            model.go(target());
        }
    };
    view! {
        <li class="nav-item">
            <a
                class="nav-link"
                class:active=move || active.get()
                aria-current=move || active.get().then_some("true")
                href=move || target().href()
                on:click=choose
            >
                {kind.map_or("All", RateType::label)}
                " "
                <span class="count">{move || count.get()}</span>
            </a>
        </li>
    }
}

/// Search, amount and base. Without JavaScript the button sends the form, and the hidden fields
/// carry the rest of the state along.
#[component]
fn Search() -> impl IntoView {
    let model = model();
    let search = move |event| {
        let mut state = model.state.get_untracked();
        state.search = event_target_value(&event);
        model.replace(state);
    };
    let amount = move |event| {
        if let Some(amount) = parse_amount(&event_target_value(&event)) {
            let state = model.state.get_untracked();
            model.replace(PageState { amount, ..state });
        }
    };
    let base = move |event| {
        if let Ok(base) = event_target_value(&event).parse() {
            let state = model.state.get_untracked();
            model.go(PageState { base, ..state });
        }
    };
    let hidden = |name: &'static str, value: fn(&PageState) -> Option<&'static str>| {
        move || {
            let value = model.state.with(value);
            value.map(|value| view! { <input type="hidden" name=name value=value/> })
        }
    };
    // As typed at first; afterwards the field is the reader's.
    let typed = model.state.with_untracked(|state| state.amount.to_string());
    view! {
        <form class="query" method="get" action="/" role="search" on:submit=move |e| e.prevent_default()>
            <label class="field">
                <span>"Amount"</span>
                <input
                    class="form-control amount"
                    name="amount"
                    inputmode="decimal"
                    autocomplete="off"
                    value=typed
                    on:input=amount
                />
            </label>
            <label class="field">
                <span>"Base"</span>
                <select class="form-select" name="base" on:change=base>
                    <BaseOptions/>
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
                    value=model.state.with_untracked(|state| state.search.clone())
                    prop:value=move || model.state.with(|state| state.search.clone())
                    on:input=search
                />
            </label>
            {hidden("type", |state| state.kind.map(RateType::as_str))}
            {hidden("sort", |state| Some(state.sort.column.as_str()))}
            {hidden("dir", |state| Some(if state.sort.descending { "desc" } else { "asc" }))}
            <noscript>
                <button class="btn btn-primary" type="submit">"Show"</button>
            </noscript>
        </form>
    }
}

/// Every currency, in order of its code.
#[component]
fn BaseOptions() -> impl IntoView {
    let model = model();
    let choices = Memo::new(move |_| {
        model.snapshot.with(|snapshot| {
            let rates = snapshot.as_ref().map(|snapshot| snapshot.rates()).unwrap_or_default();
            let choice = |rate: &crate::rates::Rate| (rate.code.clone(), rate.name.clone());
            rates.iter().map(choice).collect::<Vec<(Code, String)>>()
        })
    });
    let option = move |(code, name): (Code, String)| {
        let label = format!("{} – {name}", code.as_str().to_uppercase());
        let value = code.to_string();
        let selected = move || model.state.with(|state| state.base == code);
        view! { <option value=value selected=selected>{label}</option> }
    };
    view! { <For each=move || choices.get() key=Clone::clone children=option/> }
}
