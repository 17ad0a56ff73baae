//! `/fn/latest`, which the browser calls.

use crate::app::App;

#[tokio::test]
async fn a_refresh_gets_the_snapshot_unless_it_has_it() {
    let app = App::start().await;
    let latest = app.get("/fn/latest").await.json();
    assert_eq!(latest["snapshot"]["rates"].as_array().unwrap().len(), 76);
    let id = latest["snapshot"]["id"].as_str().unwrap();
    let again = app.get(&format!("/fn/latest?have={id}")).await.json();
    assert!(again["snapshot"].is_null(), "{again}");
    assert_eq!(again["status"], "fresh");
    assert_eq!(again["build"], latest["build"]);
    let packed = app.get_with("/fn/latest", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(
        (packed.header("content-encoding"), packed.header("cache-control")),
        ("br", "no-store")
    );
    assert!(packed.bytes.len() < 5_000, "{}", packed.bytes.len());
    let outdated = app.get("/fn/latest?have=an-older-one").await.json();
    assert!(outdated["snapshot"].is_object());
}

#[tokio::test]
async fn callers_that_are_not_our_page_get_plain_answers() {
    let app = App::start().await;
    let head = app.send("HEAD", "/fn/latest", &[]).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    for query in ["have=a&have=b", "have=%FF"] {
        let answer = app.get(&format!("/fn/latest?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["parameter"]), (400, &"have".into()));
    }
    // A page of another release may ask what this server does not know. It is told of the build.
    let answer = app.get("/fn/latest?since=yesterday").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let build = &app.get("/fn/latest").await.json()["build"];
    assert_eq!((answer.status.as_u16(), &answer.json()["build"]), (400, build));
    // A form's fallback would redirect this caller to its Referer.
    let form = [("accept", "text/html"), ("referer", "https://example.org/")];
    let answer = app.get_with("/fn/latest", &form).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (200, ""));
}

#[tokio::test]
async fn a_page_gets_what_it_looks_at() {
    let app = App::start().await;
    let latest = app.get("/fn/latest?base=eur&symbol=usd&span=7d").await.json();
    assert_eq!(latest["trends"]["base"], "eur");
    assert_eq!(latest["trends"]["of"].as_array().unwrap().len(), 76);
    let chart = &latest["chart"];
    assert_eq!((&chart["symbol"], &chart["base"]), (&"usd".into(), &"eur".into()));
    assert_eq!(chart["span"], "7d");
    // A page of an earlier release does not ask for a direction.
    assert_eq!(
        (&latest["trends"]["quote"], &chart["quote"]),
        (&"inverse".into(), &"inverse".into())
    );
    assert!(latest.get("compared").is_none(), "{latest}");
    let query = "base=eur&quote=direct&symbol=usd&compare=gbp&span=7d";
    let latest = app.get(&format!("/fn/latest?{query}")).await.json();
    for (part, symbol) in [("chart", "usd"), ("compared", "gbp")] {
        let chart = &latest[part];
        assert_eq!((&chart["symbol"], &chart["base"]), (&symbol.into(), &"eur".into()), "{part}");
        assert_eq!((&chart["quote"], &chart["span"]), (&"direct".into(), &"7d".into()), "{part}");
        let last = chart["points"][0]["value"].as_f64().unwrap();
        let direct = app.get(&format!("/api/rates/{symbol}?base=eur&quote=direct")).await.json();
        assert!((last / direct["value"].as_f64().unwrap() - 1.0).abs() < 1e-8, "{last} {direct}");
    }
    assert_eq!(latest["trends"]["quote"], "direct");
    // Unknown values count as not given.
    let latest = app.get("/fn/latest?base=xyz&symbol=xyz&span=1y&quote=up").await.json();
    assert_eq!((&latest["trends"]["base"], &latest["chart"]), (&"btc".into(), &().into()));
}
