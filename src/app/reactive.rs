//! Parts of the page that change by themselves, each with one type however many closures make it.
//!
//! Leptos compiles its effects anew for every closure that it is given; the page has dozens of
//! them, and its reader downloads them all. Behind these types there is one copy of each.

use std::sync::{Arc, Mutex};

use leptos::{ev::MouseEvent, prelude::*, tachys::reactive_graph::SharedReactiveFunction};

use super::{model::Model, platform, state::PageState};

/// Text that changes: a text node or the value of an attribute.
pub type Text = SharedReactiveFunction<String>;
/// An attribute that is there or not.
pub type Flag = SharedReactiveFunction<bool>;
/// What a click does.
pub type OnClick = Box<dyn FnMut(MouseEvent)>;

pub fn text(text: impl FnMut() -> String + Send + 'static) -> Text {
    Arc::new(Mutex::new(text))
}

pub fn flag(flag: impl FnMut() -> bool + Send + 'static) -> Flag {
    Arc::new(Mutex::new(flag))
}

/// The address of a state of the page, and what a click on a link to it does. Without JavaScript
/// the address alone does the same.
pub fn link(
    model: Model,
    target: impl Fn(PageState) -> PageState + Copy + Send + 'static,
) -> (Text, OnClick) {
    let href = text(move || target(model.state.get()).href());
    let go = on_click(move || model.go(target(model.state.get_untracked())));
    (href, go)
}

/// Takes plain clicks over; any other (a new tab, a download) stays the browser's.
pub fn on_click(mut act: impl FnMut() + 'static) -> OnClick {
    Box::new(move |click| {
        if platform::is_plain(&click) {
            click.prevent_default();
            act();
        }
    })
}
