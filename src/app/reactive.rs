//! Parts of the page that change by themselves, with one type however many closures make them.
//!
//! Leptos compiles its effects for every closure that it is given. The page has dozens of closures, and
//! readers would download all copies; with these types there is one of each.

use std::sync::{Arc, Mutex};

use leptos::{prelude::*, tachys::reactive_graph::SharedReactiveFunction};

use super::{model::Model, part::Part, state::PageState};

/// Text that changes: a text node or the value of an attribute.
pub type Text = SharedReactiveFunction<String>;
/// An attribute that is present or not.
pub type Flag = SharedReactiveFunction<bool>;

/// A part of the page that changes.
pub type Parts = SharedReactiveFunction<Part>;

pub fn parts(part: impl FnMut() -> Part + Send + 'static) -> Parts {
    Arc::new(Mutex::new(part))
}

pub fn text(text: impl FnMut() -> String + Send + 'static) -> Text {
    Arc::new(Mutex::new(text))
}

pub fn flag(flag: impl FnMut() -> bool + Send + 'static) -> Flag {
    Arc::new(Mutex::new(flag))
}

/// Returns the address of a state of the page. With JavaScript, a click on it loads no page: see
/// `src/app/browser/input.rs`.
pub fn href(model: Model, target: impl Fn(PageState) -> PageState + Copy + Send + 'static) -> Text {
    text(move || target(model.state.get()).href())
}
