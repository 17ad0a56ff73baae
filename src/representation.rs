//! A body that is made once and sent many times: in each encoding that callers take, under a strong
//! `ETag`, answering conditional requests.

use std::{
    io::Write,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use sha2::{Digest, Sha256};

use crate::rates::Snapshot;

/// Text shorter than this travels in one packet either way.
const WORTH_COMPRESSING: usize = 860;

/// The content codings offered, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Gzip,
    Identity,
}

/// One body in all its encodings.
pub struct Representation {
    content_type: &'static str,
    identity: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
    /// A digest of the identity form, with the snapshot's id before it if it was made of one. Each
    /// encoding adds its name, since a strong `ETag` stands for the very bytes.
    tag: String,
    compressible: bool,
}

/// How long an answer may be kept, and how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// For a snapshot: good for `lifetime` from when it was taken, and `age` of that is over.
    Snapshot { lifetime: Duration, age: Duration },
    /// The address changes when the content does.
    Immutable,
    /// May be kept, but must be asked for again each time.
    Revalidate,
}

impl Representation {
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let identity = body.into();
        let digest = Sha256::digest(&identity);
        Self {
            content_type,
            tag: BASE64_URL_SAFE_NO_PAD.encode(&digest[..12]),
            compressible: identity.len() >= WORTH_COMPRESSING && !is_packed(content_type),
            identity,
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// One whose encodings were made by the build.
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

    /// The same, with the id of the snapshot that it was made of in its `ETag`.
    #[must_use]
    pub fn of(mut self, snapshot: &Snapshot) -> Self {
        self.tag = format!("{}.{}", snapshot.id(), self.tag);
        self
    }

    pub fn identity(&self) -> &Bytes {
        &self.identity
    }

    /// The answer to a request with these headers.
    pub fn respond(
        self: &Arc<Self>,
        request: &HeaderMap,
        caching: Caching,
        status: StatusCode,
    ) -> Response<Body> {
        let coding = if self.compressible { Coding::wanted(request) } else { Coding::Identity };
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        caching.write(headers);
        if self.compressible {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if status == StatusCode::OK {
            let tag = format!("\"{}{}\"", self.tag, coding.tag());
            if let Ok(tag) = tag.parse::<ETag>() {
                let matches = |known: IfNoneMatch| !known.precondition_passes(&tag);
                let unchanged = request.typed_get().is_some_and(matches);
                headers.typed_insert(tag);
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
        *response.body_mut() = Body::from(self.bytes(coding));
        response
    }

    fn bytes(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.identity.clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.identity)).clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.identity)).clone(),
        }
    }
}

impl Coding {
    /// The best coding that `Accept-Encoding` takes, by RFC 9110.
    fn wanted(request: &HeaderMap) -> Self {
        let accepts = |name: &str| {
            let values = request.get_all(header::ACCEPT_ENCODING).into_iter();
            let items = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
            let mut by_star = None;
            for item in items {
                let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
                let weight = weight.trim().strip_prefix("q=").map_or("1", str::trim);
                let wanted = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
                match coding.trim() {
                    coding if coding.eq_ignore_ascii_case(name) => return wanted,
                    "*" => by_star = Some(wanted),
                    _ => {}
                }
            }
            by_star.unwrap_or(false)
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }
}

impl Caching {
    fn write(self, headers: &mut HeaderMap) {
        let control = match self {
            Self::Snapshot { lifetime, age } => {
                headers.insert(header::AGE, age.as_secs().into());
                let control = format!("public, max-age={}", lifetime.as_secs());
                HeaderValue::from_str(&control).unwrap_or(HeaderValue::from_static("no-cache"))
            }
            Self::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Self::Revalidate => HeaderValue::from_static("no-cache"),
        };
        headers.insert(header::CACHE_CONTROL, control);
    }
}

/// Formats that are compressed already.
fn is_packed(content_type: &str) -> bool {
    content_type == "image/png" || content_type.starts_with("font/")
}

fn brotli(body: &[u8]) -> Bytes {
    // Quality 9 takes a few milliseconds for a page, once per snapshot; 11 takes ten times that for
    // three per cent.
    let params = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    let mut compressed = Vec::new();
    match brotli::BrotliCompress(&mut &*body, &mut compressed, &params) {
        Ok(_) => compressed.into(),
        Err(error) => unreachable_write(&error),
    }
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    match encoder.write_all(body).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        Err(error) => unreachable_write(&error),
    }
}

/// Writing to memory does not fail; if it ever does, an empty body is better than a panic.
fn unreachable_write(error: &std::io::Error) -> Bytes {
    tracing::error!(%error, "compressing in memory failed");
    Bytes::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> Coding {
        let headers = [(header::ACCEPT_ENCODING, accept.parse().unwrap())].into_iter().collect();
        Coding::wanted(&headers)
    }

    #[test]
    fn the_smallest_coding_that_the_caller_takes_is_chosen() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(wanted("gzip;q=1.0, br;q=0"), Coding::Gzip);
        assert_eq!(wanted("GZIP"), Coding::Gzip);
        assert_eq!(wanted("*"), Coding::Brotli);
        assert_eq!(wanted("*;q=0.1, br;q=0"), Coding::Gzip);
        assert_eq!(wanted("deflate"), Coding::Identity);
        assert_eq!(wanted(""), Coding::Identity);
        assert_eq!(Coding::wanted(&HeaderMap::new()), Coding::Identity);
    }
}
