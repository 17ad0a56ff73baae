//! The page's life in the browser: it takes the server's page over, keeps it fresh, and answers to
//! mouse, touch and keys.

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

/// Takes the server's page over. Does nothing on a page that is not ours.
pub fn hydrate() {
    let Some(document) = dom::document() else { return };
    let json = document.get_element_by_id(LATEST_ID).and_then(|script| script.text_content());
    let root = document.get_element_by_id(ROOT_ID);
    let latest = json.and_then(|json| Latest::read(&js_sys::JSON::parse(&json).ok()?));
    let (Some(root), Some(latest)) = (root, latest) else { return };
    // As the page was made. Without a network the worker shows the one that it has kept, whatever
    // the address asks for; what that is, the page shows as soon as it runs.
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
    // From now on the wallboard turns its pages; until then it can be scrolled.
    if let Some(root) = dom::document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("data-live", "");
    }
    device::keep_for_later();
}

/// As `leptos::mount::hydrate_from`, but without what hands over the data of resources and errors, of
/// which there are none: it can be printed for debugging, and that is 5 KB of the download.
fn take_over<V: IntoView>(root: Element, page: impl FnOnce() -> V) {
    // Fails if somebody has done so already, and that is as good.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let state = owner
        .with(|| page().into_view().hydrate::<true>(&Cursor::new(root), &PositionState::default()));
    // Nothing ends it: the page is never taken down but with the whole document.
    mem::forget((owner, state));
}
