//! The HTTP host: router, pages, API, and everything else that a caller can reach.

pub mod api;
pub mod connections;
mod files;
pub mod front;
pub mod health;
pub mod metrics;
pub mod middleware;
pub mod pages;
pub mod params;
pub mod problem;
pub mod router;
pub mod warm_up;
