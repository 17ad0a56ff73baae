//! The page with the rates of an earlier day.

use std::{path::Path, sync::Arc, time::Duration};

use crypto_rates::store::{Record, Store};

use crate::{
    app::{Answer, App},
    history::{NOW, left_by_another},
    standin::Reply,
};

/// Starts an app at 2026-11-23T08:21:28Z, with a record of the day before, at 70 000 dollars, and current rates at
/// 71 000.
async fn with_a_history(folder: &Path) -> App {
    drop(left_by_another(folder));
    let store = format!("file://{}", folder.display());
    let variables = [("STORE_URL", &*store)];
    App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await
}

/// Returns what a page says of its rates: whether they are not live, and when they were recorded.
fn told(page: &Answer) -> (bool, bool) {
    let html = page.text();
    assert!(html.contains(">70,000<") != html.contains(">71,000<"), "{html:.200}");
    let not_live = html.contains("<strong>Not live rates. </strong>");
    assert_eq!(not_live, html.contains("pill-bad\">Not live</span>"));
    (not_live, html.contains(">70,000<"))
}

#[tokio::test]
async fn a_page_with_a_date_shows_the_last_rates_of_that_day_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    let page = app.get("/?base=btc&amount=1&date=2026-11-22").await;
    assert_eq!((page.status.as_u16(), told(&page)), (200, (true, true)));
    let html = page.text();
    for part in [
        "These are the last by the end of 2026-11-22 (UTC).",
        r#"<a href="./">Back to now</a>"#,
        r#"datetime="2026-11-22T09:21:28Z""#,
        r#"name="date""#,
        r#"value="2026-11-22""#,
        "2026-11-22</title>",
        r#"href="api/rates?date=2026-11-22T09%3A21%3A28Z""#,
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    // It is of no source, and does not load itself again.
    for part in ["Data provided by", r#"http-equiv="refresh""#] {
        assert!(!html.contains(part), "{part}");
    }
    let now = app.get("/").await;
    assert_eq!(told(&now), (false, false));
    assert!(now.text().contains(r#"<noscript><meta http-equiv="refresh" content="300">"#));
    let pair = app.get("/?base=usd&symbol=btc&date=2026-11-22").await;
    assert_eq!(told(&pair), (true, true));
    assert!(pair.text().contains("There is a chart only of the rates of now."));
}

#[tokio::test]
async fn a_page_with_a_date_is_plain_html() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    let scripts = |page: &Answer| page.text().matches("<script").count();
    for address in
        ["/?date=2026-11-22", "/?date=2026-11-22&symbol=usd", "/?date=2026-11-22&view=board"]
    {
        let page = app.get(address).await;
        assert!(page.text().contains("pill-bad\">Not live</span>"), "{address}");
        assert!(page.text().contains("70,000"), "{address}");
        // Theme and favourites.
        assert_eq!(scripts(&page), 2, "{address}");
        for part in [r#"type="module""#, ".wasm", ".js\"", r#"id="latest""#, "preload"] {
            assert!(!page.text().contains(part), "{address}: {part}");
        }
        assert!(page.text().contains("<html lang=\"en\" data-past"), "{address}");
        let policy = page.header("content-security-policy");
        for script in page.text().split("<script").skip(1) {
            let (_, script) = script.split_once('>').unwrap();
            let script = script.split_once("</script>").unwrap().0;
            let digest = crypto_rates::assets::inline_scripts::digest(script);
            assert!(policy.contains(&digest), "{script}");
        }
    }
    // Its button is there without JavaScript and with it.
    let page = app.get("/?date=2026-11-22").await;
    assert!(page.text().contains(">Show</button>"));
    assert!(!page.text().contains("<noscript>"));
    let now = app.get("/").await;
    assert!(now.text().contains(r#"id="latest""#));
}

#[tokio::test]
async fn a_page_with_a_date_is_in_the_reader_s_language() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    let german = [("accept-language", "de")];
    for (query, varies) in [("date=2026-11-22", true), ("date=2026-11-22&lang=de", false)] {
        // The second answer comes from the cache.
        for _ in 0..2 {
            let page = app.get_with(&format!("/?{query}"), &german).await;
            assert_eq!(page.header("content-language"), "de", "{query}");
            assert_eq!(page.header("vary").contains("accept-language"), varies, "{query}");
            for part in [
                "<strong>Keine aktuellen Kurse. </strong>",
                "Das sind die letzten bis zum Ende des 2026-11-22 (UTC).",
                ">Zurück zu jetzt</a>",
                ">70.000<",
                ">Anzeigen</button>",
            ] {
                assert!(page.text().contains(part), "{part} is missing: {query}");
            }
        }
    }
    for (date, why) in [
        ("2026-11-21", "Der Verlauf von usd und btc beginnt 2026-11-22 09:21:28 UTC"),
        ("2026-02-29", "Diesen Tag gibt es nicht"),
    ] {
        let page = app.get(&format!("/?date={date}&lang=de&base=usd&symbol=btc")).await;
        let told = format!("„date“ kann nicht „{date}“ sein: {why}. Gezeigt werden");
        assert!(page.text().contains(&told), "{told}");
    }
}

#[tokio::test]
async fn the_forms_lead_to_plain_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    let shown = "shown=type%3Dfiat%26digits%3Dall";
    for (query, to) in [
        (format!("{shown}&date=2026-11-22"), "?digits=all&type=fiat&date=2026-11-22"),
        (
            format!("amount=2&base=eur&symbol=&{shown}&q="),
            "?base=eur&amount=2&digits=all&type=fiat",
        ),
        ("amount=1&base=btc&shown=".to_owned(), "./"),
        (format!("amount=-1&{shown}"), "?amount=-1&type=fiat&digits=all"),
        ("shown=q%3D%250D%250Ax".to_owned(), "?q=%0D%0Ax"),
    ] {
        assert_eq!(app.redirect(&format!("/?{query}")).await, (307, to.to_owned()));
    }
}

#[tokio::test]
async fn a_page_of_a_day_is_kept_as_others_are_and_its_tag_names_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    let page = app.get("/?date=2026-11-22").await;
    let (tag, control) = (page.header("etag"), page.header("cache-control"));
    assert!(tag.starts_with("\"20261122T092128Z-"), "{tag}");
    assert_eq!(control, app.get("/").await.header("cache-control"));
    let again = app.get_with("/?date=2026-11-22", &[("if-none-match", tag)]).await;
    assert_eq!(again.status.as_u16(), 304);
    // A page that quotes its request is not kept.
    let own = app.get("/?date=2026-11-22&sort=up").await;
    assert_eq!((told(&own), own.header("cache-control")), ((true, true), "no-cache"));
}

#[tokio::test]
async fn a_day_without_rates_is_named_and_those_of_now_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    for (date, why) in [
        ("2026-11-21", "the history of btc begins at 2026-11-22 09:21:28 UTC"),
        ("2026-02-29", "there is no such day"),
        ("2026-11-24", "this day has not begun"),
        ("2026-11", "it takes a day, such as 2026-10-31"),
        ("0026-11-22", "it takes a day, such as 2026-10-31"),
    ] {
        let page = app.get(&format!("/?date={date}&sort=name")).await;
        assert_eq!((page.status.as_u16(), told(&page)), (200, (false, false)), "{date}");
        assert!(page.text().contains(&format!("“date” can't be “{date}”: {why}")), "{date}");
        assert_eq!(page.header("cache-control"), "no-cache", "{date}");
        // The browser knows no dates, so it is told.
        let html = page.text();
        let (_, data) = html.split_once(r#"id="latest">"#).unwrap();
        let data = data.split_once("</script>").unwrap().0;
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["query"], "sort=name", "{date}");
        assert!(data["note"].as_str().unwrap().contains(why), "{date}");
    }
}

#[tokio::test]
async fn a_page_claims_no_day_while_the_store_can_t_be_read() {
    let folder = tempfile::tempdir().unwrap();
    // Another process has the file open.
    let _in_use = left_by_another(folder.path());
    let store = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*store)];
    let app = App::start_with_clock(Reply::rates(71_000.0), &variables, Arc::new(|| NOW)).await;
    app.wait_for_rates().await;
    let page = app.get("/?date=2026-11-22").await;
    assert_eq!((page.status.as_u16(), told(&page)), (200, (false, false)));
    assert!(page.text().contains("the history can't be read at the moment"));
    assert_eq!(page.header("cache-control"), "no-cache");
}

/// An hour that was filled in from the source's history, with these currencies and what never changes.
fn filled_in(ago: u64, codes: &[&str]) -> Record {
    let mut record = Record::backfilled_at(NOW - Duration::from_secs(ago));
    for code in codes {
        record.fill_in(&code.parse().unwrap(), Some(69_000.0));
    }
    record
}

fn rows(page: &Answer) -> usize {
    let body = page.text().split("<tbody").nth(1).unwrap().split("</tbody>").next().unwrap();
    body.matches("<tr").count()
}

#[tokio::test]
async fn an_hour_that_is_being_filled_in_is_not_the_day_s_rates() {
    let folder = tempfile::tempdir().unwrap();
    let store = left_by_another(folder.path());
    // In the evening of that day, and of the one before.
    store.add(&[filled_in(9 * 3_600, &["usd", "eur"]), filled_in(33 * 3_600, &["usd"])]).unwrap();
    drop(store);
    let url = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*url)];
    let app = App::start_with_clock(Reply::Stall, &variables, Arc::new(|| NOW)).await;
    let all = rows(&app.get("/").await);
    for query in ["date=2026-11-22", "date=2026-11-22&symbols=usd,eur"] {
        let page = app.get(&format!("/?{query}")).await;
        assert_eq!(told(&page), (true, true), "{query}");
        assert!(page.text().contains(" Recorded at <time datetime=\"2026-11-22T09:21:28Z\""));
    }
    assert_eq!(rows(&app.get("/?date=2026-11-22").await), all);
    // Where there is nothing else, the page says what it has.
    let page = app.get("/?date=2026-11-21").await;
    assert!(page.text().contains(">69,000<"));
    let missing = all - rows(&page);
    let told = format!(
        "filled in later from CoinGecko’s history. Currencies without a value of then: {missing}."
    );
    assert!(missing > 60 && page.text().contains(&told), "{missing}");
    assert!(!page.text().contains("Recorded at"));
}

#[tokio::test]
async fn everybody_who_comes_at_once_gets_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let app = Arc::new(with_a_history(folder.path()).await);
    let pages = (0..40).map(|n| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { app.get(&format!("/?date=2026-11-22&q=usd&utm={n}")).await })
    });
    for page in pages.collect::<Vec<_>>() {
        assert!(page.await.unwrap().text().contains("Not live rates."));
    }
}

#[tokio::test]
async fn the_last_rates_of_a_day_that_is_not_over_are_those_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_history(folder.path()).await;
    for (query, location) in [
        ("date=2026-11-23", "./"),
        ("date=2026-11-23&base=eur", "?base=eur"),
        ("date=2026-11-23&amount=abc", "./?amount=abc"),
        ("base=eur&date=2026-11-23&base=usd", "./?base=eur&base=usd"),
        (
            "shown=lang%3Dde&date=2026-11-23&amount=0,5&base=eur",
            "?base=eur&amount=0.5&date=2026-11-23&lang=de",
        ),
    ] {
        assert_eq!(app.redirect(&format!("/?{query}")).await, (307, location.to_owned()));
    }
}
