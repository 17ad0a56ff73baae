//! A link to the wallboard and, with JavaScript, buttons for the theme and the help.

use leptos::prelude::*;

use super::{
    model::Model,
    reader::{Reader, Theme},
};

#[component]
pub fn Tools() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let theme = move || {
        let theme = model.known(|reader| match reader.theme {
            Theme::System => "theme-system",
            Theme::Light => "theme-light",
            Theme::Dark => "theme-dark",
        });
        texts.format("theme", &[("theme", texts.get(theme).into())])
    };
    view! {
        <nav class="tools" aria-label=texts.fixed("view")>
            <a
                class="btn"
                href=model.href(move |_| model.other_view())
                title=texts.fixed("wallboard")
                aria-label=texts.fixed("wallboard")
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
                title=texts.fixed("help")
                aria-label=texts.fixed("help")
                on:click=move |_| model.help_open.set(true)
            >
                "?"
            </button>
        </nav>
    }
}
