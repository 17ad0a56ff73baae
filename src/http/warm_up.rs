//! What most readers of a new board will ask for, made before they do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    api::{CurrentRates, rates, rates_csv},
    pages::page,
    problem::Problem,
};
use crate::{published::Published, state::AppState};

/// Makes all rates as JSON and as CSV, and the page, in every encoding.
pub fn warm_up(state: &AppState, published: &Arc<Published>) {
    let Ok(reading) = CurrentRates::of_board(published, state.now()) else { return };
    let make = || -> Result<(), Problem> {
        rates::whole(&reading)?.make_all();
        rates_csv::whole(&reading)?.make_all();
        page::whole(state, &reading).make_all();
        Ok(())
    };
    // What fails here fails again for whoever asks for it, and is logged then. A panic would end the
    // refresh loop: it costs the answers, and not the rates.
    if catch_unwind(AssertUnwindSafe(make)).is_err() {
        state.metrics.panicked();
        tracing::error!("a panic while answers were made of new rates");
    }
}
