//! The page with all rates, rendered on the server and kept fresh in the browser.
//!
//! A component has a file of its own. The address holds what the reader looks at ([`state`]), the server
//! provides the data ([`PageData`], then [`crate::server_fn::latest`]), and [`model`] holds both as signals.
//! The page is links and forms that work by themselves; `browser` is what no component can do.

mod alerts;
mod announcer;
mod browser;
pub mod change;
mod clipboard;
mod converter;
mod currency_select;
mod detail;
mod fold;
mod footer;
mod freshness;
mod header;
mod heading;
mod help;
mod highlights;
mod languages;
mod model;
mod nav_link;
mod navigation;
mod next_refresh;
mod paging;
mod past;
mod pinning;
mod price_alerts;
mod rates_table;
mod reader;
mod row;
mod search;
mod select;
mod sort;
mod sparkline;
pub mod state;
mod table_row;
mod tabs;
mod text;
pub mod texts;
mod tile;
pub mod time;
pub mod title;
mod toast;
mod toolbar;
mod tools;
mod wallboard;
mod why_no_changes;

use leptos::{either::Either, prelude::*};
use serde::{Deserialize, Serialize};

use self::{
    alerts::Alerts,
    announcer::Announcer,
    browser::refresher::Refresher,
    converter::Converter,
    detail::Detail,
    footer::Footer,
    header::Header,
    help::Help,
    highlights::Highlights,
    model::Model,
    rates_table::RatesTable,
    state::{PageState, QueryWarning},
    texts::Texts,
    toast::Toast,
    toolbar::Toolbar,
    wallboard::Wallboard,
};
use crate::{language::Language, rates::Latest};

#[cfg(feature = "ssr")]
pub use converter::SHOWN;
#[cfg(feature = "ssr")]
pub use past::FilledIn;
pub use reader::{FAVOURITES, LANGUAGE, THEME};

/// What the server makes a page of, and hands over to the browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PageData {
    pub latest: Latest,
    /// The query that the page was made for. Without a network, the worker shows the page that it has kept
    /// whatever the address is.
    pub query: String,
    #[serde(default, skip_serializing_if = "Language::is_default")]
    pub language: Language,
    /// What the query does not tell again, because the server alone knows: why there is no page of a day. A sentence, or
    /// empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Hydrates the server's page.
#[cfg(feature = "hydrate")]
pub fn take_over() {
    use leptos::server_fn::client::try_set_server_url;

    // Relative to the page, wherever that is. This fails if it is set, and nothing else sets it.
    let _ = try_set_server_url(".");
    hydrate_body(App);
}

/// The whole page, the same on both sides. The server provides its [`PageData`] by context.
#[component]
pub fn App() -> impl IntoView {
    let data = SharedValue::new(expect_context::<PageData>);
    let PageData { latest, query, language, note } = data.into_inner();
    let (state, mut query_warnings) = PageState::read(&query);
    if !note.is_empty() {
        query_warnings.push(QueryWarning::told(note));
    }
    let model = Model::new(latest, state, query_warnings, Texts::of(language));
    let refresher = Refresher::new(model);
    provide_context(model);
    provide_context(refresher);
    browser::start(model, refresher);
    view! {
        {page(model)}
        <Help/>
        <Toast/>
        <Announcer/>
    }
}

/// The page of an earlier day, which no browser hydrates. What it needs JavaScript for is left out.
#[cfg(feature = "ssr")]
#[component]
pub fn PastApp() -> impl IntoView {
    let PageData { latest, query, language, .. } = expect_context();
    let (state, query_warnings) = PageState::read(&query);
    let model = Model::new(latest, state, query_warnings, Texts::of(language));
    provide_context(model);
    page(model)
}

/// The wallboard or the table. Each is a page of its own, and a way from one to the other loads it: what makes the
/// other's view in the browser would be 8 KB more to download.
fn page(model: Model) -> impl IntoView {
    if model.wallboard {
        Either::Left(view! { <Wallboard/> })
    } else {
        Either::Right(view! { <TablePage/> })
    }
}

#[component]
fn TablePage() -> impl IntoView {
    view! {
        <Header/>
        <main class="container" id="main">
            <Alerts/>
            <div class="columns">
                <div class="side">
                    <Converter/>
                    <Detail/>
                    <Highlights/>
                </div>
                <div class="column">
                    <Toolbar/>
                    <RatesTable/>
                </div>
            </div>
        </main>
        <Footer/>
    }
}
