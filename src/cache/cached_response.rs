//! A whole answer, ready to be sent again.

use axum::{
    body::Bytes,
    extract::MatchedPath,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use http_body_util::Full;

use super::representation::is_known;

/// What is said of a body, or to somebody who shows it.
const OF_BODIES: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_SECURITY_POLICY,
    header::REFERRER_POLICY,
    HeaderName::from_static("cross-origin-opener-policy"),
];

/// An answer as the router gave it, which does for everybody who asks for the same. What differs from
/// request to request is written anew each time: the age, and whether the caller has it already.
pub struct CachedResponse {
    route: Option<MatchedPath>,
    /// The head of a 200.
    head: HeaderMap,
    /// The head of a 304: the same, but for what belongs to a body.
    head_unchanged: HeaderMap,
    tag: Option<HeaderValue>,
    /// Whether it tells its age.
    aged: bool,
    body: Bytes,
}

impl CachedResponse {
    /// Of the head of a 200 that answered `route`.
    pub fn new(route: Option<MatchedPath>, mut head: HeaderMap, body: Bytes) -> Self {
        let aged = head.remove(header::AGE).is_some();
        let mut head_unchanged = head.clone();
        for of_body in OF_BODIES {
            head_unchanged.remove(of_body);
        }
        Self { route, tag: head.get(header::ETAG).cloned(), head, head_unchanged, aged, body }
    }

    pub fn route(&self) -> Option<&MatchedPath> {
        self.route.as_ref()
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer to a request with these headers, when the snapshot is `age` seconds old.
    pub fn respond(&self, request: &HeaderMap, age: u64) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        if self.tag.as_ref().is_some_and(|tag| is_known(request, tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = self.head_unchanged.clone();
        } else {
            *response.body_mut() = Full::new(self.body.clone());
            *response.headers_mut() = self.head.clone();
        }
        if self.aged {
            response.headers_mut().insert(header::AGE, age.into());
        }
        response
    }
}
