//! The page in the browser: it hydrates the server's HTML, keeps it fresh, and responds to mouse, touch and
//! keys.

mod actions;
mod device;
mod dom;
mod input;
mod keys;
mod language;
mod refresher;
mod stream;
mod wallboard;

use std::mem;

use any_spawner::Executor;
use leptos::{
    prelude::*,
    tachys::{hydration::Cursor, view::PositionState},
};
use web_sys::Element;

use self::refresher::Refresher;
use super::{App, LATEST_ID, ROOT_ID, model::Model, state::PageState};
use crate::rates::Latest;

/// Hydrates the server's page. Does nothing on any other page.
pub fn hydrate() {
    let Some(document) = dom::document() else { return };
    let json = document.get_element_by_id(LATEST_ID).and_then(|script| script.text_content());
    let root = document.get_element_by_id(ROOT_ID);
    let latest = json.and_then(|json| Latest::read(&js_sys::JSON::parse(&json).ok()?));
    let (Some(root), Some(latest)) = (root, latest) else { return };
    // The query that the page was made for. Without a network, the worker shows the page it has kept whatever
    // the address is; once hydrated, the page shows the state of the address.
    let made_for = root.get_attribute("data-query").unwrap_or_default();
    let (state, query_warnings) = PageState::read(&made_for);
    let (build, interval) = (latest.build.clone(), latest.interval);
    take_over(root, || {
        let model = Model::new(latest, state, query_warnings);
        let refresher = Refresher::start(model, build, interval);
        input::start(model, refresher);
        keys::start(model);
        view! { <App model/> }
    });
    // From now on the wallboard turns pages; until then it can be scrolled.
    if let Some(root) = dom::document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("data-live", "");
    }
    device::keep_for_later();
}

/// Like `leptos::mount::hydrate_from`, but without its support for resources and errors, which the page does
/// not use. Their debug output alone would add 5 KB to the download.
fn take_over<V: IntoView>(root: Element, page: impl FnOnce() -> V) {
    // Fails if there is an executor already, which is just as good.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let state = owner
        .with(|| page().into_view().hydrate::<true>(&Cursor::new(root), &PositionState::default()));
    // Never dropped: the page lives as long as its document.
    mem::forget((owner, state));
}
