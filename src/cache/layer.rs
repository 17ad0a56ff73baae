//! A tower layer that answers from the cache, and caches responses that are marked for it.
//!
//! A router takes a few microseconds to find its handler, a cached response less than one. The layer gets the
//! cache of the published snapshot from [`CurrentResponses`]. A handler marks a response as [`Cacheable`] if
//! it depends only on the address and the snapshot.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::MatchedPath,
    http::{HeaderMap, Method, Request, Response, Uri},
};
use futures::future::{self, BoxFuture, Either, FutureExt};
use tower::{Layer, Service};

use super::{CachedResponse, ContentCoding, Representation, RequestKey, ResponseCache};
use crate::rates::{CacheStatus, Timestamp};

/// Access to the cache of the published snapshot.
pub trait CurrentResponses: Clone {
    /// Returns the cache and its snapshot's state; `None` before the first snapshot.
    fn current(&self) -> Option<Current>;
}

/// The cache of the published snapshot, and the snapshot's state at this moment.
pub struct Current {
    pub cache: Arc<ResponseCache>,
    pub status: CacheStatus,
    /// Whole seconds since the snapshot was taken.
    pub age: u64,
    pub now: Timestamp,
}

/// Marks a response as the same for every request to its address; an extension of the response.
#[derive(Clone)]
pub struct Cacheable {
    /// The cache of the snapshot that it was made from, which may no longer be the published one.
    pub cache: Arc<ResponseCache>,
    pub status: CacheStatus,
    pub body: Arc<Representation>,
    /// When it is out of date, if that is before its snapshot is.
    pub fresh_until: Option<Timestamp>,
}

/// Returns what tells responses to one address apart beside their coding, such as a negotiated language; empty if
/// nothing does.
pub type Variant = fn(&Uri, &HeaderMap) -> &'static str;

/// Caches whole responses; see the [module](self).
#[derive(Clone)]
pub struct ResponseCacheLayer<C> {
    pub current: C,
    pub variant: Variant,
}

impl<S, C: Clone> Layer<S> for ResponseCacheLayer<C> {
    type Service = ResponseCacheService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        ResponseCacheService { inner, current: self.current.clone(), variant: self.variant }
    }
}

/// The service created by [`ResponseCacheLayer`].
#[derive(Clone)]
pub struct ResponseCacheService<S, C> {
    inner: S,
    current: C,
    variant: Variant,
}

impl<S, C: CurrentResponses> ResponseCacheService<S, C> {
    fn cached<B>(
        &self,
        request: &Request<B>,
        coding: ContentCoding,
        variant: &'static str,
    ) -> Option<Response<Body>> {
        let target = request.uri().path_and_query()?.as_str();
        let Current { cache, status, age, now } = self.current.current()?;
        let cached = cache.get(&RequestKey { status, coding, variant, target })?;
        cached.is_fresh(now).then(|| cached.respond(request.headers(), age))
    }
}

impl<S, C, B> Service<Request<B>> for ResponseCacheService<S, C>
where
    S: Service<Request<B>, Response = Response<Body>, Future: Send + 'static>,
    C: CurrentResponses,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<
        future::Ready<Result<Response<Body>, S::Error>>,
        BoxFuture<'static, Result<Response<Body>, S::Error>>,
    >;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.method() != Method::GET {
            return Either::Right(self.inner.call(request).boxed());
        }
        let coding = ContentCoding::preferred(request.headers());
        let variant = (self.variant)(request.uri(), request.headers());
        if let Some(response) = self.cached(&request, coding, variant) {
            // There is no span yet that would carry these.
            let id = || request.headers().get("x-request-id")?.to_str().ok();
            tracing::debug!(id = id(), path = request.uri().path(), "answered from the cache");
            return Either::Left(future::ready(Ok(response)));
        }
        let uri = request.uri().clone();
        let response = self.inner.call(request);
        Either::Right(
            async move {
                let mut response = response.await?;
                if let Some(cacheable) = response.extensions_mut().remove::<Cacheable>()
                    && let Some(target) = uri.path_and_query()
                    && response.status().is_success()
                {
                    let of = RequestOf { coding, variant, target: target.as_str() };
                    insert(cacheable, of, &response);
                }
                Ok(response)
            }
            .boxed(),
        )
    }
}

/// What a response answers, but for the snapshot.
struct RequestOf<'a> {
    coding: ContentCoding,
    variant: &'static str,
    target: &'a str,
}

fn insert(cacheable: Cacheable, request: RequestOf, response: &Response<Body>) {
    let RequestOf { coding, variant, target } = request;
    let Cacheable { cache, status, body, fresh_until } = cacheable;
    let route = response.extensions().get::<MatchedPath>().cloned();
    let cached = CachedResponse::new(response.headers().clone(), body.in_coding(coding).clone());
    let cached = cached.fresh_until(fresh_until).of_route(route);
    cache.insert(RequestKey { status, coding, variant, target }, cached);
}
