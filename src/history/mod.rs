//! What the rates were before now, read from the store.

mod chart;
mod recent;
pub mod reload;
mod trends;

pub use chart::chart;
pub use recent::{RecentHistory, STEP, STEPS};
