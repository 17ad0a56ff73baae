//! The rates of the moment, as an extractor.

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

/// What a handler reads: one published state, its snapshot, and how old that is at this moment. They fit
/// together whatever is published meanwhile.
pub struct CurrentRates {
    pub published: Arc<Published>,
    pub snapshot: Arc<Snapshot>,
    pub status: CacheStatus,
    /// The moment at which all of this holds.
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
    /// The rates at this moment; a problem if there are none yet.
    pub fn now(state: &AppState) -> Result<Self, Problem> {
        Self::of(&state.published(), state.now())
    }

    /// The rates of a state that need not be published yet.
    pub fn of(published: &Arc<Published>, now: Timestamp) -> Result<Self, Problem> {
        let Some(snapshot) = published.snapshot().map(Arc::clone) else {
            return Err(Problem::no_rates_yet(published.until_next_refresh(now)));
        };
        let (status, age) = (published.status(&snapshot, now), snapshot.age(now));
        Ok(Self { published: Arc::clone(published), snapshot, status, now, age })
    }

    /// The code that a parameter names, which must be that of a rate.
    pub fn known(&self, parameter: &str, code: Code) -> Result<Code, Problem> {
        match self.snapshot.get(&code) {
            Some(_) => Ok(code),
            None => Err(Problem::parameter(parameter, unknown_code(code.as_str()))),
        }
    }

    /// The base that a query names, bitcoin if it names none.
    pub fn base(&self, base: Option<Code>) -> Result<Code, Problem> {
        base.map_or_else(|| Ok(Code::btc()), |base| self.known("base", base))
    }

    /// The source and time of a value, and how far it can be trusted: those of the snapshot, unless the
    /// value was carried forward from an earlier one.
    pub fn origin(&self, carried_forward: Option<Origin>) -> (Origin, CacheStatus) {
        match carried_forward {
            Some(origin) => (origin, CacheStatus::Stale),
            None => (self.snapshot.origin(), self.status),
        }
    }

    /// The body for `key`, made by `make` unless it is there already. The key must name everything that the
    /// body depends on, apart from the snapshot and its status.
    pub fn representation<E>(
        &self,
        key: String,
        make: impl FnOnce() -> Result<Representation, E>,
    ) -> Result<Arc<Representation>, E> {
        self.published.representation(self.status, key, make)
    }

    /// Sends a body that depends on nothing but the address and these rates: the whole response may be
    /// cached until the next snapshot.
    pub fn respond(&self, body: &Arc<Representation>, request: &HeaderMap) -> Response {
        self.cacheable(body.respond(request, self.caching(), StatusCode::OK), body)
    }

    /// Marks a response as one that the address and these rates alone decide over.
    pub fn cacheable(&self, response: Response, body: &Arc<Representation>) -> Response {
        self.cacheable_until(None, response, body)
    }

    /// The same of one that says something else from then on.
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

    /// Good until the next refresh.
    pub fn caching(&self) -> Caching {
        Caching::Snapshot { lifetime: self.published.schedule().interval, age: self.age }
    }
}
