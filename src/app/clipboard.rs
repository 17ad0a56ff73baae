//! Copying a value with all its digits, in a form that programs read.

use leptos::{prelude::*, task::spawn_local};

use super::{browser::device, model::Model};
use crate::rates::Code;

/// Copies what the amount of the base is worth in this currency, and says so.
pub fn copy_value(model: Model, code: &Code) {
    let Some(snapshot) = untrack(|| model.snapshot()) else { return };
    let state = model.state.get_untracked();
    let Some((per, rate)) = snapshot.per(&state.base).zip(snapshot.get(code)) else { return };
    let value = per.quote(rate).times(state.amount.value()).value;
    // As JavaScript writes it: the shortest digits that read back as the same number.
    let Ok(number) = js_sys::Number::from(value).to_string_with_radix(10).map(String::from) else {
        return;
    };
    spawn_local(async move {
        let done = if device::copy(&number).await {
            format!("Copied {number}")
        } else {
            format!("The browser does not let this page copy: {number}")
        };
        model.toast.set(Some(done));
    });
}
