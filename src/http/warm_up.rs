//! Makes what most readers of new rates will ask for, before these are published.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    api::{
        rates::{self, RatesQuery},
        rates_csv,
    },
    current_rates::CurrentRates,
    pages::page,
    problem::Problem,
};
use crate::{published::Published, state::AppState};

/// Makes all rates as JSON and as CSV, and the page, in every content coding.
pub fn warm_up(state: &AppState, published: &Arc<Published>) {
    let Ok(current) = CurrentRates::of(published, state.now()) else { return };
    let make = || -> Result<(), Problem> {
        rates::representation(&current, RatesQuery::default())?.make_all();
        rates_csv::representation(&current, RatesQuery::default())?.make_all();
        page::without_query(state, &current).make_all();
        Ok(())
    };
    // What fails here fails again for whoever asks for it, and is logged then. A panic would end the
    // refresh loop: it costs the bodies, and not the rates.
    if catch_unwind(AssertUnwindSafe(make)).is_err() {
        state.metrics.panicked();
        tracing::error!("a panic while new rates were warmed up");
    }
}
