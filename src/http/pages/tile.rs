//! `GET /?view=rate&symbol=…`: one rate, to be shown in a frame of another page.
//!
//! It is HTML without wasm, which the browser loads again when there should be new rates.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::document::{HTML, Head, Script, document};
use crate::{
    app::{
        change::percent,
        state::PageState,
        time::{self, ago},
    },
    cache::{Caching, Representation},
    http::{current_rates::CurrentRates, problem::truncated},
    rates::{CacheStatus, Code, NumberStyle, Origin, Quotation, Rate, SourceName, Span},
    state::AppState,
};

/// How long after the next refresh the tile is loaded again: a source takes a moment to answer.
const MARGIN: Duration = Duration::from_secs(5);
/// The shortest time until then. A refresh may be overdue.
const SHORTEST: Duration = Duration::from_secs(15);

/// Returns the rest of the query if it asks for a tile.
pub fn asked_for(query: &str) -> Option<String> {
    let is_view = |pair: &&str| *pair == "view=rate";
    query.split('&').any(|pair| is_view(&pair)).then(|| {
        let rest: Vec<&str> = query.split('&').filter(|pair| !is_view(pair)).collect();
        rest.join("&")
    })
}

/// Responds with a tile, or with a page as small that says why there is none.
pub fn tile(state: &AppState, query: &str, headers: &HeaderMap) -> Response {
    let published = state.published();
    let refresh = Some((published.until_next_refresh(state.now()) + MARGIN).max(SHORTEST));
    let (asked, warnings) = PageState::read(query);
    let refused = |status, title: &str, why: String| {
        let page_title = format!("{title} – Crypto Rates");
        let head = Head { title: &page_title, script: Script::None, refresh };
        let html = document(&state.assets, head, || error(title, why));
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static(HTML));
        let headers = [content_type, (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (status, headers, html).into_response()
    };
    if !warnings.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "This address is wrong", warnings.join(" "));
    }
    if asked.date.is_some() {
        let why = "It shows the rate of now: it takes no date.";
        return refused(StatusCode::BAD_REQUEST, "This address is wrong", why.to_owned());
    }
    let Some(symbol) = asked.symbol.clone() else {
        let why = "It takes a currency, as in ?view=rate&symbol=usd.";
        return refused(StatusCode::BAD_REQUEST, "This address is wrong", why.to_owned());
    };
    let Ok(current) = CurrentRates::of(&published, state.now()) else {
        let why = "No source has answered since the server started.";
        let mut response = refused(StatusCode::SERVICE_UNAVAILABLE, "No rates yet", why.to_owned());
        let wait = published.until_next_refresh(state.now()).as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
        return response;
    };
    let known = |code: &Code| current.snapshot.get(code).is_some();
    if let Some(unknown) = [&asked.base, &symbol].into_iter().find(|code| !known(code)) {
        let unknown = truncated(unknown.as_str());
        let why = format!("“{unknown}” is not the code of a currency known here.");
        return refused(StatusCode::NOT_FOUND, "There is no such currency", why);
    }
    let Some(rate) = current.snapshot.get(&symbol) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let title = format!("{} – Crypto Rates", rate.name);
    let head = Head { title: &title, script: Script::None, refresh };
    let html = document(&state.assets, head, || content(&current, &asked, rate));
    let body = Arc::new(Representation::new(HTML, html).of(&current.snapshot));
    let response = body.respond(headers, Caching::Revalidate, StatusCode::OK);
    // The age in it is right for a second.
    let fresh_until = current.now + Duration::from_secs(1);
    current.cacheable_until(Some(fresh_until), response, &body)
}

fn content(current: &CurrentRates, asked: &PageState, rate: &Rate) -> impl IntoView + use<> {
    let per = current.snapshot.per(&asked.base);
    let quotation = asked.quotation(&current.snapshot);
    let value = per.map(|per| {
        asked.quote(per, rate, quotation).written(asked.digits.unwrap_or_default()).to_string()
    });
    // What is priced, and what its price is in.
    let (priced, unit) = match quotation {
        Quotation::Direct => (format!("1 {}", rate.code.shown()), &asked.base),
        Quotation::Inverse => {
            (format!("{} {}", asked.amount.written(), asked.base.shown()), &rate.code)
        }
    };
    let (Origin { source, time }, status) =
        current.origin(per.and_then(|per| per.carried_forward(rate)));
    let (pill, trust) = match (source, status) {
        (SourceName::Sample, _) => ("pill pill-bad", "Sample, not live"),
        (_, CacheStatus::Stale) => ("pill pill-warn", "Stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("pill pill-good", "Live"),
    };
    let trends = current.published.trends(&asked.base, quotation);
    let change = trends.and_then(|trends| trends.get(&rate.code)?.change(Span::Day));
    // As on the page, there is none of old rates.
    let change = change.filter(|_| !current.snapshot.is_over_an_hour_old(current.now));
    let (direction, change) =
        change.map_or(("", "unknown".to_owned()), |by| percent(by, &NumberStyle::default()));
    let age = ago(current.now.seconds_since(time));
    view! {
        <main class="rate-tile">
            <h1>{rate.name.clone()}</h1>
            <p class="rate-tile-value" translate="no">
                {priced}
                " = "
                <strong>
                    <data value=unit.to_string()>{value.unwrap_or_default()}</data>
                </strong>
                " "
                {unit.shown()}
            </p>
            <p class=format!("rate-tile-change {direction}")>
                "24 h: " <span translate="no">{change}</span>
            </p>
            <p class="freshness">
                <span class=pill>{trust}</span>
                <a class="credit" href=source.home() target="_blank" rel="noopener">
                    {source.credit()}
                </a>
                <span class="taken">
                    "Rates of " <span inner_html=time::html(time, false)></span> <span class="age">{format!(" ({age})")}</span>
                </span>
            </p>
            <p>
                <a href=asked.href() target="_blank" rel="noopener">
                    "All rates"
                </a>
            </p>
        </main>
    }
}

fn error(title: &str, why: String) -> impl IntoView + use<> {
    view! {
        <main class="rate-tile">
            <h1>{title.to_owned()}</h1>
            <p>{why}</p>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_asked_for_by_its_view() {
        for (query, rest) in [
            ("view=rate&symbol=usd", Some("symbol=usd")),
            ("symbol=usd&view=rate&base=eur", Some("symbol=usd&base=eur")),
            ("view=rate", Some("")),
            ("view=board", None),
            ("q=view=rate", None),
            ("", None),
        ] {
            assert_eq!(asked_for(query).as_deref(), rest, "{query}");
        }
    }
}
