//! Everything below a path: `BASE_PATH`.

use crate::{
    app::{Answer, App},
    standin::Reply,
};
use axum::http::StatusCode;

async fn below_rates() -> App {
    let app = App::start_with(Reply::rates(75_817.765), &[("BASE_PATH", "/rates/")]).await;
    app.wait_for_rates().await;
    app
}

#[tokio::test]
async fn everything_is_below_the_base_path_and_nothing_beside_it() {
    let app = below_rates().await;
    for path in [
        "/",
        "/?base=eur&view=board",
        "/?view=rate&symbol=usd",
        "/api/rates",
        "/api/rates/usd",
        "/api/rates.csv",
        "/api/convert?from=eur&to=usd",
        "/api/history?symbol=usd",
        "/api/sparklines",
        "/api/openapi.json",
        "/api/docs",
        "/fn/latest?base=eur",
        "/health",
        "/health/live",
        "/metrics",
    ] {
        // The second answer comes from the cache.
        for _ in 0..2 {
            assert_eq!(app.get(&format!("/rates{path}")).await.status.as_u16(), 200, "{path}");
        }
        let outside = app.get(path).await;
        assert_eq!(outside.status.as_u16(), 404, "{path}");
        assert_eq!(outside.header("x-content-type-options"), "nosniff", "{path}");
    }
    for path in ["/ratesx", "/rates/rates/", "/rates/rates/api/rates", "/RATES/", "//rates/"] {
        assert_eq!(app.get(path).await.status.as_u16(), 404, "{path}");
    }
    assert_eq!(app.send("POST", "/rates/api/rates", &[]).await.header("allow"), "GET,HEAD");
    // A stream has no end: its head is enough.
    let stream = format!("http://{}/rates/api/stream", app.address);
    assert_eq!(app.client.get(stream).send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn without_its_slash_it_leads_to_the_page() {
    let app = below_rates().await;
    for (path, location) in
        [("/rates", "/rates/"), ("/rates?base=eur&q=a%20b", "/rates/?base=eur&q=a%20b")]
    {
        assert_eq!(app.redirect(path).await, (308, location.to_owned()), "{path}");
    }
}

/// Returns the addresses in a document.
fn addresses(answer: &Answer) -> Vec<String> {
    let parts = answer.text().split(['"', '\'']).map(|part| part.replace("&amp;", "&"));
    parts.filter(|part| part.starts_with('/') && part.len() > 1).collect()
}

#[tokio::test]
async fn all_that_the_pages_name_is_below_it() {
    let app = below_rates().await;
    for path in
        ["/rates/", "/rates/?view=rate&symbol=usd", "/rates/api/docs", "/rates/nothing", "/"]
    {
        let page = app.get_with(path, &[("accept", "text/html")]).await;
        for address in addresses(&page) {
            assert!(address.starts_with("/rates/"), "{address} in {path}");
        }
        assert!(page.text().contains(r#"href="/rates/favicon.svg""#), "{path}");
    }
    // The page's own links are relative to it.
    let page = app.get("/rates/").await;
    for link in
        [r#"href="./""#, r#"href="?symbol=usd""#, r#"href="api/rates.csv""#, r#"action="./""#]
    {
        assert!(page.text().contains(link), "{link} is missing");
    }
    // Each example of the documentation works where it stands.
    let docs = app.get("/rates/api/docs").await;
    let links = docs.text().split(r#"href=""#).skip(1).map(|rest| rest.split('"').next().unwrap());
    for link in links.filter(|link| link.starts_with('/')) {
        let url = format!("http://{}{}", app.address, link.replace("&amp;", "&"));
        assert_eq!(app.client.get(url).send().await.unwrap().status().as_u16(), 200, "{link}");
    }
    let document = app.get("/rates/api/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], "/rates");
    assert!(document["paths"]["/api/rates"].is_object());
}

#[tokio::test]
async fn the_files_of_the_site_are_below_it() {
    let app = below_rates().await;
    if app.get("/rates/favicon.svg").await.status == StatusCode::NOT_FOUND {
        // As compiled without the site.
        assert!(!app.get("/rates/").await.text().contains("/pkg/"));
        return;
    }
    let manifest = app.get("/rates/app.webmanifest").await;
    assert_eq!(manifest.json()["start_url"], "/rates/");
    assert!(app.get("/rates/robots.txt").await.text().contains("Disallow: /rates/fn/"));
    let page = app.get("/rates/").await;
    let files: Vec<_> =
        addresses(&page).into_iter().filter(|address| address.contains("/pkg/")).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files.iter().map(String::as_str).chain(["/rates/worker.js", "/rates/icon-192.png"])
    {
        let answer = app.get_with(file, &[("accept-encoding", "br")]).await;
        assert_eq!(answer.status.as_u16(), 200, "{file}");
        assert_eq!(app.get(&file["/rates".len()..]).await.status.as_u16(), 404, "{file}");
    }
}

#[tokio::test]
async fn problems_lead_to_the_documentation_below_it() {
    let app = below_rates().await;
    let problem = app.get("/rates/api/rates?base=xyz").await;
    let length = problem.header("content-length").to_owned();
    assert_eq!(length, problem.bytes.len().to_string());
    assert_eq!(problem.json()["type"], "/rates/api/docs#problem-invalid-parameter");
    let unread = app.get("/rates/fn/latest?limit=5").await.json();
    assert_eq!(unread["type"], "/rates/api/docs#problem-invalid-parameter");
    assert!(unread["build"].is_string(), "{unread}");
    for path in ["/rates/api/nothing", "/api/nothing"] {
        let problem = app.get(path).await.json();
        assert_eq!(problem["type"], "/rates/api/docs#problem-not-found");
        let detail = format!("there is nothing at {path}; /rates/api/docs lists what there is");
        assert_eq!(problem["detail"], *detail);
    }
    let head = app.send("HEAD", "/rates/api/rates?base=xyz", &[]).await;
    assert_eq!(
        (head.status.as_u16(), head.bytes.len(), head.header("content-length")),
        (400, 0, &*length)
    );
}

#[tokio::test]
async fn metrics_name_routes_without_it() {
    let app = below_rates().await;
    for _ in 0..2 {
        app.get("/rates/api/rates").await;
        app.get("/rates/").await;
    }
    app.get("/api/rates").await;
    app.get("/rates/nothing").await;
    let metrics = app.get("/rates/metrics").await;
    for series in [
        r#"endpoint="/api/rates",status="200"} 2"#,
        r#"endpoint="/",status="200"} 2"#,
        r#"endpoint="unmatched",status="404"} 2"#,
    ] {
        assert!(metrics.text().contains(series), "{series} is missing in {}", metrics.text());
    }
    assert!(!metrics.text().contains("/rates/"), "{}", metrics.text());
}

#[tokio::test]
async fn an_address_for_the_metrics_alone_has_no_base_path() {
    let variables = [("BASE_PATH", "/rates"), ("METRICS_ADDR", "127.0.0.1:0")];
    let app = App::start_with(Reply::rates(1.0), &variables).await;
    for (path, status) in [("/metrics", 200), ("/health/live", 200), ("/rates/metrics", 404)] {
        let url = format!("http://{}{path}", app.metrics_address.unwrap());
        assert_eq!(app.client.get(url).send().await.unwrap().status().as_u16(), status, "{path}");
    }
    assert_eq!(app.get("/rates/metrics").await.status.as_u16(), 404);
}
