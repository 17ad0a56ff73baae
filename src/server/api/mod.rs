//! The JSON API: one handler a file, described by the OpenAPI document made from the same types.

pub mod convert;
pub mod currency;
pub mod docs;
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
    board::Board,
    rates::{CacheStatus, Origin, Snapshot, Timestamp},
    representation::{Caching, Representation},
    server::{Service, problem::Problem},
};

/// What a handler of the API reads: one board, one snapshot, one moment.
pub struct Reading {
    pub board: Arc<Board>,
    pub snapshot: Arc<Snapshot>,
    pub status: CacheStatus,
    age: Duration,
}

impl Reading {
    /// The state at this moment; a problem if there are no rates yet.
    pub fn of(service: &Service) -> Result<Self, Problem> {
        let (board, now) = (Arc::clone(&service.board()), service.now());
        let Some(snapshot) = board.snapshot().map(Arc::clone) else {
            return Err(Problem::no_rates_yet(until_next_try(&board, now)));
        };
        let (status, age) = (board.status(&snapshot, now), Board::age(&snapshot, now));
        Ok(Self { board, snapshot, status, age })
    }

    /// Who gave a value, when, and how far it can be trusted: what holds of the snapshot, unless the
    /// value is `held`.
    pub fn origin(&self, held: Option<Origin>) -> (Origin, CacheStatus) {
        match held {
            Some(held) => (held, CacheStatus::Stale),
            None => (self.snapshot.origin(), self.status),
        }
    }

    /// Sends what was made of this reading.
    pub fn respond(&self, answer: &Arc<Representation>, request: &HeaderMap) -> Response {
        answer.respond(request, self.caching(), StatusCode::OK)
    }

    pub fn caching(&self) -> Caching {
        Caching::Snapshot { lifetime: self.board.schedule().interval, age: self.age }
    }
}

/// How long to wait when there is nothing yet.
pub fn until_next_try(board: &Board, now: Timestamp) -> Duration {
    Duration::from_secs(board.next_refresh().seconds_since(now))
}

/// Writes an answer as JSON.
fn json(answer: &impl serde::Serialize) -> Result<Representation, Problem> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Problem::internal()
    })?;
    Ok(Representation::new("application/json", body))
}
