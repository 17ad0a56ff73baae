//! What the browser calls: `/fn/latest`.

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
    let outdated = app.get("/fn/latest?have=an-older-one").await.json();
    assert!(outdated["snapshot"].is_object());
}
