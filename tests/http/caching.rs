//! `ETag`s, content codings, ages and CORS.

use std::{collections::HashSet, io::Read};

use crate::{app::App, standin::Reply};

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let app = App::start().await;
    for path in [
        "/api/rates",
        "/api/rates?base=eur",
        "/api/rates.csv",
        "/api/rates/usd",
        "/api/sparklines",
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
        let zstd = app.get_with(path, &[("accept-encoding", "gzip, zstd")]).await;
        let brotli = app.get_with(path, &[("accept-encoding", "gzip, deflate, br")]).await;
        assert_eq!(gzip.header("content-encoding"), "gzip");
        assert_eq!(zstd.header("content-encoding"), "zstd");
        assert_eq!(brotli.header("content-encoding"), "br");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*gzip.bytes).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes);
        assert_eq!(zstd::decode_all(&*zstd.bytes).unwrap(), plain.bytes);
        unpacked.clear();
        brotli::BrotliDecompress(&mut &*brotli.bytes, &mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes);
        let all = [&plain, &gzip, &zstd, &brotli];
        let tags: HashSet<_> = all.iter().map(|answer| answer.header("etag")).collect();
        assert_eq!(tags.len(), 4, "{tags:?}");
        assert_eq!(all.map(|a| a.header("vary").contains("accept-encoding")), [true; 4]);
    }
}

#[tokio::test]
async fn the_second_answer_says_what_the_first_one_said() {
    let app = App::start().await;
    // The first answer comes from the router, the second from the cache.
    let own = ["x-request-id", "date", "age"];
    for path in [
        "/",
        "/?base=eur&sort=name",
        "/api/rates",
        "/api/rates.csv?type=fiat",
        "/api/rates/usd",
        "/api/sparklines?base=usd",
    ] {
        for coding in ["identity", "gzip", "zstd", "br"] {
            let coding = ("accept-encoding", coding);
            let (first, second) =
                (app.get_with(path, &[coding]).await, app.get_with(path, &[coding]).await);
            let tag = first.header("etag").to_owned();
            let known = [coding, ("if-none-match", &*format!("{tag}, \"other\""))];
            let head = app.send("HEAD", path, &known).await;
            let unchanged = app.get_with(path, &known).await;
            assert_eq!((head.status.as_u16(), unchanged.status.as_u16()), (304, 304));
            let mut pairs = [(first, second), (head, unchanged)];
            // hyper sends the length of an empty answer only for HEAD.
            pairs[1].0.headers.remove("content-length");
            for (mut one, mut other) in pairs {
                assert_eq!(one.bytes, other.bytes, "{path}");
                assert_eq!(one.headers.contains_key("age"), other.headers.contains_key("age"));
                assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
                for header in own {
                    one.headers.remove(header);
                    other.headers.remove(header);
                }
                assert_eq!(one.headers, other.headers, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_is_not_kept_beyond_its_rates() {
    let app = App::start_with(Reply::rates(1.0), &[("CACHE_DURATION", "1")]).await;
    app.wait_for_rates().await;
    let usd = async |path: &str| app.get(path).await.json()["rates"]["usd"]["value"].clone();
    for path in ["/api/rates", "/api/rates?symbols=usd"] {
        assert_eq!((usd(path).await, usd(path).await), (1.0.into(), 1.0.into()));
    }
    app.upstream.set(Reply::rates(1.1));
    for path in ["/api/rates", "/api/rates?symbols=usd"] {
        app.wait_until("the new rates are there", async || usd(path).await == 1.1).await;
    }
}

#[tokio::test]
async fn caches_are_told_the_truth_about_the_snapshot() {
    let app = App::start_with(Reply::rates(1.0), &[("CACHE_DURATION", "120")]).await;
    app.wait_for_rates().await;
    let answer = app.get("/api/rates").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=120, stale-if-error=86400");
    assert!(answer.header("age").parse::<u64>().unwrap() < 60);
    // A CDN may keep the page as long; a reader's browser asks each time.
    for path in ["/", "/?base=eur", "/?view=board", "/?symbol=usd"] {
        let page = app.get(path).await;
        let control = "public, max-age=0, s-maxage=120, stale-if-error=86400";
        assert_eq!(page.header("cache-control"), control, "{path}");
        assert!(page.header("age").parse::<u64>().unwrap() < 60, "{path}");
    }
    // It quotes its request, and nobody asks for it twice.
    assert_eq!(app.get("/?base=???").await.header("cache-control"), "no-cache");
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
