//! The page as the server sends it, complete without JavaScript.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use crypto_rates::{
    app::{App as Page, PageData},
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::sample,
    store::{FileStore, Store},
};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::{app::App, standin::Reply};

fn rows(html: &str) -> usize {
    html.matches(r#"<th scope="row""#).count()
}

#[tokio::test]
async fn everything_is_in_the_html() {
    let app = App::start().await;
    let answer = app.get("/").await;
    let html = answer.text();
    assert_eq!(rows(html), 76);
    for part in [
        "<!DOCTYPE html><html lang=\"en\">",
        ">US Dollar<",
        ">USD<",
        ">Fiat<",
        "<td>$</td>",
        ">75,817<",
        ">.76<",
        "Data provided by CoinGecko",
        r#"href="https://www.coingecko.com""#,
        "UTC",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    let time = app.get("/api/rates").await.json()["last_updated"].as_str().unwrap().to_owned();
    assert!(html.contains(&format!(r#"datetime="{time}""#)), "the time of the rates is missing");
    for (tab, count) in [("All", 76), ("Crypto", 14), ("Fiat", 60), ("Commodity", 2)] {
        let tab = Regex::new(&format!(r#">{tab}(<!>)? *<span class="count">{count}</span></a>"#));
        assert!(tab.as_ref().unwrap().is_match(html), "{tab:?} is missing");
    }
}

#[tokio::test]
async fn the_address_decides_what_is_shown() {
    let app = App::start().await;
    for (query, count) in [
        ("type=commodity", 2),
        ("q=dollar", 8),
        ("q=DOLLAR&type=fiat&sort=code&dir=desc", 8),
        ("q=%E2%82%AC", 1),
        ("q=nothing+at+all", 0),
        ("utm_source=mail", 76),
    ] {
        let answer = app.get(&format!("/?{query}")).await;
        assert_eq!((answer.status.as_u16(), rows(answer.text())), (200, count), "{query}");
    }
    let html = app.get("/?sort=name").await;
    assert!(html.text().contains(r#"aria-sort="ascending""#));
    let names = ["Argentine Peso", "Armenian Dram", "Australian Dollar"];
    let places: Vec<_> = names.iter().map(|n| html.text().find(&format!(">{n}<"))).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
    let euro = app.get("/?base=eur&amount=250").await;
    assert!(euro.text().contains("250 EUR is"), "the heading is missing");
    assert!(euro.text().contains(">290<") && euro.text().contains(">.61<"), "250 EUR in USD");
}

#[tokio::test]
async fn what_is_wrong_in_the_address_is_named_and_harmless() {
    let app = App::start().await;
    let answer = app.get("/?base=xyz&type=%3Cscript%3E&amount=-1&sort=up&q=%FF").await;
    assert_eq!((answer.status.as_u16(), rows(answer.text())), (200, 76));
    for name in ["base", "type", "amount", "sort", "q"] {
        assert!(answer.text().contains(&format!("“{name}”")), "{name} is not named");
    }
    assert!(!answer.text().contains("“<script>”"), "unescaped");
    assert!(answer.text().contains("“&lt;script&gt;”"));
    let searched = app.get("/?q=%3C/script%3E%3Cimg+src=x%3E").await;
    assert!(!searched.text().contains("<img"), "unescaped");
}

#[tokio::test]
async fn a_link_to_the_page_can_be_previewed() {
    let app = App::start().await;
    for path in ["/", "/?base=eur", "/api/docs", "/?view=rate&symbol=usd", "/?view=rate&symbol=xyz"]
    {
        let answer = app.get(path).await;
        let html = answer.text();
        let title = html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        let title = format!(r#"property="og:title" content="{title}""#);
        for part in [
            r#"<meta property="og:site_name" content="Crypto Rates""#,
            r#"property="og:description""#,
            r#"content="What one bitcoin, euro"#,
            r#"name="description""#,
            r#"<meta property="og:image" content="/icon-512.png""#,
            &title,
        ] {
            assert!(html.contains(part), "{part} is missing on {path}: {html:.2000}");
        }
    }
}

#[tokio::test]
async fn names_from_the_upstream_can_not_break_out() {
    let evil = r#"{"rates":{"btc":{"name":"</script><script>alert(1)</script>","unit":"<u>","value":1,"type":"crypto"}}}"#;
    let app = App::start_with(Reply::json(evil), &[]).await;
    app.wait_for_rates().await;
    let html = app.get("/").await;
    assert!(!html.text().contains("<script>alert") && !html.text().contains("<u>"));
}

#[tokio::test]
async fn the_policy_allows_our_own_scripts_and_no_others() {
    let app = App::start().await;
    let answer = app.get("/").await;
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe-inline") && policy.contains("default-src 'none'"), "{policy}");
    let scripts =
        Regex::new(r#"<script( type="module"| id="favourites-first")?>(.*?)</script>"#).unwrap();
    let scripts: Vec<_> =
        scripts.captures_iter(answer.text()).map(|found| found[2].to_owned()).collect();
    for script in &scripts {
        let hash = BASE64_STANDARD.encode(Sha256::digest(script));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    }
    assert_eq!((scripts.len(), policy.matches("'sha256-").count()), (3, 3));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

/// Starts a server with rates of every half hour for a day, and of a week ago, each moving on its own.
async fn with_a_day() -> App {
    let now = sample::snapshot().last_updated();
    let folder = tempfile::tempdir().unwrap();
    {
        let store = FileStore::open(folder.path()).unwrap();
        for step in [7 * 48].into_iter().chain((1..=48_u32).rev()) {
            let time = now - Duration::from_secs(1_800) * step;
            let rates = sample::snapshot().rates().to_vec().into_iter().zip(0_u32..);
            let rates = rates.map(|(rate, place)| {
                // No two lines are alike, which compresses worst.
                let (step, place) = (f64::from(step), f64::from(place));
                let wave = (step * 0.7 + place * 1.3).sin();
                let noise = (step * 12.989_8 + place * 78.233).sin() * 43_758.545_3;
                let by = 1.0 + 0.01 * wave + 0.01 * (noise - noise.floor());
                let value = if rate.code.is_constant() { rate.value } else { rate.value * by };
                Rate { value, ..rate }
            });
            let snapshot = Snapshot::new(SourceName::Coingecko, time, rates.collect()).unwrap();
            store.put(&snapshot, Timestamp::from_unix_seconds(0)).unwrap();
        }
    }
    let url = format!("file://{}", folder.path().display());
    let clock = Arc::new(move || now);
    let app = App::start_with_clock(Reply::rates(75_817.765), &[("STORE_URL", &url)], clock).await;
    // The stored rates are half an hour old; new ones follow.
    app.wait_until("new rates", async || {
        let fresh =
            app.get("/api/rates").await.json()["last_updated"].as_str() == Some(&now.to_string());
        let drawn = app.get("/").await.text().matches("<path d=\"M").count() > 70;
        fresh && drawn
    })
    .await;
    app
}

#[tokio::test]
async fn a_page_with_all_its_lines_is_light() {
    let app = with_a_day().await;
    let html = app.get("/").await;
    let lines = Regex::new(r#"<path d="M0 [^"]+"></path>"#).unwrap();
    assert_eq!(lines.find_iter(html.text()).count(), 76 + 6, "rows and tiles");
    assert_eq!(html.text().matches("\u{a0}%</td>").count(), 3 * 76, "changes");
    let brotli = app.get_with("/", &[("accept-encoding", "br")]).await;
    let (plain, packed) = (html.bytes.len(), brotli.bytes.len());
    println!("the page: {plain} bytes, {packed} in brotli");
    assert!(plain <= 70_000 && packed <= 14_000, "{plain} bytes, {packed} in brotli");
}

#[tokio::test]
async fn one_currency_is_shown_in_detail() {
    let app = with_a_day().await;
    let html = app.get("/?symbol=usd&base=eur&amount=100").await;
    for part in [
        "US Dollar per Euro",
        r#"aria-label="US Dollar per Euro, 24 h""#,
        r#"href="?base=usd&amp;amount=100&amp;symbol=eur""#,
        "<dt>High</dt>",
        "<dt>Low</dt>",
    ] {
        assert!(html.text().contains(part), "{part} is missing");
    }
    let line = Regex::new(r#"<path d="M0[^"]*L[^"]+" class="line">"#).unwrap();
    assert!(line.is_match(html.text()));
    let table = html.text().split("<details").nth(1).unwrap();
    assert_eq!(table.split("</details>").next().unwrap().matches("<tr>").count(), 1 + 49);
    let unknown = app.get("/?symbol=xyz").await;
    assert!(unknown.text().contains("“symbol” can't be “xyz”"));
    assert_eq!((rows(unknown.text()), unknown.text().contains("id=\"pair\"")), (76, false));
}

#[tokio::test]
async fn a_wallboard_has_a_tile_for_each_rate_but_the_base() {
    let app = App::start().await;
    let html = app.get("/?view=board&symbols=usd,eur,btc").await;
    assert_eq!(html.text().matches("<li class=\"tile").count(), 2);
    assert!(html.text().contains("1 BTC is") && html.text().contains("Data provided by CoinGecko"));
    assert_eq!(rows(html.text()), 0);
}

#[tokio::test]
async fn currencies_that_are_not_known_are_named_and_leave_no_page_blank() {
    let app = App::start().await;
    for (symbols, note, count) in [
        ("usd,xyz", "“xyz” is not known here. The others are shown.", 1),
        ("usd,abc,xyz,eur", "“abc”, “xyz” are not known here. The others are shown.", 2),
        ("xyz", "“xyz” is not known here. All are shown.", 75),
        // All that is left is the base.
        ("btc,xyz", "“xyz” is not known here. The others are shown.", 1),
        ("btc,BTC", "", 1),
    ] {
        let board = app.get(&format!("/?view=board&symbols={symbols}")).await;
        assert_eq!(board.text().matches("<li class=\"tile").count(), count, "{symbols}");
        assert!(board.text().contains(note), "{symbols}: {note}");
        let table = app.get(&format!("/?symbols={symbols}")).await;
        assert_eq!(rows(table.text()), count.max(count / 75 * 76), "{symbols}");
        assert!(table.text().contains(note), "{symbols}: {note}");
    }
    let nothing = app.get("/?view=board&symbols=usd&type=crypto").await;
    assert!(nothing.text().contains("Nothing here fits this address."));
}

/// Renders the page that a browser would make of the data in `html` when it hydrates.
fn hydrated(html: &str) -> String {
    let (_, data) = html.split_once(r#"id="latest">"#).unwrap();
    let data: PageData = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let page = owner.with(|| {
        provide_context(data);
        view! { <Page/> }.to_html()
    });
    owner.cleanup();
    page
}

#[tokio::test]
async fn html_and_data_agree_at_every_age_of_the_rates() {
    const HOUR_OLD: &str = "these rates are more than an hour old";
    const NO_HISTORY: &str = "Changes over 24 hours appear once";
    let taken = sample::snapshot().last_updated();
    let ages: [&[u64]; 3] = [&[0, 59, 61], &[59, 61], &[61]];
    for (history, ages) in [false, true].into_iter().flat_map(|h| ages.map(|ages| (h, ages))) {
        let folder = tempfile::tempdir().unwrap();
        {
            let store = FileStore::open(folder.path()).unwrap();
            let day = Duration::from_secs(86_400);
            let times = if history { vec![taken - day, taken] } else { vec![taken] };
            for time in times {
                let rates = sample::snapshot().rates().to_vec();
                let snapshot = Snapshot::new(SourceName::Coingecko, time, rates).unwrap();
                store.put(&snapshot, Timestamp::from_unix_seconds(0)).unwrap();
            }
        }
        let url = format!("file://{}", folder.path().display());
        let now = Arc::new(AtomicU64::new(taken.unix_seconds()));
        let set = |minutes: u64| now.store(taken.unix_seconds() + 60 * minutes, Ordering::Relaxed);
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || Timestamp::from_unix_seconds(clock.load(Ordering::Relaxed)));
        set(ages[0]);
        let variables = [("STORE_URL", &*url), ("CACHE_DURATION", "7200")];
        let app = App::start_with_clock(Reply::rates(75_817.765), &variables, clock).await;
        app.wait_for_rates().await;
        for minutes in ages {
            set(*minutes);
            // Addresses that were asked for at an earlier age, and one that was not. The second answer to
            // each comes from the cache.
            let new = format!("/?amount={}", minutes + 1);
            for address in ["/", "/?sort=name", "/?base=eur", "/?symbol=usd", "/?view=board", &new]
            {
                for _ in 0..2 {
                    let answer = app.get(address).await;
                    let html = answer.text();
                    let what = format!("{address} after {minutes} of {ages:?}, {history}");
                    assert!(html.contains(&hydrated(html)), "{what}: the data say something else");
                    let old = *minutes > 60;
                    assert_eq!(html.contains(HOUR_OLD), old, "{what}");
                    assert_eq!(html.contains(NO_HISTORY), !old && !history, "{what}");
                    let changes = ["<td>0.00\u{a0}%</td>", "\"tile-change\"><span>0.00\u{a0}%"];
                    let changes = changes.into_iter().any(|change| html.contains(change));
                    assert_eq!(changes, !old && history, "{what}");
                }
            }
        }
        app.stop();
    }
}
