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
    app::{
        App, FilledIn, PageData, PastApp,
        state::{PageState, QueryWarning},
        texts::Texts,
    },
    assets::inline_scripts,
    cache::{Caching, Representation},
    history::ChartKey,
    http::{
        current_rates::CurrentRates,
        negotiation::{negotiated, of_language},
        past::PastRates,
    },
    language::Language,
    query,
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
    if let Some(query) =
        form::plain_query(&query, &headers, state.published().snapshot().map(|it| &**it))
    {
        let href = if query.is_empty() { "./".to_owned() } else { format!("?{query}") };
        return Redirect::temporary(&href).into_response();
    }
    let mut request = PageRequest::read(&query, &headers);
    let (language, varies) = (request.language, request.state.language.is_none());
    let date = request.state.date;
    let Ok(current) = CurrentRates::now(&state) else {
        return of_language(no_rates_yet(&state, request), language, varies);
    };
    if let Some(date) = date {
        match Day::find(&state, &current, &request.state, &date, request.texts()).await {
            Day::Over(past) => return of_the_past(&state, &current, &past, request, &headers),
            Day::NotOver => return Redirect::temporary(&request.href_of_now()).into_response(),
            Day::Refused(why) => request = request.refuse_date(why),
        }
    }
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

/// Responds with the rates of an earlier day, which stay as they are.
fn of_the_past(
    state: &AppState,
    current: &CurrentRates,
    past: &PastRates,
    request: PageRequest,
    headers: &HeaderMap,
) -> Response {
    let own = !request.query_warnings.is_empty();
    let (language, varies) = (request.language, request.state.language.is_none());
    let base = request.state.base.clone();
    let latest = state.latest(&current.published, &base, Quotation::default(), current.now);
    let snapshot = Some(Arc::clone(&past.snapshot));
    let data = request.data(Latest { snapshot, trends: None, ..latest });
    let missing = current.snapshot.rates().len().saturating_sub(past.snapshot.rates().len());
    let filled_in = past.backfilled.then_some(FilledIn { missing });
    let html = past_page(state, data, filled_in);
    let body = Arc::new(Representation::new(HTML, html).of(&past.snapshot));
    let caching = if own { Caching::Revalidate } else { current.page_caching() };
    let response = of_language(body.respond(headers, caching, StatusCode::OK), language, varies);
    if own { response } else { current.cacheable(response, &body) }
}

/// A request for a page.
struct PageRequest {
    state: PageState,
    /// Problems in the address.
    query_warnings: Vec<QueryWarning>,
    /// The one that the address asks for, else the one of the readers' that the page has.
    language: Language,
    /// The query of the address.
    query: String,
}

impl PageRequest {
    fn without_query(language: Language) -> Self {
        Self { language, ..Self::read("", &HeaderMap::new()) }
    }

    fn read(query: &str, headers: &HeaderMap) -> Self {
        let (state, query_warnings) = PageState::read(query);
        let language = state.language.unwrap_or_else(|| negotiated(headers));
        Self { state, query_warnings, language, query: query.to_owned() }
    }

    fn texts(&self) -> Texts {
        Texts::of(self.language)
    }

    /// Returns the address without its date. Values that are wrong stay: the page that follows names them.
    fn href_of_now(self) -> String {
        if self.query_warnings.is_empty() {
            PageState { date: None, ..self.state }.href()
        } else {
            format!("./?{}", without_date(&self.query))
        }
    }

    /// Returns the request without its date.
    fn refuse_date(mut self, why: String) -> Self {
        self.query_warnings.push(QueryWarning::told(why));
        Self { state: PageState { date: None, ..self.state }, ..self }
    }

    /// Returns what the page is made of. One page for all addresses that mean the same.
    fn data(self, latest: Latest) -> PageData {
        let texts = self.texts();
        let Self { state, query_warnings, language, query } = self;
        let query = if query_warnings.is_empty() {
            state.query()
        } else if state.date.is_some() {
            query
        } else {
            // The browser knows no dates: what is wrong with one is a note.
            without_date(&query)
        };
        let (_, told_again) = PageState::read(&query);
        let others = query_warnings.iter().filter(|warning| !told_again.contains(warning));
        let note = others.map(|warning| warning.text(texts)).collect::<Vec<_>>().join(" ");
        PageData { latest, query, language, note }
    }
}

fn without_date(query: &str) -> String {
    let is_date = |pair: &&str| query::pairs(pair).any(|pair| pair.name.as_deref() == Ok("date"));
    query.split('&').filter(|pair| !is_date(pair)).collect::<Vec<_>>().join("&")
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
fn past_page(state: &AppState, data: PageData, filled_in: Option<FilledIn>) -> String {
    document_of(state, data, Script::Past, || {
        if let Some(filled_in) = filled_in {
            provide_context(filled_in);
        }
        view! { <PastApp/> }
    })
}

fn document_of<V: IntoView>(
    state: &AppState,
    data: PageData,
    script: Script,
    app: impl FnOnce() -> V,
) -> String {
    let texts = Texts::of(data.language);
    let title = data.title(texts);
    let head = Head { texts, title: &title, script, refresh: None };
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
        Some(_) => {
            let why = request.texts().get("day-not-yet").to_owned();
            request.refuse_date(why)
        }
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
