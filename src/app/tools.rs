//! A link to the wallboard and, with JavaScript, buttons for the theme and the help.

use leptos::prelude::*;

use super::{model::Model, reader::Reader};

#[component]
pub fn Tools() -> impl IntoView {
    let model = expect_context::<Model>();
    let theme = move || format!("Theme: {}", model.known(|reader| reader.theme.as_str()));
    view! {
        <nav class="tools" aria-label="View">
            <a
                class="btn"
                href=model.href(move |_| model.other_view())
                title="Wallboard"
                aria-label="Wallboard"
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M3 4h18v12H3zM8 20h8M12 16v4"></path>
                </svg>
            </a>
            <button
                class="btn theme"
                title=theme
                aria-label=theme
                on:click=move |_| model.reader.update(Reader::change_theme)
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18"></path>
                </svg>
            </button>
            <button
                class="btn"
                title="Keys and help"
                aria-label="Keys and help"
                on:click=move |_| model.help_open.set(true)
            >
                "?"
            </button>
        </nav>
    }
}
