//! Links to the same page in other languages.

use leptos::prelude::*;

use super::{model::Model, state::PageState, text::html};
use crate::language::Language;

/// The browser loads the page anew, because each language is a file of its own. What it loads is remembered as the
/// reader's choice.
#[component]
pub fn Languages() -> impl IntoView {
    let model = expect_context::<Model>();
    let links = move || {
        let link = |language: Language| {
            let href = html(&PageState { language: Some(language), ..model.shown() }.href());
            let (tag, name) = (language.tag(), language.name());
            let is_this = language == model.texts.language();
            let current = if is_this { " aria-current=\"true\"" } else { "" };
            format!("<a href=\"{href}\" hreflang=\"{tag}\" lang=\"{tag}\"{current}>{name}</a>")
        };
        Language::ALL.into_iter().map(link).collect::<String>()
    };
    view! {
        <nav class="languages" aria-label=model.texts.get("languages") inner_html=links></nav>
    }
}
