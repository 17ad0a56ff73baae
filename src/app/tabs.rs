//! The tabs: one for each type of rate, one for the favourites, and one for the rates that a link names.

use leptos::prelude::*;

use super::{model::Model, nav_link::NavLink, row::kind_label, state::PageState};
use crate::rates::RateType;

#[component]
pub fn Tabs() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let [crypto, fiat, commodity] = RateType::ALL.map(Some);
    let tabs = [None, crypto, fiat, commodity].map(|kind| {
        let target = move |state| PageState { kind, symbols: Vec::new(), ..state };
        let active = move |state: &PageState| state.kind == kind && state.symbols.is_empty();
        let count = move || {
            let state = PageState { symbols: Vec::new(), ..model.shown() };
            model.snapshot().map_or(0, |snapshot| state.count(&snapshot, kind, texts))
        };
        view! {
            <li class="nav-item">
                <NavLink
                    label=kind.map_or_else(|| texts.get("type-all"), |kind| kind_label(kind, texts))
                    href=model.href(target)
                    active=Signal::derive(move || model.state.with(active))
                    count=Signal::derive(count)
                />
            </li>
        }
    });
    let favourites = move || model.known(|reader| reader.favourites.clone());
    // Rates that somebody's link names are not the reader's favourites.
    let named = move || {
        let symbols = model.state.with(|state| state.symbols.clone());
        if symbols == favourites() { Vec::new() } else { symbols }
    };
    let lists =
        [("favourites", Signal::derive(favourites)), ("of-the-link", Signal::derive(named))];
    let lists = lists.map(|(label, codes)| {
        // The address names them, so that everyone with the link sees the same.
        let target = move |state| PageState { kind: None, symbols: codes.get(), ..state };
        let active = move || {
            let codes = codes.read();
            !codes.is_empty() && model.state.with(|state| state.symbols == *codes)
        };
        // It keeps its place while there are none.
        let class = move || if codes.read().is_empty() { "nav-item none" } else { "nav-item" };
        view! {
            <li class=class>
                <NavLink
                    label=texts.get(label)
                    href=model.href(target)
                    active=Signal::derive(active)
                    count=Signal::derive(move || codes.read().len())
                />
            </li>
        }
    });
    view! {
        <nav aria-label=texts.fixed("types")>
            <ul class="nav nav-pills">
                {tabs}
                {lists}
            </ul>
        </nav>
    }
}
