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
            let (tag, name) = (language.tag(), language.name());
            if language == model.texts.language() {
                return format!("<b>{name}</b>");
            }
            let href = html(&PageState { language: Some(language), ..model.shown() }.href());
            format!("<a lang={tag} href=\"{href}\">{name}</a>")
        };
        Language::ALL.into_iter().map(link).collect::<String>()
    };
    view! {
        <nav aria-label=model.texts.fixed("languages") inner_html=links></nav>
    }
}
