//! Tabs and search.

use leptos::prelude::*;

use super::{
    converter::FORM_ID,
    model::Model,
    reactive::{href, text},
    state::PageState,
};
use crate::rates::RateType;

#[component]
pub fn Toolbar(model: Model) -> impl IntoView {
    let search = move || model.state.with(|state| state.search.clone());
    view! {
        <div class="toolbar">
            <Tabs model/>
            <div class="field-search" role="search">
                <input
                    class="form-control"
                    type="search"
                    name="q"
                    form=FORM_ID
                    aria-label="Search"
                    placeholder="Search name, code or unit"
                    autocomplete="off"
                    spellcheck="false"
                    value=untrack(search)
                    prop:value=text(search)
                />
            </div>
        </div>
    }
}

#[component]
fn Tabs(model: Model) -> impl IntoView {
    let [crypto, fiat, commodity] = RateType::ALL.map(Some);
    let tabs = [None, crypto, fiat, commodity].map(|kind| {
        let target = move |state| PageState { kind, symbols: Vec::new(), ..state };
        let active = move |state: &PageState| state.kind == kind && state.symbols.is_empty();
        let count = move || {
            let snapshot = model.snapshot();
            let state = PageState { symbols: Vec::new(), ..model.state.get() };
            snapshot.map_or(0, |snapshot| state.count(&snapshot, kind))
        };
        tab(model, kind.map_or("All", RateType::label), target, active, count)
    });
    // The favourites of this browser, or those of a link. The address names them, so that everyone with the
    // link sees the same.
    let codes = move || {
        let pinned = model.known(|reader| reader.favourites.clone());
        if pinned.is_empty() { model.state.with(|state| state.symbols.clone()) } else { pinned }
    };
    let target = move |state| PageState { kind: None, symbols: codes(), ..state };
    let favourites =
        tab(model, "Favourites", target, |state| !state.symbols.is_empty(), move || codes().len());
    // It keeps its place while there are no favourites.
    let class = move || if codes().is_empty() { "nav-item none" } else { "nav-item" }.to_owned();
    view! {
        <nav aria-label="Type">
            <ul class="nav nav-pills">
                {tabs.map(|tab| view! { <li class="nav-item">{tab}</li> })}
                <li class=text(class)>{favourites}</li>
            </ul>
        </nav>
    }
}

fn tab(
    model: Model,
    label: &'static str,
    target: impl Fn(PageState) -> PageState + Copy + Send + 'static,
    active: impl Fn(&PageState) -> bool + Copy + Send + 'static,
    count: impl Fn() -> usize + Send + 'static,
) -> impl IntoView {
    let active = move || model.state.with(active);
    let class = move || if active() { "nav-link active" } else { "nav-link" }.to_owned();
    view! {
        <a
            class=text(class)
            aria-current=text(move || active().to_string())
            href=href(model, target)
        >
            {label}
            " "
            <span class="count">{text(move || count().to_string())}</span>
        </a>
    }
}
