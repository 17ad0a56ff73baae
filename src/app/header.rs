//! The head of the page: what this is, how fresh the rates are, and the refresh.

use leptos::prelude::*;

use super::{
    model::{Model, model},
    platform,
    time::{Time, ago, countdown},
};
use crate::rates::{CacheStatus, SourceName};

#[component]
pub fn Header() -> impl IntoView {
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
                <Freshness/>
                <NextRefresh/>
            </div>
        </header>
    }
}

/// How far the rates can be trusted, in one word and one colour.
fn trust(model: Model) -> (&'static str, &'static str) {
    match (model.source(), model.status.get()) {
        (None, _) => ("pill pill-bad", "No rates"),
        (Some(SourceName::Sample), _) => ("pill pill-bad", "Sample"),
        (_, CacheStatus::Stale) => ("pill pill-warn", "Stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("pill pill-good", "Live"),
    }
}

/// When the rates were taken, and from whom.
#[component]
fn Freshness() -> impl IntoView {
    let model = model();
    let taken = Signal::derive(move || model.last_updated());
    let age = move || {
        let (now, taken) = (model.now.get()?, taken.get()?);
        Some(format!(" ({})", ago(now.seconds_since(taken))))
    };
    let credit = move || {
        model.source().map(|source| {
            view! { <a class="credit" href=source.home() rel="noopener">{source.credit()}</a> }
        })
    };
    let known = move || taken.get().is_some();
    view! {
        <p class="freshness">
            <span class=move || trust(model).0>{move || trust(model).1}</span>
            <span class="taken" hidden=move || !known()>
                "Rates of "
                <Time time=taken/>
                <span class="age">{age}</span>
            </span>
            {credit}
        </p>
    }
}

/// The countdown to the server's next refresh, and a button for the impatient. It asks our server
/// and never the upstream.
#[component]
fn NextRefresh() -> impl IntoView {
    let model = model();
    let next = Signal::derive(move || Some(model.next_refresh.get()));
    let left = move || model.now.get().map(|now| model.next_refresh.get().seconds_since(now));
    let text = move || match left() {
        None => "Next refresh ".to_owned(),
        Some(0) => "Refreshing soon".to_owned(),
        Some(seconds) => format!("Next refresh in {}", countdown(seconds)),
    };
    let refresh = move |click: leptos::ev::MouseEvent| {
        if platform::is_plain(&click) {
            click.prevent_default();
            model.asked.update(|asked| *asked += 1);
        }
    };
    view! {
        <div class="next">
            <span class="countdown" role="timer" aria-live="off">
                {text}
                <span hidden=move || left().is_some()>
                    <Time time=next/>
                </span>
            </span>
            <a
                class="btn btn-sm btn-outline-secondary"
                role="button"
                href=move || model.state.with(|state| state.href())
                aria-disabled=move || model.busy.get().then_some("true")
                on:click=refresh
            >
                {move || if model.busy.get() { "Refreshing…" } else { "Refresh" }}
            </a>
        </div>
    }
}
