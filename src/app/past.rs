//! The page of an earlier day. The server makes it and no browser hydrates it, so whatever asks for the day is on the
//! server only.

#[cfg(feature = "ssr")]
use leptos::either::Either;

use super::model::Model;

/// That the rates of the page were asked for later, from a source's history, in its context.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug)]
pub struct FilledIn {
    /// How many currencies have no value of then.
    pub missing: usize,
}

/// Returns what a page of the rates of now has in a place or, on one of an earlier day, what works without JavaScript.
#[cfg(feature = "ssr")]
pub fn unless_past<N, P>(
    model: Model,
    now: impl FnOnce() -> N,
    past: impl FnOnce() -> P,
) -> Either<N, P> {
    if model.is_past() { Either::Right(past()) } else { Either::Left(now()) }
}

/// In the browser there is no earlier day: this is `now`, which the server has written in the same way.
#[cfg(not(feature = "ssr"))]
pub fn unless_past<N, P>(_: Model, now: impl FnOnce() -> N, _: impl FnOnce() -> P) -> N {
    now()
}
