//! A chart of one rate, drawn as SVG on either side and readable by pointer or by keyboard.

use leptos::{ev::PointerEvent, html, prelude::*};

use super::{
    drawn::Drawn,
    plot::{HEIGHT, Plot, WIDTH, tenths},
};
use crate::{
    app::{model::Model, time},
    rates::Timestamp,
};

/// Renders the chart with its crosshair.
#[component]
pub fn ChartView(drawn: Memo<Result<Drawn, &'static str>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { hydrated, latest, .. } = model;
    // The index of the point that the reader points at. `None`, which is the last one, once the reader looks at
    // something else.
    let pointed = RwSignal::new(None::<usize>);
    Effect::new(move |before: Option<_>| {
        let looked_at = model.state.with(|it| (it.symbol.clone(), it.base.clone(), it.span));
        if before.is_some_and(|before| before != looked_at) {
            pointed.set(None);
        }
        looked_at
    });
    let with =
        move |of: fn(&Drawn) -> String| move || drawn.read().as_ref().map(of).unwrap_or_default();
    let path = move |index: usize| {
        move || {
            let drawn = drawn.read();
            let plot = drawn.as_ref().ok().and_then(|drawn| Plot::of(&drawn.chart));
            let [line, area] =
                plot.map(|plot| plot.paths(latest.read().interval.into())).unwrap_or_default();
            if index == 0 { line } else { area }
        }
    };
    let cross = Memo::new(move |_| Cross::of(model, drawn.read().as_ref().ok()?, pointed.get()));
    let at_cross =
        move |of: fn(&Cross) -> String| move || cross.read().as_ref().map(of).unwrap_or_default();
    let times = move || {
        let drawn = drawn.read();
        let (from, to) = drawn.as_ref().map(|drawn| (drawn.chart.from, drawn.chart.to)).ok()?;
        let middle = from.unix_seconds().midpoint(to.unix_seconds());
        let time = |time| {
            let time = time::minute(time, hydrated.get());
            view! { <span inner_html=time[5..16].to_owned()></span> }
        };
        Some([from, Timestamp::from_unix_seconds(middle), to].map(time))
    };
    let plot = NodeRef::<html::Div>::new();
    let point_at = move |pointer: PointerEvent| {
        let Some(plot) = plot.get_untracked() else { return };
        let area = plot.get_bounding_client_rect();
        let place = (f64::from(pointer.client_x()) - area.left()) / area.width();
        let nearest = drawn.read_untracked().as_ref().ok().and_then(|it| it.chart.nearest(place));
        if nearest.is_some() && nearest != pointed.get_untracked() {
            pointed.set(nearest);
        }
    };
    let last = with(|drawn| (drawn.chart.points.len() - 1).to_string());
    view! {
        <figure class="chart" translate="no">
            <figcaption class="readout" inner_html=at_cross(|cross| cross.readout.clone())></figcaption>
            <div class="plot" node_ref=plot on:pointermove=point_at on:pointerdown=point_at>
                <svg
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    role="img"
                    aria-label=with(|it| format!("{}, {}", it.name, it.chart.span.label()))
                >
                    <path class="area" d=path(1)></path>
                    <path class="line" d=path(0)></path>
                    <path class="cross" d=at_cross(|cross| format!("M{} 0V{HEIGHT}", cross.x))></path>
                    <circle
                        r="4"
                        cx=at_cross(|cross| cross.x.clone())
                        cy=at_cross(|cross| cross.y.clone())
                    ></circle>
                </svg>
                <input
                    class="point"
                    type="range"
                    name="point"
                    min="0"
                    max=last
                    value=untrack(at_cross(|cross| cross.index.to_string()))
                    prop:value=at_cross(|cross| cross.index.to_string())
                    aria-label="Point in time"
                    aria-valuetext=at_cross(|cross| cross.readout.clone())
                    on:input:target=move |event| pointed.set(event.target().value().parse().ok())
                />
            </div>
            <div class="times" aria-hidden="true">
                {times}
            </div>
        </figure>
    }
}

/// The crosshair, and the value there.
#[derive(Clone, Debug, PartialEq)]
struct Cross {
    index: usize,
    x: String,
    y: String,
    readout: String,
}

impl Cross {
    fn of(model: Model, drawn: &Drawn, pointed: Option<usize>) -> Option<Self> {
        let last = drawn.chart.points.len() - 1;
        let index = pointed.unwrap_or(last).min(last);
        let point = drawn.chart.points.get(index)?;
        let plot = Plot::of(&drawn.chart)?;
        let time = time::minute(point.time, model.hydrated.get());
        Some(Self {
            index,
            x: tenths(plot.x(point.time)),
            y: tenths(plot.y(point.value)),
            readout: format!("{time}: {}", drawn.figure(model, point)),
        })
    }
}
