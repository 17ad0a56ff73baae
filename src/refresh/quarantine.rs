//! Decides whether a source's rates are believed.
//!
//! Rates that can't be right after the last good ones are refused, until the source has sent the same
//! ones in [`CONVINCING`] intervals. Then it was the last good ones that were wrong.

use tokio::time::Instant;

use crate::{
    published::Published,
    rates::{Code, Snapshot, SourceName, outliers::COMPARABLE},
    sources::{Fetched, SourceError},
};

/// In how many intervals a source must send the same outliers to be believed.
const CONVINCING: u32 = 3;

/// One rate in this many may be an outlier after a change of source: sources can differ in what a code
/// means, and in how they treat a defunct currency. A fallback's outliers are left out.
const TOLERATED: usize = 10;

/// The outliers that a source keeps sending, if any.
#[derive(Default)]
pub struct Quarantine(Option<Suspect>);

struct Suspect {
    /// The last answer with outliers.
    snapshot: Snapshot,
    /// When an interval was last counted.
    counted: Instant,
    /// In how many intervals they were refused.
    intervals: u32,
}

impl Quarantine {
    /// Returns the part of an answer that is believed, or an error if there is none. Outliers that are
    /// `announced` are none.
    pub fn check(
        &mut self,
        fetched: Fetched,
        published: &Published,
        fallback: bool,
        announced: &[Code],
    ) -> Result<Fetched, SourceError> {
        let interval = published.schedule().interval;
        let old = published.snapshot().filter(|old| {
            let passed = fetched.snapshot.last_updated().seconds_since(old.last_updated());
            let comparable = COMPARABLE.max(3 * interval);
            old.source() != SourceName::Sample && passed < comparable.as_secs()
        });
        let outliers = old.map(|old| fetched.snapshot.outliers_after(old)).unwrap_or_default();
        let (announced, outliers): (Vec<_>, Vec<_>) =
            outliers.into_iter().partition(|code| announced.contains(code));
        let given = fetched.snapshot.given().count();
        // An answer that has lost most of its rates is not trusted with the others.
        let other = old.is_some_and(|old| old.source() != fetched.snapshot.source());
        let shrunk = old.is_some_and(|old| match (fallback, other) {
            // A fallback may have fewer rates than the primary.
            (true, true) => false,
            (false, true) => 2 * given < old.rates().len(),
            (_, false) => 2 * given < old.given().count(),
        });
        let Fetched { snapshot, dropped, .. } = fetched;
        let few = outliers.len() * TOLERATED <= given && !outliers.contains(&Code::btc());
        if !shrunk && (outliers.is_empty() || (few && (fallback || other))) {
            self.0 = None;
            let left_out = if fallback { &outliers[..] } else { &[] };
            let dropped = dropped + left_out.len();
            let snapshot = snapshot.without(left_out);
            return Ok(Fetched { snapshot, dropped, announced });
        }
        let codes: Vec<_> = outliers.iter().take(5).map(Code::as_str).collect();
        let codes = if codes.is_empty() { "most are missing".to_owned() } else { codes.join(", ") };
        let same = |suspect: &Suspect| snapshot.outliers_after(&suspect.snapshot).is_empty();
        let (counted, intervals) = match self.0.take().filter(same) {
            // The tries of one interval count once.
            Some(suspect) if suspect.counted.elapsed() < interval.mul_f64(0.9) => {
                (suspect.counted, suspect.intervals)
            }
            Some(suspect) => (Instant::now(), suspect.intervals + 1),
            None => (Instant::now(), 1),
        };
        if intervals >= CONVINCING {
            tracing::warn!(source = %snapshot.source(), codes, "absurd values are believed now");
            return Ok(Fetched { snapshot, dropped, announced });
        }
        self.0 = Some(Suspect { snapshot, counted, intervals });
        Err(SourceError::Outliers(codes))
    }
}
