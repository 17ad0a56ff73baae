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
use crate::rates::{Digits, Quotation};

#[component]
pub fn RatesTable() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { rows, state, texts, .. } = model;
    let nothing_found = move || model.source().is_some() && rows.with(Vec::is_empty);
    let nothing = move || match &*state.read().search {
        "" => texts.get("nothing-of-type").to_owned(),
        search => texts.format("nothing-matches-here", &[("search", search.into())]),
    };
    let everything =
        |state| PageState { kind: None, symbols: Vec::new(), search: String::new(), ..state };
    let class = move || {
        // The points stand below each other: what follows them is as wide in every row.
        let widest = rows.read().iter().map(|row| row.value.fraction.chars().count()).max();
        let typed = if state.with(|state| state.kind.is_some()) { " typed" } else { "" };
        format!("table rates fraction-{}{typed}", widest.unwrap_or_default())
    };
    view! {
        <ViewLinks/>
        <WhyNoChanges/>
        <table class=class>
            <caption
                class="visually-hidden"
                inner_html=move || html(&model.heading())
            ></caption>
            <thead>
                <HeadingRow/>
            </thead>
            <tbody translate="no">
                <For each=move || rows.get() key=|row| (row.list, row.code.clone()) let:row>
                    <TableRow row=row::follow(rows, row)/>
                </For>
            </tbody>
        </table>
        <p class="nothing" hidden=move || !nothing_found()>
            <span inner_html=move || html(&(nothing() + " "))></span>
            <a href=model.href(everything)>{texts.get("show-everything")}</a>
        </p>
    }
}

/// Links to the same rates in the other direction, and with other digits.
#[component]
fn ViewLinks() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let links = move || {
        let state = model.shown();
        let quotation = model.quotation().other();
        let quoted = match quotation {
            Quotation::Direct => model.prices_in(),
            Quotation::Inverse => {
                texts.format("measure-buys", &[("measure", (&model.measure()).into())])
            }
        };
        let (digits, fewer_or_all) = match state.digits.unwrap_or_default() {
            Digits::Usual => (Digits::All, "all-digits"),
            Digits::All => (Digits::Usual, "usual-digits"),
        };
        let turned = PageState { quotation: Some(quotation), ..state.clone() };
        let counted = PageState { digits: Some(digits), ..state };
        [(turned, quoted), (counted, texts.get(fewer_or_all).to_owned())]
            .map(|(state, label)| view! { <a href=state.href() inner_html=html(&label)></a> })
    };
    view! {
        <nav class="view-links" aria-label=texts.get("numbers") translate="no">
            {links}
        </nav>
    }
}
