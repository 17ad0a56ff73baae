//! The table of all rates.

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    model::model,
    platform,
    state::{Column, PageState},
};
use crate::rates::{Code, Rate, RateType};

/// What of a rate stays the same from refresh to refresh: a row is keyed by it, and only its value
/// changes in place.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Entry {
    code: Code,
    name: String,
    unit: String,
    kind: RateType,
}

impl From<&Rate> for Entry {
    fn from(rate: &Rate) -> Self {
        let Rate { code, name, unit, kind, .. } = rate.clone();
        Self { code, name, unit, kind }
    }
}

#[component]
pub fn RatesTable() -> impl IntoView {
    let model = model();
    let entries = Memo::new(move |_| {
        model.snapshot.with(|snapshot| {
            let select = |state: &PageState| {
                let rates = snapshot.as_ref().map(|snapshot| state.select(snapshot));
                rates.unwrap_or_default().into_iter().map(Entry::from).collect::<Vec<_>>()
            };
            model.state.with(select)
        })
    });
    let headings = Column::ALL.map(|column| view! { <Heading column/> }).collect_view();
    let caption = move || {
        model.state.with(|state| {
            let base = state.base.as_str().to_uppercase();
            format!("What {} {base} is worth", state.amount)
        })
    };
    let searched = move || model.state.with(|state| state.search.clone());
    let nothing_found =
        move || entries.with(Vec::is_empty) && model.snapshot.with(Option::is_some);
    view! {
        <table class="table rates">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{headings}</tr>
            </thead>
            <tbody>
                <For each=move || entries.get() key=Clone::clone children=|entry| view! { <Row entry/> }/>
            </tbody>
        </table>
        <p class="nothing" hidden=move || !nothing_found()>
            "Nothing matches “" {searched} "” here. "
            <a href="/">"Show everything"</a>
        </p>
    }
}

/// A heading that sorts by its column, and the other way when clicked again.
#[component]
fn Heading(column: Column) -> impl IntoView {
    let model = model();
    let target = move || {
        let state = model.state.get();
        PageState { sort: state.sort.clicked(column), ..state }
    };
    let sorted = move || {
        let sort = model.state.with(|state| state.sort);
        (sort.column == column).then_some(if sort.descending { "descending" } else { "ascending" })
    };
    let choose = move |click: MouseEvent| {
        if platform::is_plain(&click) {
            click.prevent_default();
            model.go(target());
        }
    };
    view! {
        <th scope="col" class=column.as_str() aria-sort=sorted>
            <a href=move || target().href() on:click=choose>{column.label()}</a>
        </th>
    }
}

#[component]
fn Row(entry: Entry) -> impl IntoView {
    let model = model();
    let Entry { code, name, unit, kind } = entry;
    let text = code.as_str().to_uppercase();
    let value = Memo::new(move |_| model.quote(&code).map(crate::rates::Quote::written));
    let integer = move || value.with(|value| value.as_ref().map(|value| value.integer.clone()));
    let fraction = move || value.with(|value| value.as_ref().map(|value| value.fraction.clone()));
    view! {
        <tr>
            <th scope="row" class="name">{name}</th>
            <td class="code">{text}</td>
            <td class="type">{kind.label()}</td>
            <td class="unit"><bdi>{unit}</bdi></td>
            <td class="value"><span>{integer}</span><span class="fraction">{fraction}</span></td>
        </tr>
    }
}
