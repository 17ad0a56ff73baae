//! One currency beside the base: its value in both directions, and its history.

use leptos::prelude::*;

use super::{
    change::percent, chart, model::Model, part::part, reactive::parts, state::PageState,
    time::of_old,
};
use crate::rates::{Chart, Point, Quote, Rate, Remark, Snapshot, Span};

#[component]
pub fn Detail(model: Model) -> impl IntoView {
    parts(move || {
        let shown = || {
            let snapshot = model.snapshot()?;
            let state = model.state.get();
            let rate = snapshot.get(state.symbol.as_ref()?)?;
            detail(model, &snapshot, &state, rate)
        };
        part(shown())
    })
}

fn detail(
    model: Model,
    snapshot: &Snapshot,
    state: &PageState,
    rate: &Rate,
) -> Option<impl IntoView + use<>> {
    let base = snapshot.get(&state.base)?;
    let per = snapshot.per(&state.base)?;
    let (symbol_code, base_code) = (rate.code.shown(), base.code.shown());
    let quote = per.quote(rate).times(state.amount.value());
    let value = [&model.figure(quote), " ", &symbol_code].concat();
    let inverse = model.figure(snapshot.per(&rate.code)?.quote(base));
    let inverse = ["1 ", &symbol_code, " = ", &inverse, " ", &base_code].concat();
    let held = per.carried_forward(rate);
    let hydrated = model.is_hydrated();
    let remark = rate
        .code
        .remark()
        .or_else(|| base.code.remark().filter(|remark| *remark == Remark::Defunct));
    let close = PageState { symbol: None, span: Span::Day, ..state.clone() }.href();
    let spans = Span::ALL.map(|span| {
        let href = PageState { span, ..state.clone() }.href();
        let active = span == state.span;
        let class = if active { "nav-link active" } else { "nav-link" };
        view! {
            <li class="nav-item">
                <a class=class aria-current=active.to_string() href=href>{span.label()}</a>
            </li>
        }
    });
    let name = [&rate.name, " per ", &base.name].concat();
    let of_this = |chart: &&std::sync::Arc<Chart>| {
        chart.symbol == rate.code && chart.base == base.code && chart.span == state.span
    };
    let chart = model.server_data.with(|data| data.chart.as_ref().filter(of_this).cloned());
    let history = history(model, chart.as_deref(), quote, state.amount.value(), &name);
    Some(view! {
        <section class="detail" aria-labelledby="pair">
            <a class="btn close" href=close aria-label="Close">
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 6l12 12M18 6 6 18"></path>
                </svg>
            </a>
            <h2 id="pair" tabindex="-1">{name.clone()}</h2>
            <p class="pair-value">
                <span>{model.measure()}" = "</span>
                <strong>{value}</strong>
                <button class="btn copy" data-do="copy">"Copy"</button>
            </p>
            <p class="inverse">{inverse}{of_old(held, hydrated)}</p>
            {remark.map(|remark| view! { <p class="reason">{remark.reason()}</p> })}
            <nav aria-label="Time">
                <ul class="nav nav-pills spans">{spans}</ul>
            </nav>
            {history}
        </section>
    })
}

/// Renders the chart with its notes and numbers, or why there is none.
fn history(
    model: Model,
    chart: Option<&Chart>,
    quote: Quote,
    amount: f64,
    name: &str,
) -> impl IntoView + use<> {
    let hydrated = model.is_hydrated();
    // Per amount of the base, like everything else.
    let chart = chart.map(|chart| times(chart, amount));
    let drawn = chart.as_ref().and_then(|chart| chart::view(model, chart, quote, name));
    let why_not = match &chart {
        _ if drawn.is_some() => None,
        None => Some("The history is on its way, or can’t be read at the moment."),
        Some(chart) if chart.complete => {
            Some("There is no history of this time yet. It grows with each refresh of the server.")
        }
        Some(_) => Some("The server can’t read its history at the moment."),
    };
    let facts = chart.filter(|_| drawn.is_some()).map(|chart| {
        let fact =
            |label: &'static str, class: &'static str, figure: String, time: Option<Point>| {
                let time = time.map(|point| chart::minute(point.time, hydrated));
                view! {
                    <div>
                        <dt>{label}</dt>
                        <dd class=class>{figure} <small>{time}</small></dd>
                    </div>
                }
            };
        let figure = |point: Option<Point>| {
            point.map(|point| model.figure(quote.at(point.value))).unwrap_or_default()
        };
        let (first, last) = (chart.points.first().copied(), chart.points.last().copied());
        let change =
            first.zip(last).map_or(0.0, |(first, last)| (last.value / first.value - 1.0) * 100.0);
        let (direction, change) = model.reader.with(|reader| percent(change, reader));
        view! {
            <dl class="facts">
                {fact("High", "", figure(chart.high), chart.high)}
                {fact("Low", "", figure(chart.low), chart.low)}
                {fact("Change since", direction, change, first)}
            </dl>
            {chart::numbers(model, &chart, quote)}
        }
    });
    view! {
        {drawn}
        {why_not.map(|why| view! { <p class="chart chart-none">{why}</p> })}
        {facts}
    }
}

fn times(chart: &Chart, amount: f64) -> Chart {
    let of = |point: &Point| Point { value: point.value * amount, ..*point };
    Chart {
        points: chart.points.iter().map(of).collect(),
        low: chart.low.as_ref().map(of),
        high: chart.high.as_ref().map(of),
        ..chart.clone()
    }
}
