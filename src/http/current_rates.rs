//! The current rates, as an extractor.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};

use super::{problem::Problem, query::unknown_code};
use crate::{
    cache::{Cacheable, Caching, Representation},
    published::Published,
    rates::{CacheStatus, Code, Origin, Snapshot, Timestamp},
    state::AppState,
};

/// One published state, its snapshot, and the snapshot's age and status. They stay consistent when another
/// state is published meanwhile.
pub struct CurrentRates {
    pub published: Arc<Published>,
    pub snapshot: Arc<Snapshot>,
    pub status: CacheStatus,
    /// The time that age and status refer to.
    pub now: Timestamp,
    age: Duration,
}

impl FromRequestParts<Arc<AppState>> for CurrentRates {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &Arc<AppState>) -> Result<Self, Problem> {
        Self::now(state)
    }
}

impl CurrentRates {
    /// Returns the current rates, or a problem if there are none yet.
    pub fn now(state: &AppState) -> Result<Self, Problem> {
        Self::of(&state.published(), state.now())
    }

    /// Returns the rates of a state that may not be published yet.
    pub fn of(published: &Arc<Published>, now: Timestamp) -> Result<Self, Problem> {
        let Some(snapshot) = published.snapshot().map(Arc::clone) else {
            return Err(Problem::no_rates_yet(published.until_next_refresh(now)));
        };
        let (status, age) = (published.status(&snapshot, now), snapshot.age(now));
        Ok(Self { published: Arc::clone(published), snapshot, status, now, age })
    }

    /// Returns the code if there is a rate for it, or else a problem with `parameter`.
    pub fn known(&self, parameter: &str, code: Code) -> Result<Code, Problem> {
        match self.snapshot.get(&code) {
            Some(_) => Ok(code),
            None => Err(Problem::parameter(parameter, unknown_code(code.as_str()))),
        }
    }

    /// Returns the base of a query; bitcoin if it has none.
    pub fn base(&self, base: Option<Code>) -> Result<Code, Problem> {
        base.map_or_else(|| Ok(Code::btc()), |base| self.known("base", base))
    }

    /// Returns the origin and the status of a value. They are the snapshot's, unless the value was carried
    /// forward from an earlier one.
    pub fn origin(&self, carried_forward: Option<Origin>) -> (Origin, CacheStatus) {
        match carried_forward {
            Some(origin) => (origin, CacheStatus::Stale),
            None => (self.snapshot.origin(), self.status),
        }
    }

    /// Returns the cached body for `key`, or makes it with `make`. The key must name everything that the body
    /// depends on, except the snapshot and its status.
    pub fn representation<E>(
        &self,
        key: String,
        make: impl FnOnce() -> Result<Representation, E>,
    ) -> Result<Arc<Representation>, E> {
        self.published.representation(self.status, key, make)
    }

    /// Responds with a body that depends only on the address and these rates. The whole response may be
    /// cached until the next snapshot.
    pub fn respond(&self, body: &Arc<Representation>, request: &HeaderMap) -> Response {
        self.cacheable(body.respond(request, self.caching(), StatusCode::OK), body)
    }

    /// Marks a response as one that depends only on the address and these rates.
    pub fn cacheable(&self, response: Response, body: &Arc<Representation>) -> Response {
        self.cacheable_until(None, response, body)
    }

    /// Like [`Self::cacheable`], for a response that is out of date at `fresh_until`.
    pub fn cacheable_until(
        &self,
        fresh_until: Option<Timestamp>,
        mut response: Response,
        body: &Arc<Representation>,
    ) -> Response {
        response.extensions_mut().insert(Cacheable {
            cache: Arc::clone(self.published.responses()),
            status: self.status,
            body: Arc::clone(body),
            fresh_until,
        });
        response
    }

    /// Returns the caching for a body that is good until the next refresh.
    pub fn caching(&self) -> Caching {
        Caching::Snapshot { lifetime: self.published.schedule().interval, age: self.age }
    }

    /// Returns the same for a page: a reader who comes back gets the newest. Asking each time is cheap, because
    /// of 304s.
    pub fn page_caching(&self) -> Caching {
        Caching::SharedSnapshot { lifetime: self.published.schedule().interval, age: self.age }
    }
}
