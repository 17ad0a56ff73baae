//! The numbers of a chart as a table, for those who can't see or don't want the drawing.

use leptos::prelude::*;

use super::drawn::Drawn;
use crate::{
    app::{
        model::Model,
        time::{self, Form},
    },
    rates::Point,
};

#[component]
pub fn Numbers(drawn: Memo<Result<Drawn, &'static str>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let rows = move || {
        let (local, drawn) = (model.local.get(), drawn.read());
        let Ok(drawn) = drawn.as_ref() else { return String::new() };
        let row = |point: &Point| {
            let time = time::text(point.time, local, Form::Minute);
            format!("<tr><td>{time}<td>{}", drawn.told(model, point, ["", ""]))
        };
        drawn.chart.points.iter().map(row).collect()
    };
    let [time, value] = ["points-time", "points-value"].map(|id| texts.get(id));
    let head = format!("<tr><th scope=\"col\">{time}</th><th scope=\"col\">{value}</th></tr>");
    view! {
        <details class="numbers" hidden=move || drawn.read().is_err()>
            <summary inner_html=texts.get("same-as-table")></summary>
            <table class="table">
                <thead inner_html=head></thead>
                <tbody translate="no" inner_html=rows></tbody>
            </table>
        </details>
    }
}
