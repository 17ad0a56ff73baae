//! The history of the currency in detail: a chart with its numbers, or why there is none.

use leptos::{either::Either, prelude::*};

use super::{
    chart::ChartView,
    drawn::{Drawn, ON_ITS_WAY},
    numbers::Numbers,
    pair::Pair,
};
use crate::{
    app::{change::percent, model::Model, time},
    rates::Point,
};

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
                <Facts drawn/>
                <Numbers drawn/>
            })
        } else {
            Either::Right(view! { <p class="chart chart-none" inner_html=why_not></p> })
        }
    }
}

/// The highest and the lowest value, and the change over the span: the same as in the rows.
#[component]
fn Facts(drawn: Memo<Result<Drawn, &'static str>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let fact = move |label, class, figure: String, point: &Point| {
        let time = time::minute(point.time, model.hydrated.get());
        view! {
            <div>
                <dt>{label}</dt>
                <dd class=class>
                    <span inner_html=figure></span>
                    " "
                    <small inner_html=time></small>
                </dd>
            </div>
        }
    };
    let facts = move || {
        let drawn = drawn.read();
        let Drawn { chart, .. } = drawn.as_ref().ok()?;
        let (high, low) = (chart.high.as_ref()?, chart.low.as_ref()?);
        let figure =
            |point| drawn.as_ref().map(|drawn| drawn.figure(model, point)).unwrap_or_default();
        // As in the rows, there is none of old rates.
        let change = chart.change.filter(|_| !model.over_an_hour_old.get());
        let change = chart.since.as_ref().zip(change).map(|(since, change)| {
            let (direction, change) = model.reader.with(|reader| percent(change, &reader.style));
            fact("Change since", direction, change, since)
        });
        Some((fact("High", "", figure(high), high), fact("Low", "", figure(low), low), change))
    };
    view! { <dl class="facts" translate="no">{facts}</dl> }
}
