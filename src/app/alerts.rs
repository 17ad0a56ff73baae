//! What the reader must know before trusting a number.

use leptos::prelude::*;

use super::{model::model, time::Time};
use crate::rates::{CacheStatus, SourceName};

/// The alerts that hold at the moment, the gravest first.
#[component]
pub fn Alerts() -> impl IntoView {
    view! {
        <div role="status" class="alerts">
            <NoRates/>
            <Sample/>
            <Stale/>
            <Trouble/>
        </div>
        <Notes/>
    }
}

#[component]
fn NoRates() -> impl IntoView {
    let model = model();
    move || {
        model.source().is_none().then(|| {
            view! {
                <div class="alert alert-danger">
                    <strong>"No rates yet. "</strong>
                    "No source has answered since the server started. The page fills itself as soon as one does."
                </div>
            }
        })
    }
}

#[component]
fn Sample() -> impl IntoView {
    let model = model();
    let sample = Memo::new(move |_| model.source() == Some(SourceName::Sample));
    let taken = Signal::derive(move || model.last_updated());
    move || {
        sample.get().then(|| {
            view! {
                <div class="alert alert-danger">
                    <strong>"Sample data, not live rates. "</strong>
                    "No live source answers, so this is an example of " <Time time=taken/>
                    ". Do not use these numbers."
                </div>
            }
        })
    }
}

#[component]
fn Stale() -> impl IntoView {
    let model = model();
    let stale = Memo::new(move |_| {
        let live = model.source().is_some_and(|source| source != SourceName::Sample);
        live && model.status.get() == CacheStatus::Stale
    });
    let taken = Signal::derive(move || model.last_updated());
    move || {
        stale.get().then(|| {
            view! {
                <div class="alert alert-warning">
                    <strong>"These rates are stale. "</strong>
                    "The source has not answered since " <Time time=taken/>
                    "; the last good rates stay here until it does."
                </div>
            }
        })
    }
}

/// The page itself can't get through to its server.
#[component]
fn Trouble() -> impl IntoView {
    let model = model();
    move || {
        model.trouble.get().map(|why| {
            view! {
                <div class="alert alert-warning">
                    <strong>"This page could not refresh itself: "</strong>
                    {why}
                    ". It keeps trying; the rates below are the last it got."
                </div>
            }
        })
    }
}

/// What was wrong in the address.
#[component]
fn Notes() -> impl IntoView {
    let model = model();
    move || {
        let notes = model.notes.get();
        (!notes.is_empty()).then(|| {
            let notes = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
            view! { <ul class="alert alert-info notes">{notes}</ul> }
        })
    }
}
