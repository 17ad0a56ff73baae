//! The wallboard: a few rates at a time, to be read from ten metres.

use leptos::prelude::*;

use super::{
    change::{sparkline, why_not},
    header::{freshness, trust},
    model::{Model, Row},
    part::part,
    reactive::{flag, href, parts, text},
    state::PageState,
    time::{of_old, point},
};
use crate::rates::{CacheStatus, SourceName};

/// Which page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Counted on and on, either way; see [`Turn::shown`].
    pub page: i32,
    /// Tiles on a page.
    pub size: usize,
    /// It does not turn by itself.
    pub paused: bool,
}

impl Turn {
    /// As many tiles as `style/_wallboard.scss` has room for.
    pub fn tiles(landscape: bool) -> usize {
        if landscape { 9 } else { 8 }
    }

    /// So many pages on, or back.
    #[must_use]
    pub fn by(self, pages: i32) -> Self {
        Self { page: self.page.wrapping_add(pages), ..self }
    }

    /// How many pages so many tiles fill.
    pub fn pages(self, tiles: usize) -> usize {
        tiles.div_ceil(self.size.max(1))
    }

    /// The page of `pages`, from 0: after the last one comes the first.
    pub fn shown(self, pages: usize) -> usize {
        let pages = i32::try_from(pages).unwrap_or(i32::MAX).max(1);
        usize::try_from(self.page.rem_euclid(pages)).unwrap_or(0)
    }
}

#[component]
pub fn Wallboard(model: Model) -> impl IntoView {
    let tiles = parts(move || {
        let mut rows = model.rows();
        if let Some(turn) = model.turn.get() {
            let first = turn.shown(turn.pages(rows.len())) * turn.size;
            rows.drain(..first.min(rows.len()));
            rows.truncate(turn.size);
        }
        part(rows.into_iter().map(|row| tile(model, row)).collect::<Vec<_>>())
    });
    let place = move || {
        let Some((turn, snapshot)) = model.turn.get().zip(model.snapshot()) else {
            return String::new();
        };
        let rates = model.state.with(|state| state.count(&snapshot, state.kind));
        let pages = turn.pages(rates);
        let page = (turn.shown(pages) + 1).to_string();
        let paused = if turn.paused { ", paused" } else { "" };
        [&page, " / ", &pages.to_string(), paused].concat()
    };
    // What was wrong in the address, or why no tile tells a change.
    let note = parts(move || {
        let (hydrated, notes) = (model.is_hydrated(), model.notes().concat());
        let why = if notes.is_empty() { why_not(model) } else { None };
        let (why, since) = why.unwrap_or_default();
        let since = since.map(|since| point(since, hydrated));
        let empty = notes.is_empty() && why.is_empty();
        part(view! { <p class="wall-note" role="status" hidden=empty>{notes}{why}{since}</p> })
    });
    let banner = move || match (model.source(), model.status()) {
        (None, _) => "NO RATES YET",
        (Some(SourceName::Sample), _) => "SAMPLE, NOT LIVE RATES",
        (_, CacheStatus::Stale) => "STALE RATES",
        _ => "",
    };
    let class = move || ["wall wall-", trust(model).0].concat();
    let paused = move || model.turn.get().is_some_and(|turn| turn.paused);
    let pause = move || if paused() { "Go on" } else { "Pause" }.to_owned();
    let leave = href(model, move |state| {
        // The favourites were chosen by the way here, and not by the reader.
        let chosen = model.known(|reader| reader.favourites == state.symbols);
        let symbols = if chosen { Vec::new() } else { state.symbols };
        PageState { board: false, symbols, ..state }
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
            {note}
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
    // A long number is written smaller.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_round_either_way() {
        let turn = Turn { page: 0, size: 9, paused: false };
        let shown = [0, 1, 6, 7, -1, -8].map(|pages| turn.by(pages).shown(7));
        assert_eq!(shown, [0, 1, 6, 0, 6, 6]);
        assert_eq!(turn.by(5).shown(0), 0);
    }
}
