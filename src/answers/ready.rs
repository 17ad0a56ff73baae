//! A whole answer, ready to be sent again.

use axum::{
    body::Bytes,
    extract::MatchedPath,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use http_body_util::Full;

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
pub struct Ready {
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

impl Ready {
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
        if self.is_known(request) {
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

    fn is_known(&self, request: &HeaderMap) -> bool {
        let (Some(tag), Some(known)) = (&self.tag, request.get(header::IF_NONE_MATCH)) else {
            return false;
        };
        // Most have the one tag that they were sent; lists, weak ones and `*` are read in full.
        known == tag || {
            let tag = tag.to_str().ok().and_then(|tag| tag.parse::<ETag>().ok());
            let known = request.typed_get::<IfNoneMatch>();
            tag.zip(known).is_some_and(|(tag, known)| !known.precondition_passes(&tag))
        }
    }
}
