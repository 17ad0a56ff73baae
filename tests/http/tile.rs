//! `/?view=rate`: one rate in a frame of another page, and who may have frames.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crypto_rates::rates::Timestamp;

use crate::{
    app::App,
    history::{NOW, left_with},
    standin::Reply,
};

const FRAMED: &str = "/?view=rate&symbol=usd&base=eur&amount=100";

#[tokio::test]
async fn only_those_who_are_named_may_show_the_pages_in_a_frame() {
    let variables = [("FRAME_ANCESTORS", "self, https://intranet.example.org")];
    let others = App::start_with(Reply::rates(80_000.0), &variables).await;
    let nobody = App::start_with(Reply::rates(80_000.0), &[]).await;
    for (app, ancestors) in [(others, "'self' https://intranet.example.org"), (nobody, "'none'")] {
        app.wait_for_rates().await;
        for path in ["/", FRAMED, "/?view=rate", "/api/docs", "/nothing"] {
            let answer = app.get_with(path, &[("accept", "text/html")]).await;
            let policy = answer.header("content-security-policy");
            let directives: Vec<_> =
                policy.split("; ").filter(|d| d.starts_with("frame-")).collect();
            assert_eq!(directives, [format!("frame-ancestors {ancestors}")], "{path}");
            // It knows no list of origins, and would contradict the policy.
            assert_eq!(answer.header("x-frame-options"), "", "{path}");
        }
        app.stop();
    }
}

#[tokio::test]
async fn a_tile_tells_one_rate_without_a_script_and_loads_itself_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(left_with(folder.path(), &[(100 + 86_400, 70_000.0), (100, 71_000.0)]));
    let store = format!("file://{}", folder.path().display());
    let now = Arc::new(AtomicU64::new(NOW.unix_seconds()));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || Timestamp::from_unix_seconds(clock.load(Ordering::Relaxed)));
    let app = App::start_with_clock(Reply::Stall, &[("STORE_URL", &*store)], clock).await;
    let answer = app.get(FRAMED).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-cache"));
    let html = answer.text();
    for part in [
        "<title>US Dollar – Crypto Rates</title>",
        ">US Dollar</h1>",
        r#"<p translate="no" class="rate-tile-value">100 EUR"#,
        r#"<data value="usd">108.86</data>"#,
        r#"<p class="rate-tile-change up">24 h: <span translate="no">+1.43"#,
        r#"<span class="pill pill-good">Live</span>"#,
        r#"href="https://www.coingecko.com""#,
        r#"<time datetime="2026-11-23T08:19:48Z""#,
        "(1 min ago)",
        // The refresh is due 300 seconds after the rates were taken; it takes a moment.
        r#"<meta http-equiv="refresh" content="205""#,
        // A link in a frame would be followed within it.
        r#"href="?base=eur&amp;amount=100&amp;symbol=usd" target="_blank""#,
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    for part in ["type=\"module\"", "id=\"latest\"", ".wasm"] {
        assert!(!html.contains(part), "{part} is in {html}");
    }
    // The age goes on, though the rates stay.
    let unchanged = [("if-none-match", answer.header("etag"))];
    assert_eq!(app.get_with(FRAMED, &unchanged).await.status.as_u16(), 304);
    now.fetch_add(1_200, Ordering::Relaxed);
    let later = app.get(FRAMED).await;
    for part in [r#"<span class="pill pill-warn">Stale</span>"#, "(21 min ago)"] {
        assert!(later.text().contains(part), "{part} is missing in {}", later.text());
    }
}

#[tokio::test]
async fn a_tile_that_can_t_be_made_says_why() {
    let app = App::start().await;
    for (query, status, why) in [
        ("view=rate", 400, "It takes a currency"),
        ("view=rate&symbol=", 400, "It takes a currency"),
        ("view=rate&symbol=xyz", 404, "“xyz” is not the code"),
        ("symbol=usd&base=xyz&view=rate", 404, "“xyz” is not the code"),
        ("view=rate&symbol=usd&date=2026-10-31", 400, "it takes no date"),
        ("view=rate&symbol=usd&amount=-1", 400, "“amount” can't be “-1”"),
        ("view=rate&symbol=%3Cscript%3E", 400, "“symbol” can't be “&lt;script&gt;”"),
    ] {
        let answer = app.get(&format!("/?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
        assert_eq!(answer.header("cache-control"), "no-store", "{query}");
        assert!(answer.text().contains(why), "{query}: {}", answer.text());
    }
    // It is no state of the page itself.
    assert!(app.get("/?view=wall").await.text().contains("“view” can't be “wall”"));
}

#[tokio::test]
async fn a_tile_says_that_there_are_no_rates_yet_and_that_a_sample_is_none() {
    let app = App::start_with(Reply::Stall, &[]).await;
    let answer = app.get(FRAMED).await;
    assert_eq!((answer.status.as_u16(), answer.text().contains("No rates yet")), (503, true));
    assert!(
        answer.text().contains(r#"http-equiv="refresh""#)
            && !answer.header("retry-after").is_empty()
    );
    let variables = [("RATES_SOURCES", "coingecko,sample")];
    let app = App::start_with(Reply::status("500 Internal Server Error", "", ""), &variables).await;
    app.wait_until("the sample is there", async || app.get(FRAMED).await.status == 200).await;
    let html = app.get(FRAMED).await;
    assert!(html.text().contains(r#"<span class="pill pill-bad">Sample, not live</span>"#));
    assert!(html.text().contains("24 h: <span translate=\"no\">unknown"), "{}", html.text());
}
