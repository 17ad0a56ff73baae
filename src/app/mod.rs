//! The page with all rates, rendered on the server and kept fresh in the browser.
//!
//! Each component has its file. The address holds what the reader looks at ([`state`]), the server provides
//! the data ([`crate::rates::Latest`]), and [`model`] holds both as signals. The page is links and forms that
//! work by themselves; only `browser` and [`platform`] know that there is a browser.

mod alerts;
#[cfg(feature = "hydrate")]
pub mod browser;
mod change;
mod chart;
mod converter;
mod detail;
mod footer;
mod header;
mod help;
mod highlights;
pub mod model;
mod paging;
mod part;
mod platform;
mod reactive;
mod reader;
mod row;
mod select;
mod sort;
pub mod state;
mod table;
mod time;
mod toolbar;
mod wallboard;

use leptos::prelude::*;

use self::{
    alerts::Alerts,
    converter::Converter,
    detail::Detail,
    footer::Footer,
    header::Header,
    help::Help,
    highlights::Highlights,
    model::Model,
    part::new_part,
    reactive::{flag, parts, text},
    table::RatesTable,
    toolbar::Toolbar,
    wallboard::Wallboard,
};

pub use reader::{FAVOURITES, THEME};

/// The `id` of the element that the page is hydrated in.
pub const ROOT_ID: &str = "app";
/// The `id` of the script element with [`crate::rates::Latest`] as JSON.
pub const LATEST_ID: &str = "latest";

/// The whole page, the same on both sides.
#[component]
pub fn App(model: Model) -> impl IntoView {
    let page = parts(move || {
        if model.wallboard.get() {
            new_part(view! { <Wallboard model/> })
        } else {
            new_part(view! { <TablePage model/> })
        }
    });
    view! {
        {page}
        <Help model/>
        <p class="told" role="status">
            <span hidden=flag(move || model.toast.with(String::is_empty))>
                {text(move || model.toast.get())}
            </span>
        </p>
    }
}

#[component]
fn TablePage(model: Model) -> impl IntoView {
    view! {
        <Header model/>
        <main class="container" id="main">
            <Alerts model/>
            <div class="columns">
                <Detail model/>
                <div class="column">
                    <Converter model/>
                    <Highlights model/>
                    <Toolbar model/>
                    <RatesTable model/>
                </div>
            </div>
        </main>
        <Footer/>
    }
}
