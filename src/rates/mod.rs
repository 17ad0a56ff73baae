//! The domain: rates, snapshots of them, conversion between currencies, and number formatting. Plain Rust
//! without I/O, shared by server and browser.

mod amount;
mod chart;
mod code;
#[cfg(feature = "ssr")]
mod comparison;
#[cfg(feature = "ssr")]
mod day_changes;
mod digits;
mod freshness;
mod latest;
mod number;
mod number_style;
mod other_names;
#[cfg(feature = "ssr")]
pub mod outliers;
#[cfg(feature = "ssr")]
mod plausible;
mod popularity;
mod price_alert;
mod quotation;
mod rate;
#[cfg(feature = "ssr")]
mod reference;
mod remark;
mod snapshot;
mod source_name;
mod threshold;
mod timestamp;
mod trend;
mod typed_amount;

pub use amount::{Amount, InvalidAmount};
pub use chart::{Chart, Point, Span, UnknownSpan};
pub use code::{Code, InvalidCode};
#[cfg(feature = "ssr")]
pub use comparison::Verdict;
#[cfg(feature = "ssr")]
pub use day_changes::DayChanges;
pub use digits::{Digits, UnknownDigits};
pub use freshness::{CacheStatus, RefreshSchedule};
pub use latest::{Latest, LatestAnswer, LatestRequest, OtherBuild, UnreadableAnswer};
#[cfg(feature = "ssr")]
pub use number::to_digits;
pub use number::{FormattedNumber, Quote};
pub use number_style::NumberStyle;
#[cfg(feature = "ssr")]
pub use plausible::too_far;
pub use price_alert::{InvalidAlert, PriceAlert, PriceAlertKind};
pub use quotation::{Quotation, UnknownQuotation};
pub use rate::{InvalidRate, Origin, Rate, RateType, UnknownRateType};
#[cfg(feature = "ssr")]
pub use reference::{ReferenceName, ReferenceRates, UnknownReference};
pub use remark::Remark;
pub use snapshot::{InvalidSnapshot, Rebased, Snapshot, SnapshotId};
pub use source_name::{SourceName, UnknownSource};
pub use threshold::{AlertState, Condition, Direction, USUAL_HYSTERESIS};
pub use timestamp::Timestamp;
pub use trend::{Trend, Trends};
pub use typed_amount::TypedAmount;
