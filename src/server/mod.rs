//! The HTTP host: configuration, router, and everything a caller can reach.

pub mod api;
pub mod assets;
pub mod chart;
pub mod config;
pub mod connections;
pub mod front;
pub mod health;
mod inline;
pub mod logging;
pub mod metrics;
pub mod middleware;
pub mod page;
pub mod params;
pub mod prepared;
pub mod probe;
pub mod problem;
pub mod router;
pub mod service;
pub mod startup;

pub use config::Config;
pub use service::Service;
pub use startup::Server;
