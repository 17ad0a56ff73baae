//! The API's description: complete, valid, and readable without other hosts.

use crate::app::App;

#[tokio::test]
async fn the_document_lists_every_route_of_the_api() {
    let app = App::start().await;
    let document = app.get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "/api/convert",
            "/api/history",
            "/api/openapi.json",
            "/api/rates",
            "/api/rates.csv",
            "/api/rates/{code}",
            "/api/sparklines",
            "/api/stream",
            "/health",
            "/health/live",
            "/health/ready",
        ]
    );
}

#[tokio::test]
async fn every_example_works_and_every_problem_is_explained() {
    let app = App::start().await;
    let page = app.get("/api/docs").await;
    let links = page.text().split(r#"href=""#).skip(1).map(|rest| rest.split('"').next().unwrap());
    let links: Vec<_> = links.map(|link| link.replace("&amp;", "&")).collect();
    assert!(links.len() > 10, "{links:?}");
    for link in &links {
        assert!(link.starts_with('/') || link.starts_with('#'), "{link} leads elsewhere");
        if link.starts_with('/') {
            // Only the head, because a stream has no end.
            let response = app.client.get(format!("http://{}{link}", app.address)).send().await;
            assert_eq!(response.unwrap().status().as_u16(), 200, "{link}");
        } else {
            assert!(page.text().contains(&format!(r#"id="{}""#, &link[1..])), "{link}");
        }
    }
    let problem = app.get("/api/rates?base=xyz").await.json();
    let anchor = problem["type"].as_str().unwrap().split_once('#').unwrap().1;
    assert!(page.text().contains(&format!(r#"id="{anchor}""#)), "{anchor}");
}

#[tokio::test]
async fn every_field_of_every_answer_is_explained() {
    let app = App::start().await;
    let page = app.get("/api/docs").await;
    let described = |schema: &str, fields: &[&str]| {
        let section = page.text().split(&format!(r#"id="schema-{schema}""#)).nth(1).unwrap();
        let section = section.split("</section>").next().unwrap();
        for field in fields {
            assert!(section.contains(&format!("<code>{field}</code>")), "{schema}.{field}");
        }
    };
    for (schema, path) in [
        ("RatesAnswer", "/api/rates"),
        ("CurrencyAnswer", "/api/rates/usd"),
        ("ConvertAnswer", "/api/convert?from=eur&to=usd"),
        ("HistoryAnswer", "/api/history?symbol=usd"),
        ("SparklinesAnswer", "/api/sparklines"),
        ("Health", "/health"),
        ("Problem", "/api/rates?base=xyz"),
    ] {
        let answer = app.get(path).await.json();
        let fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        described(schema, &fields);
    }
    described("HealthStatus", &["healthy, degraded, unhealthy"]);
}

#[tokio::test]
async fn the_page_reads_well() {
    let app = App::start().await;
    let page = app.get("/api/docs").await;
    let page = page.text();
    assert!(!page.contains('`'), "raw markup");
    // Words that stand between backticks in the document.
    assert!(page.contains("Code of the base; <code>btc</code> if not given"));
    assert!(page.contains("; <code>parameter</code> names it."));
    // Two links beside each other are two words in any browser.
    assert!(!page.contains("</a><a"), "links run together");
    let header = page.split("</header>").next().unwrap();
    assert_eq!(header.matches("<li><a href=").count(), 4);
    // Each parameter is a row of a table, with where it goes.
    for row in [
        "<code>base</code> <small>query</small>",
        "<code>code</code> <small>path, required</small>",
        "<code>Last-Event-ID</code> <small>header</small>",
    ] {
        assert!(page.contains(row), "{row} is missing");
    }
    // No field is without its type.
    assert!(!page.contains("<small></small>"), "a type is missing");
}
