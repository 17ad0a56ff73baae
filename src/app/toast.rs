//! A message about what was just done, such as a value copied.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::model::Model;

/// Milliseconds for which a message is shown.
const SHOWN_FOR: u32 = 4_000;

#[component]
pub fn Toast() -> impl IntoView {
    let Model { toast, .. } = expect_context();
    // Dropped with the next message, which is shown for its own time.
    let timeout = StoredValue::new_local(None);
    Effect::new(move || {
        let shown = toast.with(Option::is_some);
        let clear = move || toast.set(None);
        timeout.set_value(shown.then(|| Timeout::new(SHOWN_FOR, clear)));
    });
    view! {
        <p class="told" role="status">
            <span inner_html=move || toast.get().unwrap_or_default()></span>
        </p>
    }
}
