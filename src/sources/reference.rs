//! What the rates of the source in charge are compared with.

use super::{Asking, Now};
use crate::rates::{ReferenceName, ReferenceRates};

/// An upstream whose rates are compared with those of the source in charge.
pub trait Reference: Send + Sync {
    fn name(&self) -> ReferenceName;

    /// Calls the upstream once. `now` is asked for the time when the answer has arrived.
    fn ask<'a>(&'a self, now: Now<'a>) -> Asking<'a, ReferenceRates>;
}
