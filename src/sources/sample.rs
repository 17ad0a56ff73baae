//! The snapshot built into the binary: CoinGecko's own published example.
//!
//! With it the page works without a network. Page and API say that they show the sample.

use futures::future;

use super::{Fetched, Fetching, Now, RateSource, coingecko};
use crate::rates::{Snapshot, SourceName, Timestamp};

/// The example has no date. By its values it is from about this day.
pub const TAKEN: Timestamp = Timestamp::from_unix_seconds(1_780_272_000); // 2026-06-01T00:00:00Z

/// Always answers with [`snapshot`].
pub struct Sample;

impl RateSource for Sample {
    fn name(&self) -> SourceName {
        SourceName::Sample
    }

    fn fetch<'a>(&'a self, _: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        let fetched = Fetched { snapshot: snapshot(), dropped: 0, announced: Vec::new() };
        Box::pin(future::ready(Ok(fetched)))
    }
}

const BODY: &str = include_str!("sample.json");

/// Returns the sample.
///
/// # Panics
///
/// Never: a test reads the sample.
pub fn snapshot() -> Snapshot {
    let fetched = coingecko::parse(BODY.as_bytes(), SourceName::Sample, TAKEN);
    fetched.expect("the sample in the binary is a valid answer").snapshot
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateType;

    #[test]
    fn the_sample_is_whole() {
        let fetched = coingecko::parse(BODY.as_bytes(), SourceName::Sample, TAKEN).unwrap();
        assert_eq!(fetched.dropped, 0);
        let of = |kind| fetched.snapshot.rates().iter().filter(|rate| rate.kind == kind).count();
        assert_eq!(RateType::ALL.map(of), [14, 60, 2]);
        assert_eq!(TAKEN.to_string(), "2026-06-01T00:00:00Z");
    }
}
