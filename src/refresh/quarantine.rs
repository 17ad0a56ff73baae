//! Decides whether a source's rates are believed.
//!
//! Rates that can't be right after the last good ones are refused, until the source has sent the same
//! ones in [`CONVINCING`] intervals. Then it was the last good ones that were wrong.
//!
//! Where a reference has been asked, two agree against one. A value that it has, too, is believed at once. One
//! that it contradicts is left out, while all others are shown, until the source has sent it in [`CONTRADICTED`]
//! intervals: then the reference may be the one that is wrong.

use tokio::time::Instant;

use crate::{
    published::Published,
    rates::{Code, Snapshot, SourceName, Verdict, outliers::COMPARABLE},
    sources::{Fetched, SourceError},
};

/// In how many intervals a source must send the same outliers to be believed.
const CONVINCING: u32 = 3;

/// In how many it must send those that a reference contradicts: an hour of five minutes each.
const CONTRADICTED: u32 = 12;

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
    /// In how many intervals they were sent.
    intervals: u32,
}

/// The outliers of an answer, by what is known of them.
struct Outliers {
    announced: Vec<Code>,
    /// Those that a reference has, too.
    confirmed: Vec<Code>,
    /// Those that a reference does not have.
    contradicted: Vec<Code>,
    /// All that are not believed at once, those contradicted among them.
    doubted: Vec<Code>,
}

/// Returns whether an answer has values that can't be right after the last good ones. Outliers that are `announced`
/// are none.
pub fn has_outliers(fetched: &Fetched, published: &Published, announced: &[Code]) -> bool {
    !outliers(fetched, published, announced).doubted.is_empty()
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
        let Outliers { announced, confirmed, contradicted, doubted } =
            outliers(&fetched, published, announced);
        let old = comparable(&fetched, published);
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
        let source = snapshot.source();
        let without = |snapshot: Snapshot, left_out: &[Code]| {
            let (snapshot, dropped) = (snapshot.without(left_out), dropped + left_out.len());
            Ok(Fetched { snapshot, dropped, announced })
        };
        let few = doubted.len() * TOLERATED <= given && !doubted.contains(&Code::btc());
        if !shrunk && (doubted.is_empty() || (few && (fallback || other))) {
            self.0 = None;
            if !confirmed.is_empty() {
                let codes = some(&confirmed);
                tracing::warn!(%source, codes, "a jump is believed: a reference has it, too");
            }
            return without(snapshot, if fallback { &doubted } else { &contradicted });
        }
        let codes = if doubted.is_empty() { "most are missing".to_owned() } else { some(&doubted) };
        let same = |suspect: &Suspect| snapshot.outliers_after(&suspect.snapshot).is_empty();
        let (counted, intervals) = match self.0.take().filter(same) {
            // The tries of one interval count once.
            Some(suspect) if suspect.counted.elapsed() < interval.mul_f64(0.9) => {
                (suspect.counted, suspect.intervals)
            }
            Some(suspect) => (Instant::now(), suspect.intervals + 1),
            None => (Instant::now(), 1),
        };
        if intervals >= CONTRADICTED || (intervals >= CONVINCING && contradicted.is_empty()) {
            tracing::warn!(%source, codes, "absurd values are believed now");
            return without(snapshot, &[]);
        }
        self.0 = Some(Suspect { snapshot: snapshot.clone(), counted, intervals });
        // What is not contradicted is convincing earlier.
        let others = shrunk || contradicted.len() < doubted.len();
        if contradicted.contains(&Code::btc()) || (others && intervals < CONVINCING) {
            return Err(SourceError::Outliers(codes));
        }
        if intervals == 1 {
            tracing::warn!(%source, codes, "absurd values are left out: a reference contradicts them");
        }
        without(snapshot, &contradicted)
    }
}

/// Returns the last good rates, if an answer can be compared with them.
fn comparable<'a>(fetched: &Fetched, published: &'a Published) -> Option<&'a Snapshot> {
    let old = published.snapshot().map(|old| &**old)?;
    let passed = fetched.snapshot.last_updated().seconds_since(old.last_updated());
    let comparable = COMPARABLE.max(3 * published.schedule().interval);
    (old.source() != SourceName::Sample && passed < comparable.as_secs()).then_some(old)
}

/// Finds the outliers of an answer, and asks what the references say of them.
fn outliers(fetched: &Fetched, published: &Published, announced: &[Code]) -> Outliers {
    let new = &fetched.snapshot;
    let old = comparable(fetched, published);
    let outliers = old.map(|old| new.outliers_after(old)).unwrap_or_default();
    let (announced, mut doubted): (Vec<_>, Vec<_>) =
        outliers.into_iter().partition(|code| announced.contains(code));
    let verdict = |code: &Code| new.verdict(code, old?);
    let confirmed = doubted.extract_if(.., |code| verdict(code) == Some(Verdict::Agrees)).collect();
    let contradicts = |code: &&Code| verdict(code) == Some(Verdict::Contradicts);
    let contradicted = doubted.iter().filter(contradicts).cloned().collect();
    Outliers { announced, confirmed, contradicted, doubted }
}

/// Returns the first of these codes, for the log.
pub fn some<'a>(codes: impl IntoIterator<Item = &'a Code>) -> String {
    let codes: Vec<_> = codes.into_iter().take(5).map(Code::as_str).collect();
    codes.join(", ")
}
