//! The columns of the table: their headings, and a row.

use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    browser::{dom, links},
    heading::Heading,
    model::Model,
    row::Row,
    sort::Column,
    sparkline::Sparkline,
    text::{Stale, html},
};

#[component]
pub fn HeadingRow() -> impl IntoView {
    view! {
        <tr>
            {Column::ALL.map(|column| view! { <Heading column/> })}
            // The line of the change, which is sorted with it.
            <th scope="col">
                <span class="visually-hidden">"Last 24 hours"</span>
            </th>
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
        model.reader.update(|reader| reader.toggle(&code));
    };
    move || {
        let row = row.get();
        let remark = row.remark.map(|(label, reason)| {
            view! { <small class="remark" title=reason inner_html=label></small> }
        });
        view! {
            <tr
                class=row.direction
                on:click=open
                on:focusin=move |_| model.focused.set(Some(code()))
                on:focusout=move |_| model.focused.set(None)
            >
                <th scope="row">
                    <button
                        value=row.code.to_string()
                        aria-label=format!("Pin {}", row.code.shown())
                        aria-pressed=row.pinned.to_string()
                        on:click=pin
                    ></button>
                    <a href=row.href.clone() translate=true inner_html=html(&row.name)></a>
                    {remark}
                    <Stale text=row.stale.clone()/>
                </th>
                <td>{row.code.shown()}</td>
                <td>{row.kind.label()}</td>
                <td inner_html=html(&row.unit)></td>
                <td>
                    <span inner_html=row.value.integer.clone()></span>
                    <span inner_html=row.value.fraction.clone()></span>
                </td>
                <td inner_html=row.change.clone()></td>
                <td>
                    <Sparkline path=row.line.clone()/>
                </td>
            </tr>
        }
    }
}
