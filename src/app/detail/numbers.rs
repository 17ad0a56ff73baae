//! The numbers of a chart as a table, for those who can't see or don't want the drawing.

use leptos::prelude::*;

use super::drawn::Drawn;
use crate::{
    app::{model::Model, time},
    rates::Point,
};

#[component]
pub fn Numbers(drawn: Memo<Result<Drawn, &'static str>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let rows = move || {
        let hydrated = model.hydrated.get();
        let drawn = drawn.read();
        let drawn = drawn.as_ref().ok()?;
        let row = |point: &Point| {
            view! {
                <tr>
                    <td inner_html=time::minute(point.time, hydrated)></td>
                    <td inner_html=drawn.told(model, point, ["", ""])></td>
                </tr>
            }
        };
        Some(drawn.chart.points.iter().map(row).collect_view())
    };
    view! {
        <details class="numbers">
            <summary>"The same as a table"</summary>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">"Value"</th>
                    </tr>
                </thead>
                <tbody translate="no">{rows}</tbody>
            </table>
        </details>
    }
}
