//! What has been made of a snapshot: bodies in all their encodings, and whole answers by the address
//! that they were asked for at.
//!
//! Both are bounded, and both go with the board that they belong to.

mod cached_response;
mod content_coding;
mod representation;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use quick_cache::{
    DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

pub use self::{
    cached_response::CachedResponse,
    content_coding::ContentCoding,
    representation::{Caching, Representation},
};
use crate::rates::CacheStatus;

/// How many bytes of answers are kept of each kind. All that a page offers is less than a tenth of it;
/// whoever asks for more makes place by what was asked for least.
const MOST_BYTES: u64 = 8 << 20;
/// What an answer takes beside its body: the heads of a 200 and a 304, for the most part.
const OVERHEAD: usize = 3 << 10;
/// Answers that are expected: enough for the bookkeeping of those forgotten.
const EXPECTED: usize = 256;
/// A longer address is not one that a page or a program asks for again and again.
const LONGEST_TARGET: usize = 512;

/// Answers made of one board.
pub struct Answers {
    made: Bounded<(CacheStatus, String), Arc<Representation>>,
    ready: Bounded<Asked<Box<str>>, Arc<CachedResponse>>,
}

type Bounded<Key, Value> = Cache<Key, Value, ByBytes>;

/// What decides over a whole answer: the address, the coding that the caller takes, and how far the
/// rates can be trusted by now.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked<Target> {
    pub status: CacheStatus,
    pub coding: ContentCoding,
    /// Path and query, as they were sent.
    pub target: Target,
}

impl Answers {
    pub fn made(&self, status: CacheStatus, key: &str) -> Option<Arc<Representation>> {
        self.made.get(&MadeKey(status, key))
    }

    pub fn keep(&self, status: CacheStatus, key: String, answer: &Arc<Representation>) {
        self.made.insert((status, key), Arc::clone(answer));
    }

    pub fn ready(&self, asked: &Asked<&str>) -> Option<Arc<CachedResponse>> {
        self.ready.get(asked)
    }

    pub fn keep_ready(&self, asked: Asked<&str>, ready: CachedResponse) {
        let Asked { status, coding, target } = asked;
        if target.len() <= LONGEST_TARGET {
            self.ready.insert(Asked { status, coding, target: target.into() }, Arc::new(ready));
        }
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self { made: bounded(), ready: bounded() }
    }
}

fn bounded<Key: Eq + Hash, Value: Clone>() -> Bounded<Key, Value>
where
    ByBytes: Weighter<Key, Value>,
{
    // One shard: each has its share of the bytes, and one answer may need most of them.
    let mut options = OptionsBuilder::new();
    options.shards(1).estimated_items_capacity(EXPECTED).weight_capacity(MOST_BYTES);
    let options = options.build().expect("all that is needed is given");
    let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
    Cache::with_options(options, ByBytes, hasher, lifecycle)
}

/// Weighs an answer by its body. The encodings that may yet be made of a representation are together never
/// larger than the body: at the worst, twice the bound is kept of those.
#[derive(Clone)]
struct ByBytes;

impl Weighter<(CacheStatus, String), Arc<Representation>> for ByBytes {
    fn weight(&self, (_, key): &(CacheStatus, String), answer: &Arc<Representation>) -> u64 {
        weight(key.len(), answer.identity().len())
    }
}

impl Weighter<Asked<Box<str>>, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, asked: &Asked<Box<str>>, answer: &Arc<CachedResponse>) -> u64 {
        weight(asked.target.len(), answer.body().len())
    }
}

fn weight(key: usize, body: usize) -> u64 {
    u64::try_from(OVERHEAD.saturating_add(key).saturating_add(body)).unwrap_or(u64::MAX)
}

/// A key as it is looked for: hashes as the kept one does, and owns nothing.
struct MadeKey<'a>(CacheStatus, &'a str);

impl Hash for MadeKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1).hash(state);
    }
}

impl Equivalent<(CacheStatus, String)> for MadeKey<'_> {
    fn equivalent(&self, kept: &(CacheStatus, String)) -> bool {
        (self.0, self.1) == (kept.0, kept.1.as_str())
    }
}

impl Equivalent<Asked<Box<str>>> for Asked<&str> {
    fn equivalent(&self, kept: &Asked<Box<str>>) -> bool {
        let Asked { status, coding, target } = kept;
        *self == Asked { status: *status, coding: *coding, target }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    /// A tenth of what is kept.
    const LARGE: usize = 800 << 10;

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let answers = Answers::default();
        let status = CacheStatus::Fresh;
        let body = vec![b'x'; LARGE];
        for key in 0..100 {
            let answer = Arc::new(Representation::new("text/plain", body.clone()));
            answers.keep(status, key.to_string(), &answer);
            let ready = CachedResponse::new(None, HeaderMap::new(), answer.identity().clone());
            let asked =
                Asked { status, coding: ContentCoding::Gzip, target: &*format!("/?amount={key}") };
            answers.keep_ready(asked, ready);
        }
        for weight in [answers.made.weight(), answers.ready.weight()] {
            assert!((4 << 20..=MOST_BYTES).contains(&weight), "{weight}");
        }
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood() {
        let answers = Answers::default();
        let keep = |key: &str| {
            let answer = Arc::new(Representation::new("text/plain", vec![b'x'; 10 << 10]));
            answers.keep(CacheStatus::Fresh, key.to_owned(), &answer);
        };
        keep("page?");
        for other in 0..5_000 {
            assert!(answers.made(CacheStatus::Fresh, "page?").is_some(), "after {other} others");
            keep(&other.to_string());
        }
    }

    #[test]
    fn an_endless_address_is_not_kept() {
        let answers = Answers::default();
        let (status, coding) = (CacheStatus::Fresh, ContentCoding::Identity);
        for (length, kept) in [(LONGEST_TARGET, true), (LONGEST_TARGET + 1, false)] {
            let target = "x".repeat(length);
            let asked = Asked { status, coding, target: &*target };
            answers.keep_ready(asked, CachedResponse::new(None, HeaderMap::new(), "body".into()));
            assert_eq!(answers.ready(&asked).is_some(), kept);
        }
    }
}
