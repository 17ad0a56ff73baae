//! The head of the page: what this is, how fresh the rates are, and the refresh.

use leptos::prelude::*;

use super::{
    model::Model,
    platform::Refresher,
    reactive::{on_click, text},
    time::{ago, countdown, point},
    toolbar::FORM_ID,
};
use crate::rates::{CacheStatus, SourceName};

#[component]
pub fn Header(model: Model, refresher: Refresher) -> impl IntoView {
    view! {
        <header class="masthead">
            <div class="container masthead-row">
                <a class="brand" href="/">
                    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                        <rect width="32" height="32" rx="8"></rect>
                        <path d="M7 21.5l5.5-6 4.5 4 8-9.5"></path>
                    </svg>
                    <h1>"Crypto Rates"</h1>
                </a>
                <p class="freshness">{move || freshness(model)}</p>
                <NextRefresh model refresher/>
            </div>
        </header>
    }
}

/// How far the rates can be trusted, in one colour and one word.
fn trust(model: Model) -> (&'static str, &'static str) {
    match (model.source(), model.status()) {
        (None, _) => ("pill pill-bad", "No rates"),
        (Some(SourceName::Sample), _) => ("pill pill-bad", "Sample"),
        (_, CacheStatus::Stale) => ("pill pill-warn", "Stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("pill pill-good", "Live"),
    }
}

/// When the rates were taken, and from whom.
fn freshness(model: Model) -> impl IntoView {
    let (class, word) = trust(model);
    let taken = model.last_updated().map(|taken| {
        let age = model.now.get().map(|now| ago(now.seconds_since(taken)));
        let age = age.map(|age| [" (", &age, ")"].concat()).unwrap_or_default();
        view! {
            <span class="taken">
                "Rates of " {point(taken, model.is_hydrated())} <span class="age">{age}</span>
            </span>
        }
    });
    let credit = model.source().map(|source| {
        view! { <a class="credit" href=source.home() rel="noopener">{source.credit()}</a> }
    });
    view! { <span class=class>{word}</span>{taken}{credit} }
}

/// The countdown to the server's next refresh, and a button for the impatient. It asks our server
/// and never the upstream.
#[component]
fn NextRefresh(model: Model, refresher: Refresher) -> impl IntoView {
    let next = move || {
        let next = model.next_refresh();
        let left = model.now.get().map(|now| next.seconds_since(now));
        let text = match left {
            None => "Next refresh ".to_owned(),
            Some(0) => "Refreshing soon".to_owned(),
            Some(seconds) => ["Next refresh in ", &countdown(seconds)].concat(),
        };
        // Without a running clock, the time itself.
        let time = left.is_none().then(|| point(next, false));
        view! { {text}{time} }
    };
    let button = move || {
        let label = if model.is_busy() { "Refreshing…" } else { "Refresh" };
        label.to_owned()
    };
    view! {
        <div class="next">
            <span class="countdown" role="timer" aria-live="off">{next}</span>
            // Without JavaScript it sends the form of the toolbar, and with it the page's state.
            <button
                type="submit"
                form=FORM_ID
                class="btn btn-sm btn-outline-secondary refresh"
                aria-disabled=text(move || model.is_busy().to_string())
                on:click=on_click(move || refresher.ask())
            >
                {text(button)}
            </button>
        </div>
    }
}
