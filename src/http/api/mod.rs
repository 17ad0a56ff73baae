//! The JSON API: one handler a file, described by the OpenAPI document made from the same types.

pub mod convert;
pub mod currency;
pub mod history;
pub mod openapi;
pub mod rates;
pub mod rates_csv;
mod selection;
pub mod sparklines;
pub mod stream;

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};

use crate::{
    cache::{Caching, Representation},
    http::problem::Problem,
    published::Published,
    rates::{CacheStatus, Origin, Snapshot, Timestamp},
    state::AppState,
};

/// What a handler of the API reads: one board, one snapshot, one moment.
pub struct CurrentRates {
    pub published: Arc<Published>,
    pub snapshot: Arc<Snapshot>,
    pub status: CacheStatus,
    age: Duration,
}

impl CurrentRates {
    /// The state at this moment; a problem if there are no rates yet.
    pub fn of(state: &AppState) -> Result<Self, Problem> {
        Self::of_board(&state.published(), state.now())
    }

    /// The same of a board that is not up yet.
    pub fn of_board(published: &Arc<Published>, now: Timestamp) -> Result<Self, Problem> {
        let Some(snapshot) = published.snapshot().map(Arc::clone) else {
            return Err(Problem::no_rates_yet(until_next_try(published, now)));
        };
        let (status, age) = (published.status(&snapshot, now), Published::age(&snapshot, now));
        Ok(Self { published: Arc::clone(published), snapshot, status, age })
    }

    /// Who gave a value, when, and how far it can be trusted: what holds of the snapshot, unless the
    /// value is `held`.
    pub fn origin(&self, held: Option<Origin>) -> (Origin, CacheStatus) {
        match held {
            Some(held) => (held, CacheStatus::Stale),
            None => (self.snapshot.origin(), self.status),
        }
    }

    /// Sends what was made of this reading, and does for everybody who asks at the same address until
    /// the next board.
    pub fn respond(&self, answer: &Arc<Representation>, request: &HeaderMap) -> Response {
        self.settle(answer.respond(request, self.caching(), StatusCode::OK), answer)
    }

    /// Marks a response as one that only the address and this reading decide over.
    pub fn settle(&self, mut response: Response, answer: &Arc<Representation>) -> Response {
        let (published, status) = (Arc::clone(&self.published), self.status);
        let answer = Arc::clone(answer);
        response.extensions_mut().insert(Cacheable { published, status, answer });
        response
    }

    pub fn caching(&self) -> Caching {
        Caching::Snapshot { lifetime: self.published.schedule().interval, age: self.age }
    }
}

/// Says that a response holds for its address as long as the board and its status stay.
#[derive(Clone)]
pub struct Cacheable {
    pub published: Arc<Published>,
    pub status: CacheStatus,
    pub answer: Arc<Representation>,
}

/// How long to wait when there is nothing yet.
pub fn until_next_try(published: &Published, now: Timestamp) -> Duration {
    Duration::from_secs(published.next_refresh().seconds_since(now))
}

/// Writes an answer as JSON.
fn json(answer: &impl serde::Serialize) -> Result<Representation, Problem> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Problem::internal()
    })?;
    Ok(Representation::new("application/json", body))
}
