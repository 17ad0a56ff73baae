//! What the browser may call on the server.
//!
//! The address is fixed (`/fn/latest`), without the hash that Leptos adds by default: a page that
//! was left open over a roll-out goes on working until it has reloaded itself.

#![allow(clippy::unused_async, reason = "server functions are, and this one never waits")]

use leptos::{
    prelude::*,
    server_fn::{codec::GetUrl, codec::JsonEncoding, error::FromServerFnError},
};
use serde::{Deserialize, Serialize};

use crate::app::latest::Latest;

/// Why the browser got no answer. Says nothing about the server's insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LatestError {
    #[error("the server has no rates yet")]
    NoRatesYet,
    #[error("the server can't be reached")]
    Unreachable,
    #[error("the server did not understand the page")]
    Failed,
}

impl FromServerFnError for LatestError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            _ => Self::Failed,
        }
    }
}

/// The current rates; without the snapshot if the caller `have`s it already.
#[server(name = GetLatest, prefix = "/fn", endpoint = "latest", input = GetUrl)]
pub async fn latest(have: Option<String>) -> Result<Latest, LatestError> {
    use std::sync::Arc;

    use crate::server::{Service, page};

    let service: Arc<Service> = use_context().ok_or(LatestError::Failed)?;
    let mut latest = page::latest(&service);
    let Some(snapshot) = &latest.snapshot else {
        page::answer_no_rates_yet(&service);
        return Err(LatestError::NoRatesYet);
    };
    if have.is_some_and(|id| id == snapshot.id().as_str()) {
        latest.snapshot = None;
    }
    Ok(latest)
}
