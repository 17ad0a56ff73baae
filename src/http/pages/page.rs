//! The page, rendered by Leptos to a whole document that can be read without JavaScript.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    document::{HTML, Head, Script, document},
    tile,
};
use crate::{
    app::{App, PageData, state::PageState},
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::ChartKey,
    http::current_rates::CurrentRates,
    rates::{Chart, Code, Latest, Quotation, Snapshot},
    state::AppState,
};

/// `GET /`: the rates.
pub async fn rates(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    if let Some(query) = tile::asked_for(&query) {
        return tile::tile(&state, &query, &headers);
    }
    let request = PageRequest::read(&query);
    let Ok(current) = CurrentRates::now(&state) else { return no_rates_yet(&state, request) };
    let key = key(&request.state, &current);
    let ready = current.published.cached_representation(current.status, &key);
    let page = match ready.filter(|_| request.query_warnings.is_empty()) {
        Some(page) => page,
        None => {
            let keys = chart_keys(&request.state, &current.snapshot);
            let charts = state.charts(&current.published, &keys).await;
            // Not cached: a page with warnings quotes its request, and a chart that is incomplete now may be
            // complete the next moment.
            let whole = keys.iter().zip(&charts).all(|(key, chart)| match chart {
                Some(chart) => chart.complete,
                None => key.is_none(),
            });
            let own = !request.query_warnings.is_empty() || !whole;
            let make = || make(&state, &current, request, charts);
            if own {
                return Arc::new(make()).respond(&headers, Caching::Revalidate, StatusCode::OK);
            }
            let Ok(page) = current.representation(key, || Ok::<_, Infallible>(make()));
            page
        }
    };
    let response = page.respond(&headers, current.page_caching(), StatusCode::OK);
    let snapshot = &current.snapshot;
    let old = snapshot.is_over_an_hour_old(current.now);
    let fresh_until = (!old).then(|| snapshot.over_an_hour_old_from());
    current.cacheable_until(fresh_until, response, &page)
}

/// Returns the page for an address without a query.
pub fn without_query(state: &AppState, current: &CurrentRates) -> Arc<Representation> {
    let request = PageRequest::read("");
    let key = key(&request.state, current);
    let make = || Ok::<_, Infallible>(make(state, current, request, [None, None]));
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
    [chart, compared]: [Option<Arc<Chart>>; 2],
) -> Representation {
    let PageRequest { state: asked, query, .. } = request;
    let quotation = asked.quotation(&current.snapshot);
    let latest = state.latest(&current.published, &asked.base, quotation, current.now);
    let data = PageData { latest: Latest { chart, compared, ..latest }, query };
    Representation::new(HTML, page(state, data)).of(&current.snapshot)
}

/// Renders the page and hands its data over to the browser.
fn page(state: &AppState, data: PageData) -> String {
    let title = data.title();
    let head = Head { title: &title, script: Script::Page, refresh: None };
    document(&state.assets, head, || {
        provide_context(data);
        view! {
            <App/>
            <script id=inline_scripts::FAVOURITES_FIRST_ID inner_html=inline_scripts::FAVOURITES_FIRST></script>
        }
    })
}

/// Returns the charts that a page in this state shows: of its symbol, and of what that is compared with. None of
/// unknown currencies: the page warns of them.
fn chart_keys(state: &PageState, snapshot: &Snapshot) -> [Option<ChartKey>; 2] {
    let known = |code: &&Code| snapshot.get(code).is_some();
    let base = Some(&state.base).filter(known).cloned().unwrap_or_else(Code::btc);
    let quotation = state.quotation(snapshot);
    let key = |symbol: &Code| {
        let (symbol, base) = (symbol.clone(), base.clone());
        ChartKey { symbol, base, quotation, span: state.span }
    };
    let symbol = state.symbol.as_ref().filter(known);
    [symbol, symbol.and(state.compare.as_ref()).filter(known)].map(|code| code.map(key))
}

/// Responds before the first rates: the page says so, and fills in when they arrive.
fn no_rates_yet(state: &AppState, request: PageRequest) -> Response {
    let (published, now) = (state.published(), state.now());
    let quotation = Quotation::default();
    let latest = state.latest(&published, &request.state.base, quotation, now);
    let html = page(state, PageData { latest, query: request.query });
    let retry_after = published.until_next_refresh(now).as_secs().max(1);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after.into()),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}
