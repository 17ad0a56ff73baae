//! How far the rates can be trusted, when they were taken, and from which source.

use leptos::prelude::*;

use super::{
    model::Model,
    time::{self, ago},
};
use crate::rates::{CacheStatus, SourceName};

/// Returns how far the rates can be trusted, as a colour and the id of a word.
pub fn trust(model: Model) -> (&'static str, &'static str) {
    match (model.source(), model.status()) {
        (None, _) => ("bad", "trust-none"),
        _ if model.is_past() => ("bad", "trust-past"),
        (Some(SourceName::Sample), _) => ("bad", "trust-sample"),
        (_, CacheStatus::Stale) => ("warn", "trust-stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("good", "trust-live"),
    }
}

#[component]
pub fn Freshness() -> impl IntoView {
    let model = expect_context::<Model>();
    let age = move || {
        let age = model.now.get().zip(model.last_updated());
        age.map(|(now, taken)| format!(" ({})", ago(now.seconds_since(taken), model.texts)))
            .unwrap_or_default()
    };
    let source = move || {
        let (colour, word) = trust(model);
        let word = model.texts.get(word);
        // A record of the history does not tell its source.
        let credit = model.source().filter(|_| !model.is_past()).map(|source| {
            let (home, credit) = (source.home(), source.credit());
            format!(" <a class=credit href=\"{home}\" rel=noopener>{credit}</a>")
        });
        let credit = credit.unwrap_or_default();
        format!("<span class=\"pill pill-{colour}\">{word}</span>{credit}")
    };
    let taken_at = move || {
        let taken = model.last_updated().map(|time| time::html(time, model.local.get()));
        let taken = taken.map(|taken| model.texts.format("rates-of", &[("time", (&taken).into())]));
        taken.unwrap_or_default()
    };
    let room = {
        let time = "0000-00-00 00:00:00 +00:00";
        let taken = model.texts.format("rates-of", &[("time", time.into())]);
        format!("{taken} ({})", ago(100 * 86_400, model.texts))
    };
    view! {
        <p class="freshness">
            <span class="source" inner_html=source></span>
            // The age changes its width, so it comes last. The style sheet keeps room for the longest.
            <span class="taken" data-room=room>
                <span class="taken-at" inner_html=taken_at></span>
                <span class="age" translate="no" inner_html=age></span>
            </span>
        </p>
    }
}
