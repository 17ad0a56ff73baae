//! A heading of the table.

use leptos::prelude::*;

use super::{model::Model, sort::Column, state::PageState, text::html};

/// A heading that sorts by its column, and reverses the order on the next click. Code and name share one.
#[component]
pub fn Heading(columns: &'static [Column]) -> impl IntoView {
    let model = expect_context::<Model>();
    let sorted = move || {
        let sort = model.state.with(|state| state.sort);
        match (columns.contains(&sort.column), sort.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    };
    let link = move |column: &Column| {
        let column = *column;
        let target =
            move |state: PageState| PageState { sort: state.sort.clicked(column), ..state };
        let label = move || match column {
            Column::Value => html(&model.heading()),
            column => column.label(model.texts).to_owned(),
        };
        let class = move || {
            let sorted = model.state.with(|state| state.sort.column == column);
            if sorted { "sorted" } else { "" }
        };
        view! { <a class=class href=model.href(target) inner_html=label></a> }
    };
    view! {
        <th scope="col" aria-sort=sorted>
            {columns.iter().map(link).collect_view()}
        </th>
    }
}
