//! The columns of the table: their headings, and a row.

use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    browser::{dom, links},
    heading::Heading,
    model::Model,
    row::{Row, kind_label},
    sort::Column,
    sparkline::Sparkline,
    text::html,
};
use crate::rates::Span;

#[component]
pub fn HeadingRow() -> impl IntoView {
    let last_day = expect_context::<Model>().texts.get("last-day");
    let last_day = format!("<span class=\"visually-hidden\">{last_day}</span>");
    view! {
        <tr>
            <Heading columns=&[Column::Code, Column::Name]/>
            <Heading columns=&[Column::Type]/>
            <Heading columns=&[Column::Unit]/>
            <Heading columns=&[Column::Value]/>
            <Heading columns=&[Column::Change(Span::Hour)]/>
            <Heading columns=&[Column::Change(Span::Day)]/>
            <Heading columns=&[Column::Change(Span::Week)]/>
            // The line of the change, which is sorted with it.
            <th scope="col" inner_html=last_day></th>
        </tr>
    }
}

/// One rate. The row is made anew when anything in it changes, and only what differs changes on the page.
#[component]
pub fn TableRow(row: Signal<Arc<Row>>) -> impl IntoView {
    let model = expect_context::<Model>();
    // It never changes: a row of another currency is another row.
    let code = move || row.read_untracked().code.clone();
    let open = move |click: MouseEvent| {
        if links::is_meant(&click) {
            links::open(model, Some(code()));
        }
    };
    let pin = move |click: MouseEvent| {
        // A click by keyboard has no detail. One by mouse must not scroll the page to the row.
        if click.detail() == 0 {
            dom::keep_focus();
        }
        // Read before the reader is changed: the row may have to be made anew for it.
        let code = code();
        model.toggle_favourite(&code);
    };
    move || {
        let row = row.get();
        let [hour, day, week] = row.changes.clone();
        // Most go the way of the day, whose colour the row has. Not a class, which would be there even if it is empty.
        let way = |direction: &'static str| match direction {
            same if same == day.0 => None,
            "" => Some("flat"),
            other => Some(other),
        };
        view! {
            <tr
                class=if row.open { format!("{} open", day.0) } else { day.0.to_owned() }
                on:click=open
                on:focusin=move |_| model.focused.set(Some(code()))
                on:focusout=move |_| model.focused.set(None)
                // A favourite is dragged onto another one, and takes its place.
                draggable=row.pinned.then_some("true")
                on:dragstart=move |_| model.focused.set(Some(code()))
                on:dragover=move |drag| drag.prevent_default()
                on:drop=move |drop| {
                    drop.prevent_default();
                    if let Some(dragged) = model.focused.get_untracked() {
                        model.drop_favourite(&dragged, &code());
                    }
                }
            >
                <th scope="row">
                    <button
                        value=row.code.to_string()
                        aria-label=row.pin.clone()
                        aria-pressed=row.pinned.to_string()
                        on:click=pin
                    ></button>
                    <b>{row.code.shown()}</b>
                    <a
                        href=row.href.clone()
                        translate=true
                        aria-current=row.open.then_some("true")
                        inner_html=html(&row.name)
                    ></a>
                    <i inner_html=row.notes.clone()></i>
                </th>
                <td>{kind_label(row.kind, model.texts)}</td>
                <td inner_html=html(&row.unit)></td>
                <td>
                    <span inner_html=row.value.integer.clone()></span>
                    <span inner_html=row.value.fraction.clone()></span>
                </td>
                <td data-way=way(hour.0) inner_html=hour.1></td>
                <td inner_html=day.1></td>
                <td data-way=way(week.0) inner_html=week.1></td>
                <td>
                    <Sparkline path=row.line.clone()/>
                </td>
            </tr>
        }
    }
}
