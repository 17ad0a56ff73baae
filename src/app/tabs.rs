//! The tabs, one for each type of rate and one for the favourites.

use leptos::prelude::*;

use super::{model::Model, nav_link::NavLink, state::PageState};
use crate::rates::RateType;

#[component]
pub fn Tabs() -> impl IntoView {
    let model = expect_context::<Model>();
    let [crypto, fiat, commodity] = RateType::ALL.map(Some);
    let tabs = [None, crypto, fiat, commodity].map(|kind| {
        let target = move |state| PageState { kind, symbols: Vec::new(), ..state };
        let active = move |state: &PageState| state.kind == kind && state.symbols.is_empty();
        let count = move || {
            let state = PageState { symbols: Vec::new(), ..model.shown() };
            model.snapshot().map_or(0, |snapshot| state.count(&snapshot, kind))
        };
        view! {
            <li class="nav-item">
                <NavLink
                    label=kind.map_or("All", RateType::label)
                    href=model.href(target)
                    active=Signal::derive(move || model.state.with(active))
                    count=Signal::derive(count)
                />
            </li>
        }
    });
    // The favourites of this browser, or those of a link. The address names them, so that everyone with the
    // link sees the same.
    let codes = move || {
        let pinned = model.known(|reader| reader.favourites.clone());
        if pinned.is_empty() { model.state.with(|state| state.symbols.clone()) } else { pinned }
    };
    let target = move |state| PageState { kind: None, symbols: codes(), ..state };
    // It keeps its place while there are no favourites.
    let class = move || if codes().is_empty() { "nav-item none" } else { "nav-item" };
    view! {
        <nav aria-label="Type">
            <ul class="nav nav-pills">
                {tabs}
                <li class=class>
                    <NavLink
                        label="Favourites"
                        href=model.href(target)
                        active=Signal::derive(move || {
                            model.state.with(|state| !state.symbols.is_empty())
                        })
                        count=Signal::derive(move || codes().len())
                    />
                </li>
            </ul>
        </nav>
    }
}
