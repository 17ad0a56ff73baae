//! The history of the currency in detail: a chart with its numbers, or why there is none.

use leptos::prelude::*;

use super::{
    chart::ChartView,
    drawn::{Drawn, ON_ITS_WAY},
    numbers::Numbers,
    pair::Pair,
};
use crate::app::model::Model;

#[component]
pub fn History(pair: Memo<Option<Pair>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let drawn = Memo::new(move |_| match &*pair.read() {
        Some(pair) => Drawn::of(model, pair),
        None => Err(ON_ITS_WAY),
    });
    let why_not =
        move || drawn.read().as_ref().err().map(|why| model.texts.get(why)).unwrap_or_default();
    view! {
        <ChartView drawn/>
        <Numbers drawn/>
        <p class="chart-none" hidden=move || drawn.read().is_ok() inner_html=why_not></p>
    }
}
