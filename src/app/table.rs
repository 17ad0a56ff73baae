//! The table of all rates.

use leptos::prelude::*;

use super::{
    change::{sparkline, why_not},
    model::Model,
    part::part,
    reactive::{flag, href, parts, text},
    row::{Row, rows},
    sort::Column,
    state::PageState,
    time::{of_old, point},
};

/// Rows are made anew at each change, and compared with what is shown: only texts that differ change on the
/// page.
#[component]
pub fn RatesTable(model: Model) -> impl IntoView {
    let headings = Column::ALL.map(|column| view! { <Heading model column/> });
    let rows = parts(move || {
        part(rows(model).into_iter().map(|rate| row(model, rate)).collect::<Vec<_>>())
    });
    let caption = move || ["What ", &model.measure(), " is worth"].concat();
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
    let everything = href(model, |state| PageState {
        kind: None,
        symbols: Vec::new(),
        search: String::new(),
        ..state
    });
    let no_changes = parts(move || {
        let why_not = why_not(model).map(|(why, since)| {
            let hydrated = model.is_hydrated();
            view! { <p class="why-not">{why}{since.map(|since| point(since, hydrated))}</p> }
        });
        part(why_not)
    });
    view! {
        {no_changes}
        <table class="table rates">
            <caption class="visually-hidden">{text(caption)}</caption>
            <thead>
                <tr>
                    {headings}
                    // The line of the change, which is sorted with it.
                    <th scope="col"><span class="visually-hidden">"Last 24 hours"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="nothing" hidden=flag(something_found)>
            {text(nothing)} <a href=everything>"Show everything"</a>
        </p>
    }
}

/// A heading that sorts by its column, and reverses the order on the next click.
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
    let target = href(model, move |state| PageState { sort: state.sort.clicked(column), ..state });
    view! {
        <th scope="col" aria-sort=text(sorted)>
            <a href=target>{column.label()}</a>
        </th>
    }
}

fn row(model: Model, row: Row) -> impl IntoView {
    // Read only where a time is shown, because whatever reads it is rerun once the page is hydrated.
    let hydrated = row.held.is_some() && model.is_hydrated();
    let remark = row.remark.map(|(label, reason)| {
        view! { <small class="remark" title=reason>{label}</small> }
    });
    let code = row.code.shown();
    view! {
        <tr class=row.direction>
            <th scope="row">
                <button
                    class="star"
                    value=row.code.as_str().to_owned()
                    aria-label=["Pin ", &code].concat()
                    aria-pressed=row.pinned.to_string()
                ></button>
                <a href=row.href>{row.name}</a>
                {remark}
                {of_old(row.held, hydrated)}
            </th>
            <td>{code}</td>
            <td>{row.kind.label()}</td>
            <td><bdi>{row.unit}</bdi></td>
            <td><span>{row.value.integer}</span><span>{row.value.fraction}</span></td>
            <td>{row.change}</td>
            <td inner_html=sparkline(&row.line)></td>
        </tr>
    }
}
