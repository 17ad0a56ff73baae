//! The head of the page: the title, how fresh the rates are, and the next refresh.

use leptos::prelude::*;

use super::{
    converter::FORM_ID,
    model::Model,
    part::part,
    reactive::{href, parts, text},
    state::PageState,
    time::{ago, countdown, point},
};
use crate::rates::{CacheStatus, SourceName};

#[component]
pub fn Header(model: Model) -> impl IntoView {
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
                <p class="freshness">{parts(move || part(freshness(model)))}</p>
                <NextRefresh model/>
                <Tools model/>
            </div>
        </header>
    }
}

/// Returns how far the rates can be trusted, as a colour and a word.
pub fn trust(model: Model) -> (&'static str, &'static str) {
    match (model.source(), model.status()) {
        (None, _) => ("bad", "No rates"),
        (Some(SourceName::Sample), _) => ("bad", "Sample"),
        (_, CacheStatus::Stale) => ("warn", "Stale"),
        (_, CacheStatus::Fresh | CacheStatus::Cached) => ("good", "Live"),
    }
}

/// Renders when the rates were taken, and from which source.
pub fn freshness(model: Model) -> impl IntoView {
    let (colour, word) = trust(model);
    let class = ["pill pill-", colour].concat();
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
    // The age changes its width, so it comes last.
    view! { <span class=class>{word}</span>{credit}{taken} }
}

/// The countdown to the server's next refresh, and a button to refresh now. It calls our server and never the
/// upstream.
#[component]
fn NextRefresh(model: Model) -> impl IntoView {
    let next = parts(move || {
        let next = model.next_refresh();
        let left = model.now.get().map(|now| next.seconds_since(now));
        let text = match left {
            None => "Next refresh ".to_owned(),
            Some(_) if model.is_busy() => "Refreshing…".to_owned(),
            Some(0) => "Refreshing soon".to_owned(),
            Some(seconds) => ["Next refresh in ", &countdown(seconds)].concat(),
        };
        // Without a running clock, the time itself. The day is left out.
        let time = left.is_none().then(|| {
            view! { <time datetime=next.to_string()>{[&next.readable()[11..16], " UTC"].concat()}</time> }
        });
        part(view! { {text}{time} })
    });
    view! {
        <div class="next">
            <span class="countdown" role="timer" aria-live="off">{next}</span>
            // Without JavaScript, it submits the converter's form and with it the page's state.
            <button
                type="submit"
                form=FORM_ID
                class="btn btn-sm btn-outline-secondary refresh"
                aria-disabled=text(move || model.is_busy().to_string())
                data-do="refresh"
            >
                "Refresh"
            </button>
        </div>
    }
}

/// A link to the wallboard and, with JavaScript, buttons for the theme and the help.
#[component]
fn Tools(model: Model) -> impl IntoView {
    let favourites = move || model.known(|reader| reader.favourites.clone());
    // The wallboard shows the currencies that the address names, or else the favourites.
    let wallboard = href(model, move |state| {
        let symbols = if state.symbols.is_empty() { favourites() } else { state.symbols };
        PageState { wallboard: true, symbol: None, symbols, ..state }
    });
    let theme = move || {
        let theme = model.known(|reader| reader.theme);
        ["Theme: ", theme.as_str()].concat()
    };
    view! {
        <nav class="tools" aria-label="View">
            <a class="btn" href=wallboard title="Wallboard" aria-label="Wallboard">
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M3 4h18v12H3zM8 20h8M12 16v4"></path>
                </svg>
            </a>
            <button class="btn" data-do="theme" title=text(theme) aria-label=text(theme)>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18"></path>
                </svg>
            </button>
            <button class="btn" data-do="help" title="Keys and help" aria-label="Keys and help">
                "?"
            </button>
        </nav>
    }
}
