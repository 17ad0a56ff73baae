//! `ETags`, encodings, ages, and who may read.

use std::io::Read;

use crate::{app::App, standin::Reply};

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let app = App::start().await;
    for path in [
        "/api/rates",
        "/api/rates?base=eur",
        "/api/rates.csv",
        "/api/rates/usd",
        "/",
        "/api/openapi.json",
        "/api/docs",
        "/favicon.svg",
        "/api/convert?from=usd&to=eur",
    ] {
        let first = app.get(path).await;
        let tag = first.header("etag");
        assert!(tag.starts_with('"'), "{path} has no strong ETag: {tag}");
        for known in [tag.to_owned(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".into()] {
            let again = app.get_with(path, &[("if-none-match", &known)]).await;
            assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{path}");
            assert_eq!(again.header("etag"), tag);
        }
        let other = app.get_with(path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn each_encoding_is_whole_and_has_a_tag_of_its_own() {
    let app = App::start().await;
    for path in ["/api/rates", "/", "/api/openapi.json"] {
        let plain = app.get(path).await;
        let gzip = app.get_with(path, &[("accept-encoding", "gzip")]).await;
        let brotli = app.get_with(path, &[("accept-encoding", "gzip, deflate, br")]).await;
        assert_eq!(gzip.header("content-encoding"), "gzip");
        assert_eq!(brotli.header("content-encoding"), "br");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*gzip.bytes).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes);
        unpacked.clear();
        brotli::BrotliDecompress(&mut &*brotli.bytes, &mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes);
        let tags = [&plain, &gzip, &brotli].map(|answer| answer.header("etag"));
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
        assert_eq!(
            [&plain, &gzip, &brotli].map(|a| a.header("vary").contains("accept-encoding")),
            [true; 3]
        );
    }
}

#[tokio::test]
async fn caches_are_told_the_truth_about_the_snapshot() {
    let app = App::start_with(Reply::rates(1.0), &[("CACHE_DURATION", "120")]).await;
    app.wait_for_rates().await;
    let answer = app.get("/api/rates").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=120");
    assert!(answer.header("age").parse::<u64>().unwrap() < 60);
    assert_eq!(app.get("/").await.header("cache-control"), "no-cache");
    assert_eq!(app.get("/health").await.header("cache-control"), "no-store");
    assert_eq!(app.get("/fn/latest").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_head_request_gets_the_head_of_the_answer() {
    let app = App::start().await;
    let (get, head) = (app.get("/api/rates").await, app.send("HEAD", "/api/rates", &[]).await);
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.header("content-length"), get.bytes.len().to_string());
}

#[tokio::test]
async fn pages_of_any_origin_may_read_the_api_and_nothing_else() {
    let app = App::start().await;
    let origin = [("origin", "https://example.org")];
    for path in ["/api/rates", "/api/rates?base=xyz", "/api/rates.csv"] {
        let answer = app.get_with(path, &origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("access-control-expose-headers").contains("etag"), "{path}");
    }
    for path in ["/", "/fn/latest", "/health", "/metrics"] {
        let answer = app.get_with(path, &origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let asks = [
        ("origin", "https://example.org"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "if-none-match"),
    ];
    let preflight = app.send("OPTIONS", "/api/rates", &asks).await;
    assert!(preflight.status.is_success());
    assert_eq!(preflight.header("access-control-allow-headers"), "if-none-match,accept");
    assert!(!preflight.header("access-control-allow-methods").contains("POST"));
}
