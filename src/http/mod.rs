//! The HTTP server: router, pages, API, and everything else that a caller can reach.

pub mod api;
pub mod connections;
pub mod current_rates;
mod files;
pub mod health;
mod latest;
pub mod metrics;
pub mod middleware;
mod negotiation;
pub mod pages;
mod past;
pub mod problem;
mod prometheus_text;
pub mod query;
pub mod router;
pub mod warm_up;
