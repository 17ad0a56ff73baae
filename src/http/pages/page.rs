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
    app::{
        App, PageData,
        state::{PageState, QueryWarning},
        texts::Texts,
    },
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::ChartKey,
    http::{
        current_rates::CurrentRates,
        negotiation::{negotiated, of_language},
    },
    language::Language,
    rates::{CacheStatus, Chart, Code, Latest, Quotation, Snapshot},
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
    let request = PageRequest::read(&query, &headers);
    let (language, varies) = (request.language, request.state.language.is_none());
    let Ok(current) = CurrentRates::now(&state) else {
        return of_language(no_rates_yet(&state, request), language, varies);
    };
    let key = key(&request, &current);
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
                let page = Arc::new(make()).respond(&headers, Caching::Revalidate, StatusCode::OK);
                return of_language(page, language, varies);
            }
            let Ok(page) = current.representation(key, || Ok::<_, Infallible>(make()));
            page
        }
    };
    let response = page.respond(&headers, current.page_caching(), StatusCode::OK);
    let response = of_language(response, language, varies);
    let snapshot = &current.snapshot;
    let old = snapshot.is_over_an_hour_old(current.now);
    let fresh_until = (!old).then(|| snapshot.over_an_hour_old_from());
    current.cacheable_until(fresh_until, response, &page)
}

/// Returns the page for an address without a query, in a language.
pub fn without_query(
    state: &AppState,
    current: &CurrentRates,
    language: Language,
) -> Arc<Representation> {
    let request = PageRequest::without_query(language);
    let key = key(&request, current);
    let make = || Ok::<_, Infallible>(make(state, current, request, [None, None]));
    let Ok(page) = current.representation(key, make);
    page
}

/// Returns whether there is a page without a query in a language.
pub fn has_been_made(current: &CurrentRates, language: Language) -> bool {
    let key = key(&PageRequest::without_query(language), current);
    let kept = |status| current.published.cached_representation(status, &key).is_some();
    [CacheStatus::Fresh, CacheStatus::Cached, CacheStatus::Stale].into_iter().any(kept)
}

/// A request for a page.
struct PageRequest {
    state: PageState,
    /// Problems in the address.
    query_warnings: Vec<QueryWarning>,
    /// The one that the address asks for, else the one of the readers' that the page has.
    language: Language,
    /// A query that state and warnings can be read from again.
    query: String,
}

impl PageRequest {
    fn without_query(language: Language) -> Self {
        Self { language, ..Self::read("", &HeaderMap::new()) }
    }

    fn read(query: &str, headers: &HeaderMap) -> Self {
        let (state, query_warnings) = PageState::read(query);
        // One page for all addresses that mean the same.
        let query = if query_warnings.is_empty() { state.query() } else { query.to_owned() };
        let language = state.language.unwrap_or_else(|| negotiated(headers));
        Self { state, query_warnings, language, query }
    }
}

/// Names everything that a page depends on, except the snapshot and its status.
fn key(request: &PageRequest, current: &CurrentRates) -> String {
    let (language, query) = (request.language.tag(), request.state.query());
    let old = current.snapshot.is_over_an_hour_old(current.now);
    format!("page in {language}{}?{query}", if old { ", over an hour old" } else { "" })
}

fn make(
    state: &AppState,
    current: &CurrentRates,
    request: PageRequest,
    [chart, compared]: [Option<Arc<Chart>>; 2],
) -> Representation {
    let PageRequest { state: asked, query, language, .. } = request;
    let quotation = asked.quotation(&current.snapshot);
    let latest = state.latest(&current.published, &asked.base, quotation, current.now);
    let data = PageData { latest: Latest { chart, compared, ..latest }, query, language };
    Representation::new(HTML, page(state, data)).of(&current.snapshot)
}

/// Renders the page and hands its data over to the browser.
fn page(state: &AppState, data: PageData) -> String {
    let texts = Texts::of(data.language);
    let title = data.title(texts);
    let head = Head { texts, title: &title, script: Script::Page, refresh: None };
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
    let html = page(state, PageData { latest, query: request.query, language: request.language });
    let retry_after = published.until_next_refresh(now).as_secs().max(1);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after.into()),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}
