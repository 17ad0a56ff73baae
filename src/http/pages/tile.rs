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
        texts::Texts,
        time::{self, ago},
    },
    cache::{Caching, Representation},
    http::{
        current_rates::CurrentRates,
        negotiation::{negotiated, of_language},
        problem::truncated,
    },
    rates::{CacheStatus, Code, Origin, Quotation, Rate, SourceName, Span},
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
    let language = asked.language.unwrap_or_else(|| negotiated(headers));
    let (texts, varies) = (Texts::of(language), asked.language.is_none());
    let refused = |status, title, why: String| {
        let title = texts.get(title);
        let page_title = format!("{title} – Crypto Rates");
        let head = Head { texts, title: &page_title, script: Script::None, refresh };
        let html = document(&state.assets, head, || error(title, why));
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static(HTML));
        let headers = [content_type, (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        of_language((status, headers, html).into_response(), language, varies)
    };
    if !warnings.is_empty() {
        let warnings: Vec<_> = warnings.iter().map(|warning| warning.text(texts)).collect();
        return refused(StatusCode::BAD_REQUEST, "tile-wrong", warnings.join(" "));
    }
    if asked.date.is_some() {
        let why = texts.get("tile-takes-no-date").to_owned();
        return refused(StatusCode::BAD_REQUEST, "tile-wrong", why);
    }
    let Some(symbol) = asked.symbol.clone() else {
        let example = ("example", "?view=rate&symbol=usd".into());
        let why = texts.format("tile-takes-currency", &[example]);
        return refused(StatusCode::BAD_REQUEST, "tile-wrong", why);
    };
    let Ok(current) = CurrentRates::of(&published, state.now()) else {
        let why = texts.get("tile-none").to_owned();
        let mut response = refused(StatusCode::SERVICE_UNAVAILABLE, "tile-none-title", why);
        let wait = published.until_next_refresh(state.now()).as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
        return response;
    };
    let known = |code: &Code| current.snapshot.get(code).is_some();
    if let Some(unknown) = [&asked.base, &symbol].into_iter().find(|code| !known(code)) {
        let unknown = truncated(unknown.as_str());
        let why = texts.format("tile-unknown", &[("code", (&unknown).into())]);
        return refused(StatusCode::NOT_FOUND, "tile-unknown-title", why);
    }
    let Some(rate) = current.snapshot.get(&symbol) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let title = format!("{} – Crypto Rates", texts.name(rate));
    let head = Head { texts, title: &title, script: Script::None, refresh };
    let html = document(&state.assets, head, || content(&current, &asked, rate, texts));
    let body = Arc::new(Representation::new(HTML, html).of(&current.snapshot));
    let response = body.respond(headers, Caching::Revalidate, StatusCode::OK);
    let response = of_language(response, language, varies);
    // The age in it is right for a second.
    let fresh_until = current.now + Duration::from_secs(1);
    current.cacheable_until(Some(fresh_until), response, &body)
}

fn content(
    current: &CurrentRates,
    asked: &PageState,
    rate: &Rate,
    texts: Texts,
) -> impl IntoView + use<> {
    let (per, style) = (current.snapshot.per(&asked.base), texts.number_style());
    let quotation = asked.quotation(&current.snapshot);
    let value = per.map(|per| {
        let quote = asked.quote(per, rate, quotation);
        style.write(&quote.written(asked.digits.unwrap_or_default())).to_string()
    });
    // What is priced, and what its price is in.
    let (priced, unit) = match quotation {
        Quotation::Direct => (format!("1 {}", rate.code.shown()), &asked.base),
        Quotation::Inverse => {
            let amount = style.write(&asked.amount.written());
            (format!("{amount} {}", asked.base.shown()), &rate.code)
        }
    };
    let (Origin { source, time }, status) =
        current.origin(per.and_then(|per| per.carried_forward(rate)));
    let (pill, trust) = match (source, status) {
        (SourceName::Sample, _) => ("pill pill-bad", "tile-sample"),
        (_, CacheStatus::Stale) => ("pill pill-warn", "trust-stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("pill pill-good", "trust-live"),
    };
    let trends = current.published.trends(&asked.base, quotation);
    let change = trends.and_then(|trends| trends.get(&rate.code)?.change(Span::Day));
    // As on the page, there is none of old rates.
    let change = change.filter(|_| !current.snapshot.is_over_an_hour_old(current.now));
    let (direction, change) =
        change.map_or(("", texts.get("tile-no-change").to_owned()), |by| percent(by, &style));
    let age = ago(current.now.seconds_since(time), texts);
    let change = format!("<span translate=\"no\">{change}</span>");
    let change = texts.format("tile-day", &[("change", (&change).into())]);
    let taken = format!("<span>{}</span>", time::html(time, false));
    let taken = texts.format("rates-of", &[("time", (&taken).into())]);
    view! {
        <main class="rate-tile">
            <h1>{texts.name(rate).into_owned()}</h1>
            <p class="rate-tile-value" translate="no">
                {priced}
                " = "
                <strong>
                    <data value=unit.to_string()>{value.unwrap_or_default()}</data>
                </strong>
                " "
                {unit.shown()}
            </p>
            <p class=format!("rate-tile-change {direction}") inner_html=change></p>
            <p class="freshness">
                <span class=pill>{texts.get(trust)}</span>
                <a class="credit" href=source.home() target="_blank" rel="noopener">
                    {source.credit()}
                </a>
                <span class="taken">
                    <span inner_html=taken></span> <span class="age">{format!(" ({age})")}</span>
                </span>
            </p>
            <p>
                <a href=asked.href() target="_blank" rel="noopener">
                    {texts.get("all-rates")}
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
