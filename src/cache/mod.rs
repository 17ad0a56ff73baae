//! Caches of what is made once and sent many times: bodies in every content coding, and whole responses by
//! their address.
//!
//! Both caches are bounded, and are dropped with the snapshot that they were made from. Nothing needs to be
//! invalidated.

mod cached_response;
mod content_coding;
mod layer;
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
    layer::{Cacheable, Current, CurrentResponses, ResponseCacheLayer},
    representation::{Caching, Representation},
};
use crate::rates::CacheStatus;

/// The most bytes that each cache keeps. Everything that a page links to is less than a tenth of it. The
/// entries used least are evicted.
const MAX_BYTES: u64 = 8 << 20;
/// The size of an entry without its body, mostly the headers of a 200 and a 304.
const ENTRY_OVERHEAD: usize = 3 << 10;
/// The expected number of entries, which sizes the bookkeeping of evicted ones.
const EXPECTED_ENTRIES: usize = 256;
/// The longest address that is cached. Longer ones are hardly asked for repeatedly.
const MAX_TARGET: usize = 512;

type Bounded<Key, Value> = Cache<Key, Value, ByBytes>;

/// Bodies by a key that names everything they depend on.
pub struct Representations(Bounded<(CacheStatus, String), Arc<Representation>>);

impl Representations {
    pub fn get(&self, status: CacheStatus, key: &str) -> Option<Arc<Representation>> {
        self.0.get(&RepresentationKey(status, key))
    }

    pub fn insert(&self, status: CacheStatus, key: String, body: &Arc<Representation>) {
        self.0.insert((status, key), Arc::clone(body));
    }
}

impl Default for Representations {
    fn default() -> Self {
        Self(bounded())
    }
}

/// Whole responses by the request that they answer.
pub struct ResponseCache(Bounded<RequestKey<Box<str>>, Arc<CachedResponse>>);

/// The part of a request that, together with the snapshot, determines the response.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey<Target> {
    /// The status of the snapshot, which changes with time.
    pub status: CacheStatus,
    /// The content coding that the caller prefers.
    pub coding: ContentCoding,
    /// What else tells responses to one address apart: see [`layer::Variant`].
    pub variant: &'static str,
    /// Path and query, as they were sent.
    pub target: Target,
}

impl ResponseCache {
    pub fn get(&self, key: &RequestKey<&str>) -> Option<Arc<CachedResponse>> {
        self.0.get(key)
    }

    pub fn insert(&self, key: RequestKey<&str>, response: CachedResponse) {
        let RequestKey { status, coding, variant, target } = key;
        if target.len() <= MAX_TARGET {
            let key = RequestKey { status, coding, variant, target: target.into() };
            self.0.insert(key, Arc::new(response));
        }
    }
}

impl Default for ResponseCache {
    fn default() -> Self {
        Self(bounded())
    }
}

fn bounded<Key: Eq + Hash, Value: Clone>() -> Bounded<Key, Value>
where
    ByBytes: Weighter<Key, Value>,
{
    // One shard: several would divide the bytes among them, and one body may need most of them.
    let mut options = OptionsBuilder::new();
    options.shards(1).estimated_items_capacity(EXPECTED_ENTRIES).weight_capacity(MAX_BYTES);
    let options = options.build().expect("all required options are set");
    let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
    Cache::with_options(options, ByBytes, hasher, lifecycle)
}

/// Weighs an entry by its body. The compressed forms made of it later are together never larger, so at worst
/// twice the bound is kept.
#[derive(Clone)]
struct ByBytes;

impl Weighter<(CacheStatus, String), Arc<Representation>> for ByBytes {
    fn weight(&self, (_, key): &(CacheStatus, String), body: &Arc<Representation>) -> u64 {
        weight(key.len(), body.identity().len())
    }
}

impl Weighter<RequestKey<Box<str>>, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, key: &RequestKey<Box<str>>, response: &Arc<CachedResponse>) -> u64 {
        weight(key.target.len(), response.body().len())
    }
}

fn weight(key: usize, body: usize) -> u64 {
    u64::try_from(ENTRY_OVERHEAD.saturating_add(key).saturating_add(body)).unwrap_or(u64::MAX)
}

/// A borrowed key for lookups, which hashes like the owned one.
struct RepresentationKey<'a>(CacheStatus, &'a str);

impl Hash for RepresentationKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1).hash(state);
    }
}

impl Equivalent<(CacheStatus, String)> for RepresentationKey<'_> {
    fn equivalent(&self, kept: &(CacheStatus, String)) -> bool {
        (self.0, self.1) == (kept.0, kept.1.as_str())
    }
}

impl Equivalent<RequestKey<Box<str>>> for RequestKey<&str> {
    fn equivalent(&self, kept: &RequestKey<Box<str>>) -> bool {
        let RequestKey { status, coding, variant, target } = kept;
        *self == RequestKey { status: *status, coding: *coding, variant, target }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    /// A tenth of the bound.
    const LARGE: usize = 800 << 10;

    fn response(body: impl Into<axum::body::Bytes>) -> CachedResponse {
        CachedResponse::new(HeaderMap::new(), body.into())
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let (bodies, responses) = (Representations::default(), ResponseCache::default());
        let status = CacheStatus::Fresh;
        let body = vec![b'x'; LARGE];
        for key in 0..100 {
            let answer = Arc::new(Representation::new("text/plain", body.clone()));
            bodies.insert(status, key.to_string(), &answer);
            let coding = ContentCoding::Gzip;
            let key =
                RequestKey { status, coding, variant: "", target: &*format!("/?amount={key}") };
            responses.insert(key, response(answer.identity().clone()));
        }
        for weight in [bodies.0.weight(), responses.0.weight()] {
            assert!((4 << 20..=MAX_BYTES).contains(&weight), "{weight}");
        }
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood() {
        let bodies = Representations::default();
        let insert = |key: &str| {
            let body = Arc::new(Representation::new("text/plain", vec![b'x'; 10 << 10]));
            bodies.insert(CacheStatus::Fresh, key.to_owned(), &body);
        };
        insert("page?");
        for other in 0..5_000 {
            assert!(bodies.get(CacheStatus::Fresh, "page?").is_some(), "after {other} others");
            insert(&other.to_string());
        }
    }

    #[test]
    fn an_endless_address_is_not_kept() {
        let responses = ResponseCache::default();
        let (status, coding) = (CacheStatus::Fresh, ContentCoding::Identity);
        for (length, kept) in [(MAX_TARGET, true), (MAX_TARGET + 1, false)] {
            let target = "x".repeat(length);
            let key = RequestKey { status, coding, variant: "", target: &*target };
            responses.insert(key, response("body"));
            assert_eq!(responses.get(&key).is_some(), kept);
        }
    }
}
