//! Every mistake of a caller is named, and is never reported as the server's fault.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::app::App;

#[tokio::test]
async fn a_wrong_query_is_a_problem_that_names_the_parameter() {
    let app = App::start().await;
    let many = format!("symbols={}", "usd,".repeat(10_000));
    let long = format!("base={}", "x".repeat(5_000));
    for (query, parameter) in [
        ("base=xyz", "base"),
        ("base=", "base"),
        ("base=%E2%82%AC", "base"),
        ("base=%FF", "base"),
        ("base=usd&base=eur", "base"),
        ("base=usd&base=usd", "base"),
        ("symbols=", "symbols"),
        ("symbols=usd,", "symbols"),
        ("symbols=usd,xyz", "symbols"),
        ("symbols=usd,USD", "symbols"),
        ("symbols=%C3%28", "symbols"),
        (&*many, "symbols"),
        (&*long, "base"),
        ("type=stock", "type"),
        ("type=", "type"),
        ("type=Fiat", "type"),
        ("limit=5", "limit"),
        ("%3Cscript%3E=1", "<script>"),
        ("%FF=1", "query"),
    ] {
        for route in ["/api/rates", "/api/rates.csv"] {
            let answer = app.get(&format!("{route}?{query}")).await;
            let name = &query[..query.len().min(40)];
            assert_eq!(answer.status.as_u16(), 400, "{route}?{name}");
            assert_eq!(answer.json()["parameter"], parameter, "{route}?{name}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(answer.bytes.len() < 1_000, "{route}?{name} is echoed at length");
        }
    }
    assert_eq!(app.get("/api/rates/usd?symbols=usd").await.json()["parameter"], "symbols");
    for route in ["/api/openapi.json", "/api/docs", "/fn/latest"] {
        let answer = app.get(&format!("{route}?limit=5")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["parameter"]), (400, &"limit".into()));
    }
}

#[tokio::test]
async fn unknown_paths_are_problems_for_programs_and_pages_for_people() {
    let app = App::start().await;
    for path in [
        "/api/nothing",
        "/api",
        "/nothing",
        "/fn/nothing",
        "/pkg/nothing.js",
        "/%FF",
        "/api/rates/%FF",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    let page = app.get_with("/nothing", &[("accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!(page.status.as_u16(), 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains(r#"href="/""#), "{}", page.text());
}

#[tokio::test]
async fn other_methods_are_refused_and_the_right_ones_named() {
    let app = App::start().await;
    for path in ["/", "/api/rates", "/health", "/metrics", "/fn/latest", "/favicon.svg"] {
        let answer = app.send("POST", path, &[]).await;
        assert_eq!(answer.status.as_u16(), 405, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(answer.header("allow"), "GET,HEAD", "{path}");
    }
}

/// Sends raw bytes and returns the status line.
async fn raw(app: &App, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_harms_nobody() {
    let app = App::start().await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000));
    for (request, status) in [
        (&b"nonsense\r\n\r\n"[..], "HTTP/1.1 400"),
        (long.as_bytes(), "HTTP/1.1 414"),
        (
            b"GET /api/rates?base=\xFF\xFE HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
    ] {
        let line = raw(&app, request).await;
        assert!(line.starts_with(status), "{line}");
    }
    assert_eq!(app.get("/api/rates").await.status.as_u16(), 200);
}
