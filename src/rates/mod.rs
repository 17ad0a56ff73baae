//! The domain: rates, snapshots of them, conversion between currencies, and how numbers are
//! written. Plain Rust without I/O; server and browser use the very same types.

mod amount;
mod chart;
mod code;
mod freshness;
mod number;
#[cfg(feature = "ssr")]
pub mod plausibility;
mod rate;
mod snapshot;
mod source_name;
mod timestamp;
mod trend;

pub use amount::{Amount, InvalidAmount};
pub use chart::{Chart, Point, Span, UnknownSpan};
pub use code::{Code, InvalidCode};
pub use freshness::CacheStatus;
pub use number::{Quote, Written};
pub use rate::{InvalidRate, Origin, Rate, RateType, UnknownRateType};
pub use snapshot::{InvalidSnapshot, Per, Snapshot, SnapshotId};
pub use source_name::SourceName;
pub use timestamp::Timestamp;
pub use trend::{Trend, Trends};
