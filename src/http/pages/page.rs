//! The page: rendered to a whole document by Leptos, so that it reads without JavaScript.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::document::{HTML, Script, document};
use crate::{
    app::{App, AppProps, LATEST_ID, ROOT_ID, state::PageState},
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::chart,
    http::current_rates::CurrentRates,
    published::Published,
    rates::{CacheStatus, Chart, Code, Latest, LatestRequest, Snapshot, Timestamp},
    state::AppState,
};

const JSON: &str = "application/json";

/// `GET /`: the rates.
pub async fn rates(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = Asked::read(&query);
    let Ok(current) = CurrentRates::now(&state) else { return no_rates_yet(&state, asked) };
    let key = key(&asked.state);
    let ready = current
        .published
        .cached_representation(current.status, &key)
        .filter(|_| asked.notes.is_empty());
    let page = match ready {
        Some(page) => page,
        None => {
            let wanted = wanted(&asked.state, &current.snapshot);
            let chart = chart_of(&state, &wanted).await;
            // Notes quote the request: such a page is nobody else's. What is missing may be there the
            // next moment.
            let whole = match &chart {
                Some(chart) => chart.complete,
                None => wanted.chart.is_none(),
            };
            let own = !asked.notes.is_empty() || !whole;
            let make = || make(&state, &current, asked, chart);
            if own {
                return Arc::new(make()).respond(&headers, Caching::Revalidate, StatusCode::OK);
            }
            let Ok(page) = current.representation(key, || Ok::<_, Infallible>(make()));
            page
        }
    };
    // A reader who comes back wants the newest page: it is asked for each time, and a 304 is cheap.
    current.cacheable(page.respond(&headers, Caching::Revalidate, StatusCode::OK), &page)
}

/// The page as it is without a query.
pub fn without_query(state: &AppState, current: &CurrentRates) -> Arc<Representation> {
    let asked = Asked::read("");
    let key = key(&asked.state);
    let make = || Ok::<_, Infallible>(make(state, current, asked, None));
    let Ok(page) = current.representation(key, make);
    page
}

/// What a page is asked for.
struct Asked {
    state: PageState,
    /// What was wrong in the address.
    notes: Vec<String>,
    /// Reads as both of them.
    query: String,
}

impl Asked {
    fn read(query: &str) -> Self {
        let (state, notes) = PageState::read(query);
        // One page for all addresses that mean the same.
        let query = if notes.is_empty() { state.query() } else { query.to_owned() };
        Self { state, notes, query }
    }
}

fn key(state: &PageState) -> String {
    format!("page?{}", state.query())
}

fn make(
    state: &AppState,
    current: &CurrentRates,
    asked: Asked,
    chart: Option<Arc<Chart>>,
) -> Representation {
    let mut latest = latest_of(state, &current.published, state.now(), &asked.state.base);
    // The one that the page goes by: it may have changed within this second.
    latest.status = current.status;
    let page = |latest: Latest, data: &[u8]| {
        let page = || rates_page(latest, data, asked);
        let html = document(&state.assets, TITLE, Script::Page, page);
        Representation::new(HTML, html).of(&current.snapshot)
    };
    if chart.is_some() {
        latest.chart = chart;
        let data = json(&latest);
        return page(latest, data.as_bytes());
    }
    // The same for every page of the board in one base, and much of the work of making one;
    // `server_time` in it is that of the first. A page looks at it only in answers to itself.
    let base = latest.trends.as_ref().map_or("none", |trends| trends.base.as_str());
    let key = format!("page's data in {base}");
    let data = || Ok::<_, Infallible>(Representation::new(JSON, json(&latest)));
    let Ok(data) = current.representation(key, data);
    page(latest, data.identity())
}

const TITLE: &str = "Crypto Rates";

/// What a page or a refresh of it gets, whole.
pub async fn latest(state: &Arc<AppState>, wanted: &LatestRequest) -> Latest {
    let chart = chart_of(state, wanted).await;
    let latest = latest_of(state, &state.published(), state.now(), &wanted.base);
    Latest { chart, ..latest }
}

/// What a page in this state asks for, as far as there is such a currency: the page says if not.
fn wanted(state: &PageState, snapshot: &Snapshot) -> LatestRequest {
    let known = |code: &&Code| snapshot.get(code).is_some();
    let symbol = state.symbol.as_ref().filter(known);
    LatestRequest {
        base: Some(&state.base).filter(known).cloned().unwrap_or_else(Code::btc),
        chart: symbol.map(|symbol| (symbol.clone(), state.span)),
    }
}

async fn chart_of(state: &Arc<AppState>, wanted: &LatestRequest) -> Option<Arc<Chart>> {
    let (symbol, span) = wanted.chart.clone()?;
    chart(state, symbol, wanted.base.clone(), span).await
}

/// In bitcoin if there is no such base; the page says so.
fn latest_of(state: &AppState, published: &Published, now: Timestamp, base: &Code) -> Latest {
    let snapshot = published.snapshot();
    Latest {
        status: snapshot.map_or(CacheStatus::Stale, |snapshot| published.status(snapshot, now)),
        snapshot: snapshot.cloned(),
        trends: published.trends(base).or_else(|| published.trends(&Code::btc())),
        chart: None,
        next_refresh: published.next_refresh(),
        interval: u32::try_from(published.schedule().interval.as_secs()).unwrap_or(u32::MAX),
        server_time: now,
        build: state.build(),
    }
}

/// Sets status and Retry-After for a server function that has nothing to answer with.
pub fn answer_no_rates_yet(state: &AppState) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        response.insert_header(header::RETRY_AFTER, retry_after(state));
    }
}

fn retry_after(state: &AppState) -> HeaderValue {
    state.published().until_next_refresh(state.now()).as_secs().max(1).into()
}

/// The page before the first rates: it says so, and fills itself when they come.
fn no_rates_yet(state: &AppState, asked: Asked) -> Response {
    let latest = latest_of(state, &state.published(), state.now(), &asked.state.base);
    let json = json(&latest);
    let page = || rates_page(latest, json.as_bytes(), asked);
    let html = document(&state.assets, TITLE, Script::Page, page);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after(state)),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}

/// The data that a page hydrates from.
fn json(latest: &Latest) -> String {
    let json = serde_json::to_string(latest).unwrap_or_default();
    // Inside a script element, only `</script` and `<!--` end or change anything.
    json.replace('<', "\\u003c")
}

/// The page's root, and its data in JSON.
fn rates_page(latest: Latest, json: &[u8], asked: Asked) -> impl IntoView + use<> {
    let json = std::str::from_utf8(json).unwrap_or_default().to_owned();
    let Asked { state, notes, query } = asked;
    let app = App(AppProps { latest, state, notes });
    view! {
        <div id=ROOT_ID data-query=query>{app}</div>
        <script inner_html=inline_scripts::FAVOURITES_FIRST></script>
        <script type="application/json" id=LATEST_ID inner_html=json></script>
    }
}
