//! The table of all rates, and links to other ways to see them.

use leptos::prelude::*;

use super::{
    model::Model,
    row,
    state::PageState,
    table_row::{HeadingRow, TableRow},
    text::html,
    why_no_changes::WhyNoChanges,
};
use crate::rates::Quotation;

#[component]
pub fn RatesTable() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { rows, state, .. } = model;
    let nothing_found = move || model.source().is_some() && rows.with(Vec::is_empty);
    let nothing = move || match &*state.read().search {
        "" => "The source has nothing of this type. ".to_owned(),
        search => format!("Nothing matches “{search}” here. "),
    };
    let everything =
        |state| PageState { kind: None, symbols: Vec::new(), search: String::new(), ..state };
    // The points stand below each other: what follows them is as wide in every row.
    let fraction = move || {
        let widest = rows.read().iter().map(|row| row.value.fraction.chars().count()).max();
        format!("--fraction:{}ch", widest.unwrap_or_default())
    };
    let class = move || {
        if state.with(|state| state.kind.is_some()) { "table rates typed" } else { "table rates" }
    };
    view! {
        <ViewLinks/>
        <WhyNoChanges/>
        <table class=class style=fraction>
            <caption
                class="visually-hidden"
                inner_html=move || html(&model.heading())
            ></caption>
            <thead>
                <HeadingRow/>
            </thead>
            <tbody translate="no">
                <For each=move || rows.get() key=|row| row.code.clone() let:row>
                    <TableRow row=row::follow(rows, row)/>
                </For>
            </tbody>
        </table>
        <p class="nothing" hidden=move || !nothing_found()>
            <span inner_html=move || html(&nothing())></span>
            <a href=model.href(everything)>"Show everything"</a>
        </p>
    }
}

/// Links to the same rates in the other direction.
#[component]
fn ViewLinks() -> impl IntoView {
    let model = expect_context::<Model>();
    let other = move || {
        let PageState { base, amount, .. } = model.shown();
        match model.quotation() {
            Quotation::Direct => {
                format!("What {} {} buys", model.number(&amount.written()), base.shown())
            }
            Quotation::Inverse => format!("Prices in {}", base.shown()),
        }
    };
    let turned = move |state| PageState { quotation: Some(model.quotation().other()), ..state };
    view! {
        <nav class="view-links" aria-label="Numbers">
            <a href=model.href(turned) translate="no" inner_html=move || html(&other())></a>
        </nav>
    }
}
