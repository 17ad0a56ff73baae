//! The page: one table of everything, rendered on the server and kept fresh in the browser.
//!
//! A component a file. What the reader looks at stands in the address ([`state`]); what there is to
//! see comes from the server ([`latest`]); [`model`] holds both as signals. Only [`platform`],
//! `refresher` and `stream` know that there is a browser.

mod alerts;
mod footer;
mod header;
mod highlights;
pub mod latest;
mod model;
mod platform;
mod reactive;
#[cfg(feature = "hydrate")]
mod refresher;
pub mod state;
#[cfg(feature = "hydrate")]
mod stream;
mod table;
mod time;
mod toolbar;

use leptos::prelude::*;

use self::{
    alerts::Alerts, footer::Footer, header::Header, highlights::Highlights, latest::Latest,
    model::Model, platform::Refresher, state::PageState, table::RatesTable, toolbar::Toolbar,
};

#[cfg(feature = "hydrate")]
pub use refresher::hydrate;

/// The `id` of the element that the page hydrates in.
pub const ROOT_ID: &str = "app";
/// The `id` of the script element that hands [`Latest`] over as JSON.
pub const LATEST_ID: &str = "latest";

/// The whole page, for this state of the rates and of the address.
#[component]
pub fn App(latest: Latest, state: PageState, notes: Vec<String>) -> impl IntoView {
    let (build, interval) = (latest.build.clone(), latest.interval);
    let model = Model::new(latest, state, notes);
    let refresher = Refresher::start(model, build, interval);
    view! {
        <Header model refresher/>
        <main class="container" id="main">
            <Alerts model/>
            <Highlights model/>
            <Toolbar model/>
            <RatesTable model/>
        </main>
        <Footer/>
    }
}
