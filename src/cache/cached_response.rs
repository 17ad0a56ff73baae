//! A whole response that can be sent again.

use axum::{
    body::{Body, Bytes},
    extract::MatchedPath,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};

use super::representation::is_known;
use crate::rates::Timestamp;

/// Headers that a 304 omits: they are about a body, or about a document that shows it.
const ABOUT_BODIES: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_SECURITY_POLICY,
    header::REFERRER_POLICY,
    HeaderName::from_static("cross-origin-opener-policy"),
];

/// How many headers are set for each request: the age, the date and the request's id.
const SET_FOR_EACH: usize = 3;

/// A response for every request with the same key. The age, and whether the caller has the body already, are
/// determined anew for each request.
pub struct CachedResponse {
    /// The headers of a 200.
    headers: HeaderMap,
    /// The headers of a 304.
    headers_not_modified: HeaderMap,
    etag: Option<HeaderValue>,
    has_age: bool,
    body: Bytes,
    /// The route that it came from, for the metrics.
    route: Option<MatchedPath>,
    /// When it is out of date, even if the snapshot is still the same.
    fresh_until: Option<Timestamp>,
}

impl CachedResponse {
    /// Creates a cached response from the headers and the body of a 200.
    pub fn new(mut headers: HeaderMap, body: Bytes) -> Self {
        let has_age = headers.remove(header::AGE).is_some();
        // A clone has room for as many: else each response would move all of them to a larger map.
        headers.reserve(SET_FOR_EACH);
        let mut headers_not_modified = headers.clone();
        for header in ABOUT_BODIES {
            headers_not_modified.remove(header);
        }
        let etag = headers.get(header::ETAG).cloned();
        Self { headers, headers_not_modified, etag, has_age, body, route: None, fresh_until: None }
    }

    /// Sets the time at which it is out of date.
    #[must_use]
    pub fn fresh_until(self, fresh_until: Option<Timestamp>) -> Self {
        Self { fresh_until, ..self }
    }

    /// Sets the route that it came from.
    #[must_use]
    pub fn of_route(self, route: Option<MatchedPath>) -> Self {
        Self { route, ..self }
    }

    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.fresh_until.is_none_or(|until| now < until)
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the response to a request with these headers, when the snapshot is `age` seconds old.
    pub fn respond(&self, request: &HeaderMap, age: u64) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        if self.etag.as_ref().is_some_and(|etag| is_known(request, etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = self.headers_not_modified.clone();
        } else {
            *response.body_mut() = Body::from(self.body.clone());
            *response.headers_mut() = self.headers.clone();
        }
        if let Some(route) = &self.route {
            response.extensions_mut().insert(route.clone());
        }
        if self.has_age {
            response.headers_mut().insert(header::AGE, age.into());
        }
        response
    }
}
