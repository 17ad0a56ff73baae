//! What most readers of a new board will ask for, made before they do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    Service,
    api::{Reading, rates, rates_csv},
    page,
    problem::Problem,
};
use crate::board::Board;

/// Makes all rates as JSON and as CSV, and the page, in every encoding.
pub fn prepare(service: &Service, board: &Arc<Board>) {
    let Ok(reading) = Reading::of_board(board, service.now()) else { return };
    let make = || -> Result<(), Problem> {
        rates::whole(&reading)?.make_all();
        rates_csv::whole(&reading)?.make_all();
        page::whole(service, &reading).make_all();
        Ok(())
    };
    // What fails here fails again for whoever asks for it, and is logged then. A panic would end the
    // refresh loop: it costs the answers, and not the rates.
    if catch_unwind(AssertUnwindSafe(make)).is_err() {
        service.metrics.panicked();
        tracing::error!("a panic while answers were made of new rates");
    }
}
