//! The table of all rates.

use leptos::prelude::*;

use super::{
    model::Model,
    reactive::{flag, link, text},
    state::{Column, PageState},
    time::of_old,
};
use crate::rates::{Origin, Rate, Written};

/// Rows are made anew at each change and compared with what is there: only texts that differ
/// change on the page.
#[component]
pub fn RatesTable(model: Model) -> impl IntoView {
    let headings = Column::ALL.map(|column| view! { <Heading model column/> });
    let rows = move || {
        let Some(snapshot) = model.snapshot() else { return Vec::new() };
        model.state.with(|state| {
            let Some(per) = snapshot.per(&state.base) else { return Vec::new() };
            let row = |rate| {
                let held = per.held(rate);
                // Asked only where a time is shown: whoever asks is called each second.
                let hydrated = held.is_some() && model.is_hydrated();
                row(rate, state.quote(per, rate), held, hydrated)
            };
            state.select(&snapshot).into_iter().map(row).collect()
        })
    };
    let caption =
        move || model.state.with(|state| ["What ", &state.measure(), " is worth"].concat());
    let something_found = move || {
        let snapshot = model.snapshot();
        let find = |state: &PageState| {
            snapshot.is_none_or(|snapshot| state.count(&snapshot, state.kind) > 0)
        };
        model.state.with(find)
    };
    let nothing = move || {
        model.state.with(|state| match &*state.search {
            "" => "The source has nothing of this type. ".to_owned(),
            search => ["Nothing matches “", search, "” here. "].concat(),
        })
    };
    let (everything, show_everything) =
        link(model, |state| PageState { kind: None, search: String::new(), ..state });
    view! {
        <table class="table rates">
            <caption class="visually-hidden">{text(caption)}</caption>
            <thead>
                <tr>{headings}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="nothing" hidden=flag(something_found)>
            {text(nothing)} <a href=everything on:click=show_everything>"Show everything"</a>
        </p>
    }
}

/// A heading that sorts by its column, and the other way when clicked again.
#[component]
fn Heading(model: Model, column: Column) -> impl IntoView {
    let sorted = move || {
        let sort = model.state.with(|state| state.sort);
        let sorted = match (sort.column == column, sort.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        sorted.to_owned()
    };
    let (href, go) =
        link(model, move |state| PageState { sort: state.sort.clicked(column), ..state });
    view! {
        <th scope="col" aria-sort=text(sorted)>
            <a href=href on:click=go>{column.label()}</a>
        </th>
    }
}

fn row(rate: &Rate, value: Written, held: Option<Origin>, hydrated: bool) -> impl IntoView + use<> {
    let Written { integer, fraction } = value;
    view! {
        <tr>
            <th scope="row">{rate.name.clone()}{of_old(held, hydrated)}</th>
            <td>{rate.code.shown()}</td>
            <td>{rate.kind.label()}</td>
            <td><bdi>{rate.unit.clone()}</bdi></td>
            <td><span>{integer}</span><span>{fraction}</span></td>
        </tr>
    }
}
