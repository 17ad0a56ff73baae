//! One GET of an upstream: the client that all sources share, the limits, and which failure is
//! which.

use std::time::{Duration, SystemTime};

use reqwest::{Client, StatusCode, header, redirect};

use super::SourceError;

/// The largest body read; the real one has about 6 KB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Retry-After beyond this is not believed: an upstream that asks for a week has made a mistake.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The pooled client for every upstream. `timeout` bounds a whole call, body included.
pub fn client(timeout: Duration) -> Result<Client, reqwest::Error> {
    // ring: aws-lc, the default, takes four times as long to compile. An error only says that a
    // provider is installed already, as it is from the second client of a test on.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        // CoinGecko answers 403 to callers that do not say who they are.
        .user_agent(concat!("crypto-rates/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(timeout)
        // An exchange-rate API has no reason to send its callers, and their keys, elsewhere.
        .redirect(redirect::Policy::none())
        // The next call comes minutes later, when the connection has long been cut by a middlebox.
        .pool_idle_timeout(Duration::from_secs(60))
        .build()
}

/// Sends `request` and returns the body of a 200.
pub async fn get(
    request: reqwest::RequestBuilder,
    timeout: Duration,
) -> Result<Vec<u8>, SourceError> {
    let failure = |error| from_reqwest(&error, timeout);
    let mut response = request.send().await.map_err(failure)?;
    let status = response.status();
    let retry_after = retry_after(response.headers(), SystemTime::now());
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(SourceError::RateLimited { retry_after });
    }
    if status != StatusCode::OK {
        return Err(SourceError::Status { status: status.as_u16(), retry_after });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(SourceError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn from_reqwest(error: &reqwest::Error, timeout: Duration) -> SourceError {
    if error.is_timeout() {
        return SourceError::Timeout(timeout);
    }
    // The innermost cause says what happened ("connection refused"); the outer ones repeat the
    // address, which may carry a key.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    SourceError::Unreachable(cause.to_string())
}

/// Retry-After as RFC 9110 has it: seconds, or a date.
fn retry_after(headers: &header::HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn wait(value: &str) -> Option<u64> {
        let headers = [(header::RETRY_AFTER, value.parse().unwrap())].into_iter().collect();
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_read_in_both_its_forms() {
        assert_eq!(wait("119"), Some(119));
        assert_eq!(wait("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-5"), None);
        assert_eq!(wait("604800"), Some(3600));
    }
}
