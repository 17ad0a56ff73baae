//! The page, rendered by Leptos to a whole document that can be read without JavaScript.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::document::{HTML, Script, document};
use crate::{
    app::{App, AppProps, LATEST_ID, ROOT_ID, model::Model, state::PageState},
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::ChartKey,
    http::current_rates::CurrentRates,
    published::{PageData, PageDataKey},
    rates::{Chart, Code, Latest, LatestRequest, Snapshot},
    state::AppState,
};

/// `GET /`: the rates.
pub async fn rates(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let request = PageRequest::read(&query);
    let Ok(current) = CurrentRates::now(&state) else { return no_rates_yet(&state, request) };
    let key = key(&request.state, &current);
    let ready = current.published.cached_representation(current.status, &key);
    let page = match ready.filter(|_| request.query_warnings.is_empty()) {
        Some(page) => page,
        None => {
            let latest = latest_request(&request.state, &current.snapshot);
            let chart = match latest.chart.clone() {
                Some((symbol, span)) => {
                    let key = ChartKey { symbol, base: latest.base, span };
                    state.chart(&current.published, &key).await
                }
                None => None,
            };
            // Not cached: a page with warnings quotes its request, and a chart that is incomplete now may be
            // complete the next moment.
            let whole = match &chart {
                Some(chart) => chart.complete,
                None => latest.chart.is_none(),
            };
            let own = !request.query_warnings.is_empty() || !whole;
            let make = || make(&state, &current, request, chart);
            if own {
                return Arc::new(make()).respond(&headers, Caching::Revalidate, StatusCode::OK);
            }
            let Ok(page) = current.representation(key, || Ok::<_, Infallible>(make()));
            page
        }
    };
    // A returning reader wants the newest page. Asking each time is cheap, because of 304s.
    let response = page.respond(&headers, Caching::Revalidate, StatusCode::OK);
    let snapshot = &current.snapshot;
    let old = snapshot.is_over_an_hour_old(current.now);
    let fresh_until = (!old).then(|| snapshot.over_an_hour_old_from());
    current.cacheable_until(fresh_until, response, &page)
}

/// Returns the page for an address without a query.
pub fn without_query(state: &AppState, current: &CurrentRates) -> Arc<Representation> {
    let request = PageRequest::read("");
    let key = key(&request.state, current);
    let make = || Ok::<_, Infallible>(make(state, current, request, None));
    let Ok(page) = current.representation(key, make);
    page
}

/// A request for a page.
struct PageRequest {
    state: PageState,
    /// Problems in the address, a sentence each.
    query_warnings: Vec<String>,
    /// A query that state and warnings can be read from again.
    query: String,
}

impl PageRequest {
    fn read(query: &str) -> Self {
        let (state, query_warnings) = PageState::read(query);
        // One page for all addresses that mean the same.
        let query = if query_warnings.is_empty() { state.query() } else { query.to_owned() };
        Self { state, query_warnings, query }
    }
}

/// Names everything that a page depends on, except the snapshot and its status.
fn key(state: &PageState, current: &CurrentRates) -> String {
    let old = current.snapshot.is_over_an_hour_old(current.now);
    format!("page{}?{}", if old { " over an hour old" } else { "" }, state.query())
}

fn make(
    state: &AppState,
    current: &CurrentRates,
    request: PageRequest,
    chart: Option<Arc<Chart>>,
) -> Representation {
    let LatestRequest { base, .. } = latest_request(&request.state, &current.snapshot);
    let latest = || state.latest(&current.published, &base, current.now);
    let data = if chart.is_some() {
        Arc::new(PageData::new(Latest { chart, ..latest() }))
    } else {
        // Shared by all pages in one base, because it is much of the work of rendering.
        let key = PageDataKey {
            base: base.clone(),
            status: current.status,
            over_an_hour_old: current.snapshot.is_over_an_hour_old(current.now),
        };
        current.published.page_data(&key, || PageData::new(latest()))
    };
    let page = || rates_page(&data, request);
    let html = document(&state.assets, TITLE, Script::Page, page);
    Representation::new(HTML, html).of(&current.snapshot)
}

const TITLE: &str = "Crypto Rates";

/// Returns what a page in this state needs. Unknown currencies are left out; the page warns of them.
fn latest_request(state: &PageState, snapshot: &Snapshot) -> LatestRequest {
    let known = |code: &&Code| snapshot.get(code).is_some();
    let symbol = state.symbol.as_ref().filter(known);
    LatestRequest {
        base: Some(&state.base).filter(known).cloned().unwrap_or_else(Code::btc),
        chart: symbol.map(|symbol| (symbol.clone(), state.span)),
    }
}

/// Responds before the first rates: the page says so, and fills in when they arrive.
fn no_rates_yet(state: &AppState, request: PageRequest) -> Response {
    let (published, now) = (state.published(), state.now());
    let data = PageData::new(state.latest(&published, &request.state.base, now));
    let page = || rates_page(&data, request);
    let html = document(&state.assets, TITLE, Script::Page, page);
    let retry_after = published.until_next_refresh(now).as_secs().max(1);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after.into()),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}

/// Renders the page's root and its data as JSON, both from the same values.
fn rates_page(data: &PageData, request: PageRequest) -> impl IntoView + use<> {
    let PageRequest { state, query_warnings, query } = request;
    let model = Model::new(data.latest.clone(), state, query_warnings);
    let app = App(AppProps { model });
    view! {
        <div id=ROOT_ID data-query=query>{app}</div>
        <script id=inline_scripts::FAVOURITES_FIRST_ID inner_html=inline_scripts::FAVOURITES_FIRST></script>
        <script type="application/json" id=LATEST_ID inner_html=data.json.clone()></script>
    }
}
