//! The JSON API: a handler a file, with the query that it takes, the answer that it gives, and the
//! OpenAPI description of both.

#![expect(unused_qualifications, reason = "utoipa writes them")]

pub mod convert;
pub mod currency;
pub mod history;
pub mod openapi;
pub mod rates;
pub mod rates_csv;
pub mod sparklines;
pub mod stream;

use crate::{cache::Representation, http::problem::Problem};

/// Writes an answer as JSON.
fn json(answer: &impl serde::Serialize) -> Result<Representation, Problem> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Problem::internal()
    })?;
    Ok(Representation::new("application/json", body))
}
