//! Makes what most readers will ask for, before new rates are published.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    api::{
        rates,
        rates_csv::{self, CsvQuery},
        selection::RatesQuery,
    },
    current_rates::CurrentRates,
    pages::page,
    problem::Problem,
};
use crate::{language::Language, published::Published, state::AppState};

/// Returns English, and the languages in which the page has been asked for since the start.
fn languages(state: &AppState) -> Vec<Language> {
    let before = CurrentRates::now(state).ok();
    let asked_for = |language: &Language| {
        *language == Language::En
            || before.as_ref().is_some_and(|before| page::has_been_made(before, *language))
    };
    Language::ALL.into_iter().filter(asked_for).collect()
}

/// Makes the JSON and the CSV of all rates, and the page, in every content coding.
pub fn warm_up(state: &AppState, published: &Arc<Published>) {
    let Ok(current) = CurrentRates::of(published, state.now()) else { return };
    let make = || -> Result<(), Problem> {
        rates::representation(&current, RatesQuery::default())?.make_all();
        rates_csv::representation(&current, CsvQuery::default())?.make_all();
        for language in languages(state) {
            page::without_query(state, &current, language).make_all();
        }
        Ok(())
    };
    // An error here happens again when the body is asked for, and is logged then. A panic would end the
    // refresh loop: caught, it costs the bodies but not the rates.
    if catch_unwind(AssertUnwindSafe(make)).is_err() {
        state.metrics.panicked();
        tracing::error!("warming up new rates panicked");
    }
}
