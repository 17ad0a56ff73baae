//! One GET of an upstream: the client that all sources share, its limits, and the kinds of failure.

use std::time::{Duration, SystemTime};

use reqwest::{Client, StatusCode, header, redirect};

use super::{SourceError, reason::LIMIT};

/// The largest body that is read, in bytes. CoinGecko's has about 6 KB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The longest Retry-After that is respected: an upstream that asks for a week has made a mistake.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The greatest age of an answer that is believed. Rates that old are stale, however much older they are.
const GREATEST_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// What an upstream has answered.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub body: Vec<u8>,
    /// How old the body was when it arrived, by its own headers.
    pub age: Duration,
}

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

/// Sends `request` and returns the answer if it is a 200. `key` is kept out of errors.
pub async fn get(
    request: reqwest::RequestBuilder,
    timeout: Duration,
    key: Option<&str>,
) -> Result<Answer, SourceError> {
    let failure = |error| from_reqwest(&error, timeout);
    let mut response = request.send().await.map_err(failure)?;
    let status = response.status();
    let now = SystemTime::now();
    let (retry_after, age) = (retry_after(response.headers(), now), age(response.headers(), now));
    if status != StatusCode::OK {
        let error = if status == StatusCode::TOO_MANY_REQUESTS {
            SourceError::RateLimited { retry_after, reason: None }
        } else {
            SourceError::Status { status: status.as_u16(), retry_after, reason: None }
        };
        return Err(error.because(&beginning(response).await, key));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(SourceError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { body, age })
}

/// Reads the beginning of the body of an error, as far as it comes before the deadline of the call.
pub async fn beginning(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < LIMIT
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(LIMIT);
    body
}

fn from_reqwest(error: &reqwest::Error, timeout: Duration) -> SourceError {
    if error.is_timeout() {
        return SourceError::Timeout(timeout);
    }
    SourceError::Unreachable(innermost_cause(error))
}

/// Returns what happened, such as "connection refused". The outer causes repeat the address, which may contain
/// a key.
pub fn innermost_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Returns how old a body is (RFC 9111): as old as Age says, and not younger than Last-Modified.
///
/// Last-Modified is compared with Date, which is by the same clock, and then Age comes on top. Date alone makes
/// nothing older: a clock may be wrong, theirs or ours. What is in the future counts as new.
fn age(headers: &header::HeaderMap, now: SystemTime) -> Duration {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |name| text(name).and_then(|date| httpdate::parse_http_date(date).ok());
    let in_caches = text(header::AGE).and_then(|age| age.parse().ok()).map(Duration::from_secs);
    let in_caches = in_caches.unwrap_or_default().min(GREATEST_AGE);
    let unmodified = date(header::LAST_MODIFIED).and_then(|modified| match date(header::DATE) {
        Some(sent) => Some(sent.duration_since(modified).ok()? + in_caches),
        None => now.duration_since(modified).ok(),
    });
    in_caches.max(unmodified.unwrap_or_default()).min(GREATEST_AGE)
}

/// Reads Retry-After (RFC 9110): seconds, or a date.
pub fn retry_after(headers: &header::HeaderMap, now: SystemTime) -> Option<Duration> {
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

    #[test]
    fn a_body_is_as_old_as_its_headers_say() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        let old = |headers: &[(header::HeaderName, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            age(&headers.collect(), now).as_secs()
        };
        let (age, date, modified) = (header::AGE, header::DATE, header::LAST_MODIFIED);
        assert_eq!(old(&[]), 0);
        assert_eq!(old(&[(age.clone(), "240")]), 240);
        for nonsense in ["-5", "", "soon", "99999999999999999999999", "1.5"] {
            assert_eq!(old(&[(age.clone(), nonsense)]), 0, "{nonsense}");
        }
        assert_eq!(old(&[(age.clone(), "4294967296")]), 86_400);
        // Last-Modified against Date, then against our clock; in the future it says nothing.
        let at = |name: &header::HeaderName, time| (name.clone(), time);
        let at_eight = at(&modified, "Sun, 06 Nov 1994 08:00:00 GMT");
        let an_hour_ahead = at(&date, "Sun, 06 Nov 1994 09:49:37 GMT");
        assert_eq!(old(std::slice::from_ref(&at_eight)), 2_977);
        assert_eq!(old(&[at_eight.clone(), at(&date, "Sun, 06 Nov 1994 08:10:00 GMT")]), 600);
        let in_a_cache = [at_eight, at(&date, "Sun, 06 Nov 1994 08:10:00 GMT"), at(&age, "60")];
        assert_eq!(old(&in_a_cache), 660);
        assert_eq!(old(&[at(&modified, "Mon, 07 Nov 1994 08:00:00 GMT")]), 0);
        assert_eq!(old(&[at(&modified, "Mon, 07 Nov 1904 08:00:00 GMT")]), 0);
        assert_eq!(old(&[at(&modified, "Sun, 06 Nov 1983 08:00:00 GMT")]), 86_400);
        // A clock that is off, theirs or ours.
        assert_eq!(old(&[an_hour_ahead]), 0);
        assert_eq!(old(&[at(&date, "Sat, 05 Nov 1994 08:49:37 GMT")]), 0);
    }

    /// Calls an upstream that sends `answer` and closes the connection, or resets it if `answer` is
    /// empty. Returns the result, and how often the upstream was called.
    async fn answered(answer: &str) -> (Result<Answer, SourceError>, usize) {
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
        let result = get(request, timeout, Some("CG-geheim")).await;
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
        assert_eq!(read, Ok(Answer { body: b"{}".to_vec(), age: Duration::ZERO }));
        let (read, _) = answered(&with("200 OK", "age: 90\r\n", "{}")).await;
        assert_eq!(read.map(|read| read.age.as_secs()), Ok(90));
        let wrong_host =
            r#"{"status":{"error_code":10010,"error_message":"Use the Pro host with CG-geheim"}}"#;
        for (status, headers, body, reason) in [
            // Not followed, although the address would answer.
            ("302 Found", "location: http://{address}/elsewhere\r\n", "", ""),
            ("400 Bad Request", "", "{}", ""),
            ("400 Bad Request", "", wrong_host, "error code 10010: Use the Pro host with …"),
            (
                "401 Unauthorized",
                "",
                r#"{"error":{"status":{"error_code":10005}}}"#,
                "error code 10005",
            ),
            (
                "403 Forbidden",
                "",
                "<!DOCTYPE html><html><title>Just a moment…</title></html>",
                "Just a moment…",
            ),
            ("403 Forbidden", "", r#"{"error_code":1020}"#, "error code 1020"),
            ("408 Request Timeout", "", "", ""),
            ("500 Internal Server Error", "", "Oops\n", "Oops"),
            ("503 Service Unavailable", "", "", ""),
        ] {
            let (error, calls) = answered(&with(status, headers, body)).await;
            let number = status[..3].parse().unwrap();
            let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
            let expected = SourceError::Status { status: number, retry_after: None, reason };
            assert_eq!((error, calls), (Err(expected), 1), "{status}");
        }
        let (error, _) = answered(&with("503 Busy", "retry-after: 7\r\n", "")).await;
        let retry_after = Some(Duration::from_secs(7));
        assert_eq!(error, Err(SourceError::Status { status: 503, retry_after, reason: None }));
        let (error, _) = answered(&with("429 Too Many Requests", "retry-after: 7\r\n", "")).await;
        assert_eq!(error, Err(SourceError::RateLimited { retry_after, reason: None }));
        let limited = r#"{"status":{"error_code":429,"error_message":"You've exceeded …"}}"#;
        let (error, _) = answered(&with("429 Too Many Requests", "", limited)).await;
        let reason = Some("error code 429: You've exceeded …".to_owned());
        assert_eq!(error, Err(SourceError::RateLimited { retry_after: None, reason }));
        // The body of an error is read as far as it comes, and no further than need be.
        for body in ["a".to_owned(), "a ".repeat(BODY_LIMIT)] {
            let answer =
                format!("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 9999999\r\n\r\n{body}");
            let error = answered(&answer).await.0.unwrap_err();
            assert!(error.to_string().starts_with("answered with status 502: a"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_body_has_a_largest_size() {
        let head = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let body = "x".repeat(BODY_LIMIT);
        let (read, _) = answered(&(head(BODY_LIMIT) + &body)).await;
        assert_eq!(read.map(|read| read.body.len()), Ok(BODY_LIMIT));
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
        let error = get(request, timeout, None).await.unwrap_err();
        assert_eq!(error.outcome(), "unreachable");
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
            let answer = get(request, timeout, None).await;
            assert_eq!(answer, Err(SourceError::Timeout(timeout)), "{pieces}");
            upstream.abort();
        }
    }
}
