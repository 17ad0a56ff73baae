//! A heading of the table.

use leptos::prelude::*;

use super::{model::Model, sort::Column, state::PageState};

/// A heading that sorts by its column, and reverses the order on the next click.
#[component]
pub fn Heading(column: Column) -> impl IntoView {
    let model = expect_context::<Model>();
    let sorted = move || {
        let sort = model.state.with(|state| state.sort);
        match (sort.column == column, sort.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    };
    let target = move |state: PageState| PageState { sort: state.sort.clicked(column), ..state };
    view! {
        <th scope="col" aria-sort=sorted>
            <a href=model.href(target)>{column.label()}</a>
        </th>
    }
}
