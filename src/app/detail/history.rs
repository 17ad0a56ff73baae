//! The history of the currency in detail: a chart with its numbers, or why there is none.

use leptos::{either::Either, prelude::*};

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
    let is_drawn = Memo::new(move |_| drawn.read().is_ok());
    let why_not = move || drawn.read().as_ref().err().copied().unwrap_or_default();
    move || {
        if is_drawn.get() {
            Either::Left(view! {
                <ChartView drawn/>
                <Numbers drawn/>
            })
        } else {
            Either::Right(view! { <p class="chart chart-none" inner_html=why_not></p> })
        }
    }
}
