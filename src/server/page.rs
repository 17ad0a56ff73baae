//! The pages: rendered to a whole document by Leptos, so that they read without JavaScript.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    Service,
    api::{Reading, until_next_try},
    assets::Assets,
    chart, inline,
    problem::Problem,
};
use crate::{
    answers::{Caching, Representation},
    app::{App, AppProps, LATEST_ID, ROOT_ID, latest::Latest, state::PageState},
    board::Board,
    rates::{CacheStatus, Chart, Code, Snapshot, Timestamp},
    server_fn::Wanted,
};

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// `GET /`: the rates.
pub async fn rates(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = Asked::read(&query);
    let Ok(reading) = Reading::of(&service) else { return no_rates_yet(&service, asked) };
    let key = key(&asked.state);
    let ready = reading.board.made(reading.status, &key).filter(|_| asked.notes.is_empty());
    let page = match ready {
        Some(page) => page,
        None => {
            let wanted = wanted(&asked.state, &reading.snapshot);
            let chart = chart_of(&service, &wanted).await;
            // Notes quote the request: such a page is nobody else's. What is missing may be there the
            // next moment.
            let whole = match &chart {
                Some(chart) => chart.complete,
                None => wanted.chart.is_none(),
            };
            let own = !asked.notes.is_empty() || !whole;
            let make = || make(&service, &reading, asked, chart);
            if own {
                return Arc::new(make()).respond(&headers, Caching::Revalidate, StatusCode::OK);
            }
            let Ok(page) =
                reading.board.answer(reading.status, key, || Ok::<_, Infallible>(make()));
            page
        }
    };
    // A reader who comes back wants the newest page: it is asked for each time, and a 304 is cheap.
    reading.settle(page.respond(&headers, Caching::Revalidate, StatusCode::OK), &page)
}

/// The page as it is without a query.
pub fn whole(service: &Service, reading: &Reading) -> Arc<Representation> {
    let asked = Asked::read("");
    let key = key(&asked.state);
    let make = || Ok::<_, Infallible>(make(service, reading, asked, None));
    let Ok(page) = reading.board.answer(reading.status, key, make);
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
    service: &Service,
    reading: &Reading,
    asked: Asked,
    chart: Option<Arc<Chart>>,
) -> Representation {
    let mut latest = latest_of(service, &reading.board, service.now(), &asked.state.base);
    // The one that the page goes by: it may have changed within this second.
    latest.status = reading.status;
    let page = |latest: Latest, data: &[u8]| {
        let page = || rates_page(latest, data, asked);
        let html = document(&service.assets, TITLE, Script::Page, page);
        Representation::new(HTML, html).of(&reading.snapshot)
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
    let Ok(data) = reading.board.answer(reading.status, key, data);
    page(latest, data.identity())
}

const TITLE: &str = "Crypto Rates";

/// What a page or a refresh of it gets, whole.
pub async fn latest(service: &Arc<Service>, wanted: &Wanted) -> Latest {
    let chart = chart_of(service, wanted).await;
    let latest = latest_of(service, &service.board(), service.now(), &wanted.base);
    Latest { chart, ..latest }
}

/// What a page in this state asks for, as far as there is such a currency: the page says if not.
fn wanted(state: &PageState, snapshot: &Snapshot) -> Wanted {
    let known = |code: &&Code| snapshot.get(code).is_some();
    let symbol = state.symbol.as_ref().filter(known);
    Wanted {
        base: Some(&state.base).filter(known).cloned().unwrap_or_else(Code::btc),
        chart: symbol.map(|symbol| (symbol.clone(), state.span)),
    }
}

async fn chart_of(service: &Arc<Service>, wanted: &Wanted) -> Option<Arc<Chart>> {
    let (symbol, span) = wanted.chart.clone()?;
    chart::chart(service, symbol, wanted.base.clone(), span).await
}

/// In bitcoin if there is no such base; the page says so.
fn latest_of(service: &Service, board: &Board, now: Timestamp, base: &Code) -> Latest {
    let snapshot = board.snapshot();
    Latest {
        status: snapshot.map_or(CacheStatus::Stale, |snapshot| board.status(snapshot, now)),
        snapshot: snapshot.cloned(),
        trends: board.trends(base).or_else(|| board.trends(&Code::btc())),
        chart: None,
        next_refresh: board.next_refresh(),
        interval: u32::try_from(board.schedule().interval.as_secs()).unwrap_or(u32::MAX),
        server_time: now,
        build: service.build(),
    }
}

/// Sets status and Retry-After for a server function that has nothing to answer with.
pub fn answer_no_rates_yet(service: &Service) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        response.insert_header(header::RETRY_AFTER, retry_after(service));
    }
}

fn retry_after(service: &Service) -> HeaderValue {
    until_next_try(&service.board(), service.now()).as_secs().max(1).into()
}

/// The page before the first rates: it says so, and fills itself when they come.
fn no_rates_yet(service: &Service, asked: Asked) -> Response {
    let latest = latest_of(service, &service.board(), service.now(), &asked.state.base);
    let json = json(&latest);
    let page = || rates_page(latest, json.as_bytes(), asked);
    let html = document(&service.assets, TITLE, Script::Page, page);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, retry_after(service)),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html).into_response()
}

/// What a path gets that leads nowhere: a page for a browser, a problem for a program.
pub fn not_found(service: &Service, path: &str, headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let program = path.starts_with("/api/") || path.starts_with("/fn/");
    if program || !accept.is_some_and(|accept| accept.contains("text/html")) {
        let problem = Problem::not_found(&super::problem::shown(path));
        // As the API's own answers: a page of any origin may read why.
        let any_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        return if path.starts_with("/api/") {
            (any_origin, problem).into_response()
        } else {
            problem.into_response()
        };
    }
    let html = document(&service.assets, "Not found – Crypto Rates", Script::None, || {
        view! {
            <header class="masthead">
                <div class="container masthead-row">
                    <a class="brand" href="/">"Crypto Rates"</a>
                </div>
            </header>
            <main class="container lost">
                <h1>"There is nothing here"</h1>
                <p>"The address leads nowhere. "<a href="/">"See the rates"</a>"."</p>
            </main>
        }
    });
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, html).into_response()
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
        <script inner_html=inline::FAVOURITES_FIRST></script>
        <script type="application/json" id=LATEST_ID inner_html=json></script>
    }
}

/// Whether a document is taken over in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Page,
    None,
}

/// A whole document around `body`.
pub fn document<V: IntoView>(
    assets: &Assets,
    title: &str,
    script: Script,
    body: impl FnOnce() -> V,
) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        let style = assets.bundle.as_ref().map(|bundle| {
            view! { <link rel="stylesheet" href=bundle.css.clone()/> }
        });
        let bundle = assets.bundle.as_ref().filter(|_| script == Script::Page);
        let script = bundle.map(|bundle| {
            view! { <script type="module" inner_html=bundle.loader.clone()></script> }
        });
        // Not painted in pieces, of which the later ones would move the earlier.
        let whole = bundle.is_some().then(|| {
            view! { <link rel="expect" href=format!("#{ROOT_ID}") blocking="render"/> }
        });
        let description = "What one bitcoin, euro, ounce of gold or any of some 76 currencies is worth, refreshed every five minutes.";
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="theme-color" content="#0f5c4f"/>
                    <meta name="description" content=description/>
                    <title>{title.to_owned()}</title>
                    <script inner_html=inline::BEFORE_PAINT></script>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="manifest" href="/app.webmanifest"/>
                    <link rel="apple-touch-icon" href="/icon-192.png"/>
                    {whole}
                    {style}
                    {script}
                </head>
                <body>{body()}</body>
            </html>
        }
        .to_html()
    });
    owner.cleanup();
    html
}
