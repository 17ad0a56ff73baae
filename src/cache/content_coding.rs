//! Content codings: how one is chosen and applied.

use std::io::{self, Write};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};

/// The content codings offered, the preferred one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentCoding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

impl ContentCoding {
    pub const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Returns the preferred coding that `Accept-Encoding` allows (RFC 9110).
    pub fn preferred(request: &HeaderMap) -> Self {
        if !request.contains_key(header::ACCEPT_ENCODING) {
            return Self::Identity;
        }
        let accepts = |name: &str| {
            let values = request.get_all(header::ACCEPT_ENCODING).into_iter();
            let items = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
            let mut by_star = None;
            for item in items {
                let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
                let wanted = is_acceptable(weight);
                match coding.trim() {
                    coding if coding.eq_ignore_ascii_case(name) => return wanted,
                    "*" => by_star = Some(wanted),
                    _ => {}
                }
            }
            by_star.unwrap_or(false)
        };
        let wanted = |coding: &Self| coding.name().is_none_or(accepts);
        Self::ALL.into_iter().find(wanted).unwrap_or(Self::Identity)
    }

    /// Returns the name for `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Returns the suffix for an `ETag`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Zstd => "-zs",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    /// Encodes a body. All three codings together take less than two milliseconds for a page.
    pub fn encode(self, body: &Bytes) -> Bytes {
        let encoded = match self {
            Self::Brotli => brotli(body),
            Self::Zstd => zstd::bulk::compress(body, 6),
            Self::Gzip => gzip(body),
            Self::Identity => return body.clone(),
        };
        // Writing to memory does not fail; if it ever does, an empty body is better than a panic.
        let encoded = encoded.inspect_err(|error| tracing::error!(%error, ?self, "can't compress"));
        // Drops the spare capacity that the encoders leave, because the body is kept.
        encoded.unwrap_or_default().into_boxed_slice().into()
    }
}

/// Returns whether the weight of a coding, as in `q=0.5`, is above zero. It defaults to 1.
fn is_acceptable(weight: &str) -> bool {
    match weight.trim().split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
            value.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0)
        }
        _ => true,
    }
}

fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    // Above quality 5, a page gets half a per cent smaller and takes seven times as long. A window of 256 KB
    // is more than a page, and keeps the encoder's memory small.
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: 18,
        size_hint: body.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*body, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> ContentCoding {
        let headers = [(header::ACCEPT_ENCODING, accept.parse().unwrap())].into_iter().collect();
        ContentCoding::preferred(&headers)
    }

    #[test]
    fn the_smallest_coding_that_the_caller_takes_is_chosen() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), ContentCoding::Brotli);
        assert_eq!(wanted("gzip, zstd"), ContentCoding::Zstd);
        assert_eq!(wanted("gzip;q=1.0, br;q=0"), ContentCoding::Gzip);
        assert_eq!(wanted("br;Q=0, gzip; Q=0.5"), ContentCoding::Gzip);
        assert_eq!(wanted("br ; q=0.0"), ContentCoding::Identity);
        assert_eq!(wanted("GZIP"), ContentCoding::Gzip);
        assert_eq!(wanted("*"), ContentCoding::Brotli);
        assert_eq!(wanted("*;q=0.1, br;q=0, zstd;q=0"), ContentCoding::Gzip);
        assert_eq!(wanted("deflate"), ContentCoding::Identity);
        assert_eq!(wanted(""), ContentCoding::Identity);
        assert_eq!(ContentCoding::preferred(&HeaderMap::new()), ContentCoding::Identity);
    }
}
