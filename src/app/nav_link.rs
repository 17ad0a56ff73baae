//! A link of a list of which one is chosen.

use leptos::prelude::*;

#[component]
pub fn NavLink(
    label: &'static str,
    href: Signal<String>,
    /// Whether it leads to what is shown.
    active: Signal<bool>,
    /// How many rates it leads to.
    #[prop(optional)]
    count: Option<Signal<usize>>,
) -> impl IntoView {
    let count = count.map(|count| view! { " " <span class="count" inner_html=move || count.get().to_string()></span> });
    view! {
        <a
            class=move || if active.get() { "nav-link active" } else { "nav-link" }
            aria-current=move || active.get().to_string()
            href=href
        >
            {label}
            {count}
        </a>
    }
}
