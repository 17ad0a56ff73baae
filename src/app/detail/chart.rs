//! A chart of one rate, drawn as SVG on either side and readable by pointer or by keyboard.

use leptos::{ev::PointerEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{
    drawn::Drawn,
    picture::Picture,
    plot::{HEIGHT, WIDTH},
};
use crate::app::{model::Model, sort::span_label};

/// Renders the chart with its crosshair, and its highest and lowest value and its change below it. Everything is
/// made anew when anything in it changes, and only what differs changes on the page.
#[component]
pub fn ChartView(drawn: Memo<Result<Drawn, &'static str>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    // The index of the point that the reader points at; `None`, which is the last one, while the pointer and the
    // focus are elsewhere.
    let pointed = RwSignal::new(None::<usize>);
    let point_at = move |pointer: PointerEvent| {
        let plot = pointer.current_target().and_then(|plot| plot.dyn_into::<Element>().ok());
        let Some(area) = plot.map(|plot| plot.get_bounding_client_rect()) else { return };
        let place = (f64::from(pointer.client_x()) - area.left()) / area.width();
        let nearest = drawn.read_untracked().as_ref().ok().and_then(|it| it.chart.nearest(place));
        if nearest != pointed.get_untracked() {
            pointed.set(nearest);
        }
    };
    let fact = move |label, class, (value, time): (String, String)| {
        view! {
            <div>
                <dt>{texts.get(label)}</dt>
                <dd class=class>
                    <span inner_html=value></span>
                    " "
                    <small inner_html=time></small>
                </dd>
            </div>
        }
    };
    move || {
        let drawn = drawn.read();
        let drawn = drawn.as_ref().ok()?;
        let pointed_at = pointed.get();
        let picture = Picture::of(model, drawn, pointed_at)?;
        let Picture { colour, direction, readout: [marked, readout], .. } = picture;
        let [high, low] = picture.facts;
        let pointing = if pointed_at.is_some() { "pointing" } else { "" };
        Some(view! {
            <figure class=format!("chart {colour} {pointing}") translate="no">
                <figcaption class="readout" inner_html=marked></figcaption>
                <div
                    class="plot"
                    on:pointermove=point_at
                    on:pointerdown=point_at
                    on:pointerleave=move |_| pointed.set(None)
                >
                    <svg
                        viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                        preserveAspectRatio="none"
                        role="img"
                        aria-label=format!("{}, {}", drawn.name, span_label(texts, drawn.chart.span))
                    >
                        <path class="grid" d=picture.grid></path>
                        <path class="other" d=picture.other></path>
                        <path class="line" d=picture.line></path>
                        <path class="marks" d=picture.marks></path>
                        <path class="cross" d=picture.cross></path>
                        <path class="dot" d=picture.dot></path>
                    </svg>
                    <svg aria-hidden="true" inner_html=picture.mark_labels></svg>
                    <input
                        class="point"
                        type="range"
                        name="point"
                        min="0"
                        max=picture.last.to_string()
                        prop:value=picture.index.to_string()
                        aria-label=texts.get("point-in-time")
                        aria-valuetext=readout
                        on:input:target=move |event| pointed.set(event.target().value().parse().ok())
                        on:blur=move |_| pointed.set(None)
                    />
                </div>
                <div class="scale" aria-hidden="true" inner_html=picture.scale></div>
                <div class="times" aria-hidden="true" inner_html=picture.times></div>
            </figure>
            <dl class="facts" translate="no">
                {fact("high", "", high)}
                {fact("low", "", low)}
                {picture.change.map(|change| fact("change-since", direction, change))}
            </dl>
        })
    }
}
