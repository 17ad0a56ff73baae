//! What a page shows of the history, besides what its state tells already.
//!
//! Until `PageState` knows them (issue 17), these are the defaults of the pages before. Whoever adds
//! `PageState::quotation` and `PageState::compare` puts them in the place of these two, and removes the file.

use crate::{
    app::state::PageState,
    rates::{Code, Quotation, Snapshot},
};

/// Returns the direction of values and changes.
pub fn quotation_of(_state: &PageState, _snapshot: &Snapshot) -> Quotation {
    Quotation::Inverse
}

/// Returns the currency whose chart is drawn beside that of the symbol.
pub fn compared_in(_state: &PageState) -> Option<&Code> {
    None
}
