//! One GET of an upstream: the client that all sources share, its limits, and the kinds of failure.

use std::time::{Duration, SystemTime};

use reqwest::{Client, StatusCode, header, redirect};

use super::SourceError;

/// The largest body that is read, in bytes. CoinGecko's has about 6 KB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The longest Retry-After that is respected: an upstream that asks for a week has made a mistake.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// Returns the client for every upstream. `timeout` is for a whole call, body included.
pub fn client(timeout: Duration) -> Result<Client, reqwest::Error> {
    // ring, because aws-lc, the default, takes four times as long to compile. An error only means that
    // a provider is already installed, as in tests with several clients.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        // CoinGecko answers 403 without one.
        .user_agent(concat!("crypto-rates/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(timeout)
        // An exchange-rate API has no reason to redirect its callers, and a key must not follow.
        .redirect(redirect::Policy::none())
        // The next call comes minutes later, and a middlebox may have cut the connection by then.
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
    // The innermost cause says what happened ("connection refused"). The outer ones repeat the
    // address, which may contain a key.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    SourceError::Unreachable(cause.to_string())
}

/// Reads Retry-After (RFC 9110): seconds, or a date.
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
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::UNIX_EPOCH,
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

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

    /// Calls an upstream that sends `answer` and closes the connection, or resets it if `answer` is
    /// empty. Returns the result, and how often the upstream was called.
    async fn answered(answer: &str) -> (Result<Vec<u8>, SourceError>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, calls) = (answer.to_owned(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&calls);
        let upstream = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::Relaxed);
                read_head(&mut stream).await;
                let answer = answer.replace("{address}", &address.to_string());
                if answer.is_empty() {
                    let _ = stream.set_zero_linger();
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        // Long enough for the slowest machine.
        let timeout = Duration::from_secs(600);
        let request = client(timeout).unwrap().get(format!("http://{address}/"));
        let result = get(request, timeout).await;
        upstream.abort();
        (result, calls.load(Ordering::Relaxed))
    }

    async fn read_head(stream: &mut TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
    }

    #[tokio::test]
    async fn the_body_of_a_200_is_read_and_no_other() {
        let with = |status: &str, headers: &str, body: &str| {
            let length = body.len();
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
        };
        let (read, _) = answered(&with("200 OK", "", "{}")).await;
        assert_eq!(read.as_deref(), Ok(&b"{}"[..]));
        for (status, headers, body) in [
            // Not followed, although the address would answer.
            ("302 Found", "location: http://{address}/elsewhere\r\n", ""),
            ("400 Bad Request", "", "{}"),
            ("401 Unauthorized", "", "{}"),
            ("403 Forbidden", "", "<!DOCTYPE html><html><title>Just a moment…</title></html>"),
            ("403 Forbidden", "", r#"{"error_code":1020}"#),
            ("408 Request Timeout", "", ""),
            ("500 Internal Server Error", "", ""),
            ("503 Service Unavailable", "", ""),
        ] {
            let (error, calls) = answered(&with(status, headers, body)).await;
            let number = status[..3].parse().unwrap();
            let expected = SourceError::Status { status: number, retry_after: None };
            assert_eq!((error, calls), (Err(expected), 1), "{status}");
        }
        let (error, _) = answered(&with("503 Busy", "retry-after: 7\r\n", "")).await;
        let retry_after = Some(Duration::from_secs(7));
        assert_eq!(error, Err(SourceError::Status { status: 503, retry_after }));
        let (error, _) = answered(&with("429 Too Many Requests", "retry-after: 7\r\n", "")).await;
        assert_eq!(error, Err(SourceError::RateLimited { retry_after }));
        let (error, _) = answered(&with("429 Too Many Requests", "", "{}")).await;
        assert_eq!(error, Err(SourceError::RateLimited { retry_after: None }));
    }

    #[tokio::test]
    async fn a_body_has_a_largest_size() {
        let head = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let body = "x".repeat(BODY_LIMIT);
        let (read, _) = answered(&(head(BODY_LIMIT) + &body)).await;
        assert_eq!(read.map(|read| read.len()), Ok(BODY_LIMIT));
        let (error, _) = answered(&(head(BODY_LIMIT + 1) + &body + "x")).await;
        assert_eq!(error, Err(SourceError::TooLarge));
        // The same without a Content-Length.
        let (error, _) = answered(&format!("HTTP/1.1 200 OK\r\n\r\n{}", body.repeat(5))).await;
        assert_eq!(error, Err(SourceError::TooLarge));
    }

    #[tokio::test]
    async fn who_ends_early_or_is_not_there_is_unreachable() {
        // Empty for a reset connection.
        for answer in ["", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"rates\""] {
            let (error, _) = answered(answer).await;
            assert_eq!(error.unwrap_err().outcome(), "unreachable", "{answer}");
        }
        let timeout = Duration::from_secs(600);
        let request = client(timeout).unwrap().get("http://127.0.0.1:9/");
        assert_eq!(get(request, timeout).await.unwrap_err().outcome(), "unreachable");
    }

    // On real time, because a paused clock advances while bytes are on their way. A slow machine does not
    // matter: it only delays the upstream, which must miss the deadline.
    #[tokio::test]
    async fn the_deadline_is_of_the_whole_call() {
        let timeout = Duration::from_millis(200);
        // Nothing at all, or one byte at a time for longer than the deadline.
        for pieces in [0, 600] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let upstream = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                read_head(&mut stream).await;
                if pieces == 0 {
                    std::future::pending::<()>().await;
                }
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {pieces}\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                for _ in 0..pieces {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if stream.write_all(b" ").await.is_err() {
                        return;
                    }
                }
            });
            let request = client(timeout).unwrap().get(format!("http://{address}/"));
            assert_eq!(get(request, timeout).await, Err(SourceError::Timeout(timeout)), "{pieces}");
            upstream.abort();
        }
    }
}
