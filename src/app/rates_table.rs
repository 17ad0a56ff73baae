//! The table of all rates.

use leptos::prelude::*;

use super::{
    model::Model,
    row,
    state::PageState,
    table_row::{HeadingRow, TableRow},
    text::html,
    why_no_changes::WhyNoChanges,
};

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
    view! {
        <WhyNoChanges/>
        <table class="table rates">
            <caption
                class="visually-hidden"
                inner_html=move || format!("What {} is worth", model.measure())
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
