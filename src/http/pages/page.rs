//! The page, rendered by Leptos to a whole document that can be read without JavaScript.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;

use super::{
    day::Day,
    document::{HTML, Head, Script, document},
    form, tile,
};
use crate::{
    app::{App, PageData, PastApp, state::PageState},
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::ChartKey,
    http::{current_rates::CurrentRates, past::PastRates},
    query,
    rates::{Chart, Code, Latest, Quotation, Snapshot},
    state::AppState,
};

/// What is said of a date while there are no rates, whose names those of a day need.
const NO_DAY_YET: &str = "The rates of the day in the address can't be shown yet. Reload the page to ask for them again.";

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
    if let Some(query) = form::plain_query(&query) {
        let href = if query.is_empty() { "./".to_owned() } else { format!("?{query}") };
        return Redirect::temporary(&href).into_response();
    }
    let mut request = PageRequest::read(&query);
    let date = request.state.date;
    let Ok(current) = CurrentRates::now(&state) else { return no_rates_yet(&state, request) };
    if let Some(date) = date {
        match Day::find(&state, &current, &request.state, &date).await {
            Day::Over(past) => return of_the_past(&state, &current, &past, request, &headers),
            Day::NotOver => {
                let now = PageState { date: None, ..request.state };
                return Redirect::temporary(&now.href()).into_response();
            }
            Day::Refused(why) => request = request.refuse_date(why),
        }
    }
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

/// Responds with the rates of an earlier day, which stay as they are.
fn of_the_past(
    state: &AppState,
    current: &CurrentRates,
    past: &PastRates,
    request: PageRequest,
    headers: &HeaderMap,
) -> Response {
    let own = !request.query_warnings.is_empty();
    let base = request.state.base.clone();
    let latest = state.latest(&current.published, &base, Quotation::default(), current.now);
    let snapshot = Some(Arc::clone(&past.snapshot));
    let data = request.data(Latest { snapshot, trends: None, ..latest });
    let body = Arc::new(Representation::new(HTML, past_page(state, data)).of(&past.snapshot));
    if own {
        return body.respond(headers, Caching::Revalidate, StatusCode::OK);
    }
    let response = body.respond(headers, current.page_caching(), StatusCode::OK);
    current.cacheable(response, &body)
}

/// A request for a page.
struct PageRequest {
    state: PageState,
    /// Problems in the address, a sentence each.
    query_warnings: Vec<String>,
    /// The query of the address.
    query: String,
}

impl PageRequest {
    fn read(query: &str) -> Self {
        let (state, query_warnings) = PageState::read(query);
        Self { state, query_warnings, query: query.to_owned() }
    }

    /// Returns the request without its date.
    fn refuse_date(mut self, why: String) -> Self {
        self.query_warnings.push(why);
        Self { state: PageState { date: None, ..self.state }, ..self }
    }

    /// Returns what the page is made of. One page for all addresses that mean the same.
    fn data(self, latest: Latest) -> PageData {
        let Self { state, query_warnings, query } = self;
        let is_date =
            |pair: &&str| query::pairs(pair).any(|pair| pair.name.as_deref() == Ok("date"));
        let query = if query_warnings.is_empty() {
            state.query()
        } else if state.date.is_some() {
            query
        } else {
            // The browser knows no dates: what is wrong with one is a note.
            query.split('&').filter(|pair| !is_date(pair)).collect::<Vec<_>>().join("&")
        };
        let (_, told_again) = PageState::read(&query);
        let others = query_warnings.into_iter().filter(|warning| !told_again.contains(warning));
        PageData { latest, note: others.collect::<Vec<_>>().join(" "), query }
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
    let asked = &request.state;
    let quotation = asked.quotation(&current.snapshot);
    let latest = state.latest(&current.published, &asked.base, quotation, current.now);
    let data = request.data(Latest { chart, compared, ..latest });
    Representation::new(HTML, page(state, data)).of(&current.snapshot)
}

/// Renders the page of the rates of now, and hands its data over to the browser.
fn page(state: &AppState, data: PageData) -> String {
    document_of(state, data, Script::Page, || view! { <App/> })
}

/// Renders the page of an earlier day, which stays as it is.
fn past_page(state: &AppState, data: PageData) -> String {
    document_of(state, data, Script::Past, || view! { <PastApp/> })
}

fn document_of<V: IntoView>(
    state: &AppState,
    data: PageData,
    script: Script,
    app: impl FnOnce() -> V,
) -> String {
    let title = data.title();
    let head = Head { title: &title, script, refresh: None };
    document(&state.assets, head, || {
        provide_context(data);
        view! {
            {app()}
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
    // It fills itself with the rates of now.
    let request = match request.state.date {
        Some(_) => request.refuse_date(NO_DAY_YET.to_owned()),
        None => request,
    };
    let html = page(state, request.data(latest));
    let retry_after = published.until_next_refresh(now).as_secs().max(1);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after.into()),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}
