//! The wallboard: a few rates at a time, readable from ten metres.

use leptos::prelude::*;

use super::{
    change::{sparkline, why_not},
    header::{freshness, trust},
    model::Model,
    part::part,
    reactive::{flag, href, parts, text},
    row::{Row, rows},
    state::PageState,
    time::{of_old, point},
};
use crate::rates::{CacheStatus, SourceName};

#[component]
pub fn Wallboard(model: Model) -> impl IntoView {
    let tiles = parts(move || {
        let mut rows = rows(model);
        if let Some(paging) = model.paging.get() {
            let first = paging.shown(paging.pages(rows.len())) * paging.size;
            rows.drain(..first.min(rows.len()));
            rows.truncate(paging.size);
        }
        part(rows.into_iter().map(|row| tile(model, row)).collect::<Vec<_>>())
    });
    let place = move || {
        let Some((paging, snapshot)) = model.paging.get().zip(model.snapshot()) else {
            return String::new();
        };
        let rates = model.state.with(|state| state.count(&snapshot, state.kind));
        let pages = paging.pages(rates);
        let page = (paging.shown(pages) + 1).to_string();
        let paused = if paging.paused { ", paused" } else { "" };
        [&page, " / ", &pages.to_string(), paused].concat()
    };
    // Problems in the address, or why no tile has a change.
    let warning = parts(move || {
        let (hydrated, query_warnings) = (model.is_hydrated(), model.query_warnings().concat());
        let why = if query_warnings.is_empty() { why_not(model) } else { None };
        let (why, since) = why.unwrap_or_default();
        let since = since.map(|since| point(since, hydrated));
        let empty = query_warnings.is_empty() && why.is_empty();
        part(
            view! { <p class="wall-note" role="status" hidden=empty>{query_warnings}{why}{since}</p> },
        )
    });
    let banner = move || match (model.source(), model.status()) {
        (None, _) => "NO RATES YET",
        (Some(SourceName::Sample), _) => "SAMPLE, NOT LIVE RATES",
        (_, CacheStatus::Stale) => "STALE RATES",
        _ => "",
    };
    let class = move || ["wall wall-", trust(model).0].concat();
    let paused = move || model.paging.get().is_some_and(|paging| paging.paused);
    let pause = move || if paused() { "Go on" } else { "Pause" }.to_owned();
    let leave = href(model, move |state| {
        // Drops the favourites from the address, which the link to the wallboard put there.
        let chosen = model.known(|reader| reader.favourites == state.symbols);
        let symbols = if chosen { Vec::new() } else { state.symbols };
        PageState { wallboard: false, symbols, ..state }
    });
    view! {
        <div class=text(class)>
            <header class="wall-head">
                <h1>{text(move || model.measure() + " is")}</h1>
                <p class="freshness">{parts(move || part(freshness(model)))}</p>
                <span class="wall-page">{text(place)}</span>
            </header>
            <p class="wall-banner" role="status" hidden=flag(move || banner().is_empty())>
                {text(move || banner().to_owned())}
            </p>
            {warning}
            <main id="main">
                <ul class="tiles">{tiles}</ul>
            </main>
            <nav class="wall-controls" aria-label="Wallboard">
                <a class="btn" href=leave>"Table"</a>
                <button class="btn" data-do="back">"Back"</button>
                <button class="btn" data-do="pause">{text(pause)}</button>
                <button class="btn" data-do="next">"Next"</button>
                <button class="btn" data-do="full">"Full screen"</button>
                <button class="btn" data-do="theme">"Theme"</button>
            </nav>
        </div>
    }
}

fn tile(model: Model, row: Row) -> impl IntoView {
    let hydrated = row.held.is_some() && model.is_hydrated();
    let remark = row.remark.map(|(label, _)| view! { <small>{label}</small> });
    let value = row.value.to_string();
    // A long number gets a smaller font.
    let size = match value.chars().count() {
        0..=9 => "tile ",
        10..=13 => "tile long ",
        14..=21 => "tile longer ",
        _ => "tile longest ",
    };
    view! {
        <li class=[size, row.direction].concat()>
            <data class="tile-code" value=row.code.as_str().to_owned()>{row.code.shown()}</data>
            <span class="tile-name">{row.name}</span>
            <strong class="tile-value">{value}</strong>
            <span class="tile-change">{row.change}{remark}{of_old(row.held, hydrated)}</span>
            <span class="tile-line" inner_html=sparkline(&row.line)></span>
        </li>
    }
}
