//! A body that is made once and sent many times: in every content coding, under a strong `ETag`, answering
//! conditional requests.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use twox_hash::XxHash3_128;

use super::ContentCoding;
use crate::rates::Snapshot;

/// Shorter text fits in one packet without compression.
const WORTH_COMPRESSING: usize = 860;

/// One body in all its content codings.
pub struct Representation {
    content_type: &'static str,
    identity: Bytes,
    brotli: OnceLock<Bytes>,
    zstd: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
    /// A digest of the identity form, prefixed with the id of the snapshot if it was made from one. Each
    /// coding appends its name, since a strong `ETag` stands for the very bytes.
    tag: String,
    compressible: bool,
}

/// How a response may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Fresh for `lifetime` from when its snapshot was taken, `age` ago.
    Snapshot { lifetime: Duration, age: Duration },
    /// The same for a cache that many readers share, such as a CDN. Each reader's own asks again each time.
    SharedSnapshot { lifetime: Duration, age: Duration },
    /// The address changes when the content does.
    Immutable,
    /// May be stored, but must be revalidated each time.
    Revalidate,
}

impl Representation {
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let identity = body.into();
        // Only distinguishes contents for caches, so a fast digest without security is enough.
        let digest = XxHash3_128::oneshot(&identity).to_be_bytes();
        Self {
            content_type,
            tag: BASE64_URL_SAFE_NO_PAD.encode(&digest[..12]),
            compressible: identity.len() >= WORTH_COMPRESSING && !is_packed(content_type),
            identity,
            brotli: OnceLock::new(),
            zstd: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// Creates a body whose codings were made by the build.
    pub fn precompressed(
        content_type: &'static str,
        identity: Bytes,
        brotli: Option<Bytes>,
        gzip: Option<Bytes>,
    ) -> Self {
        let new = Self::new(content_type, identity);
        if let Some(bytes) = brotli {
            let _ = new.brotli.set(bytes);
        }
        if let Some(bytes) = gzip {
            let _ = new.gzip.set(bytes);
        }
        new
    }

    /// Puts the id of the snapshot that it was made from into its `ETag`.
    #[must_use]
    pub fn of(mut self, snapshot: &Snapshot) -> Self {
        self.tag = format!("{}.{}", snapshot.id(), self.tag);
        self
    }

    pub fn identity(&self) -> &Bytes {
        &self.identity
    }

    /// Returns the response to a request with these headers.
    pub fn respond(
        self: &Arc<Self>,
        request: &HeaderMap,
        caching: Caching,
        status: StatusCode,
    ) -> Response<Body> {
        let coding = self.coding(ContentCoding::preferred(request));
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        caching.write(headers);
        if self.compressible {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if status == StatusCode::OK {
            let tag = format!("\"{}{}\"", self.tag, coding.tag());
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                let unchanged = is_known(request, &tag);
                headers.insert(header::ETAG, tag);
                if unchanged {
                    *response.status_mut() = StatusCode::NOT_MODIFIED;
                    return response;
                }
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        *response.status_mut() = status;
        *response.body_mut() = Body::from(self.bytes(coding).clone());
        response
    }

    /// Returns the body in the `wanted` coding, or as it is if compression is not worth it.
    pub fn in_coding(&self, wanted: ContentCoding) -> &Bytes {
        self.bytes(self.coding(wanted))
    }

    fn coding(&self, wanted: ContentCoding) -> ContentCoding {
        if self.compressible { wanted } else { ContentCoding::Identity }
    }

    /// Returns the body in this coding, which is made on first use.
    fn bytes(&self, coding: ContentCoding) -> &Bytes {
        let kept = match coding {
            ContentCoding::Brotli => &self.brotli,
            ContentCoding::Zstd => &self.zstd,
            ContentCoding::Gzip => &self.gzip,
            ContentCoding::Identity => return &self.identity,
        };
        kept.get_or_init(|| coding.encode(&self.identity))
    }

    /// Makes the body in every coding, ahead of requests.
    pub fn make_all(&self) {
        if self.compressible {
            for coding in ContentCoding::ALL {
                self.bytes(coding);
            }
        }
    }
}

impl Caching {
    fn write(self, headers: &mut HeaderMap) {
        let control = match self {
            Self::Snapshot { lifetime, age } => {
                until_the_next_snapshot(headers, format!("max-age={}", lifetime.as_secs()), age)
            }
            Self::SharedSnapshot { lifetime, age } => {
                let fresh = format!("max-age=0, s-maxage={}", lifetime.as_secs());
                until_the_next_snapshot(headers, fresh, age)
            }
            Self::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Self::Revalidate => HeaderValue::from_static("no-cache"),
        };
        headers.insert(header::CACHE_CONTROL, control);
    }
}

/// How long a cache may go on with what it has while the server can't be reached (RFC 5861). It tells its own
/// age: the last good rates are always on the screen.
const STALE_IF_ERROR: Duration = Duration::from_secs(86_400);

fn until_the_next_snapshot(headers: &mut HeaderMap, fresh: String, age: Duration) -> HeaderValue {
    headers.insert(header::AGE, age.as_secs().into());
    let control = format!("public, {fresh}, stale-if-error={}", STALE_IF_ERROR.as_secs());
    HeaderValue::from_str(&control).unwrap_or(HeaderValue::from_static("no-cache"))
}

/// Returns whether `If-None-Match` says that the caller has the body with this tag.
pub fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let Some(known) = request.get(header::IF_NONE_MATCH) else { return false };
    // Most callers send one tag, as they received it. Lists, weak tags and `*` are parsed.
    known == tag || {
        let tag = tag.to_str().ok().and_then(|tag| tag.parse::<ETag>().ok());
        let known = request.typed_get::<IfNoneMatch>();
        tag.zip(known).is_some_and(|(tag, known)| !known.precondition_passes(&tag))
    }
}

/// Returns whether a format is already compressed.
fn is_packed(content_type: &str) -> bool {
    content_type == "image/png" || content_type.starts_with("font/")
}
