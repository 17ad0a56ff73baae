//! The page as the server sends it: whole without JavaScript.

use base64::{Engine, prelude::BASE64_STANDARD};
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
        "<bdi>$</bdi>",
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
    assert!(euro.text().contains(">290<") && euro.text().contains(">.6081<"), "250 EUR in USD");
}

#[tokio::test]
async fn what_is_wrong_in_the_address_is_named_and_harmless() {
    let app = App::start().await;
    let answer = app.get("/?base=xyz&type=%3Cscript%3E&amount=-1&sort=up&q=%FF").await;
    assert_eq!((answer.status.as_u16(), rows(answer.text())), (200, 76));
    for name in ["base", "type", "amount", "sort", "q"] {
        assert!(answer.text().contains(&format!("“{name}”")), "{name} is not named");
    }
    assert!(!answer.text().contains("<script>"), "unescaped");
    let searched = app.get("/?q=%3C/script%3E%3Cimg+src=x%3E").await;
    assert!(!searched.text().contains("<img"), "unescaped");
}

#[tokio::test]
async fn names_from_the_upstream_can_not_break_out() {
    let evil = r#"{"rates":{"btc":{"name":"</script><script>alert(1)</script>","unit":"<b>","value":1,"type":"crypto"}}}"#;
    let app = App::start_with(Reply::json(evil), &[]).await;
    app.wait_for_rates().await;
    let html = app.get("/").await;
    assert!(!html.text().contains("<script>alert") && !html.text().contains("<b>"));
}

#[tokio::test]
async fn the_policy_allows_our_own_script_and_no_other() {
    let app = App::start().await;
    let answer = app.get("/").await;
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe-inline") && policy.contains("default-src 'none'"), "{policy}");
    let script = answer.text().split(r#"<script type="module">"#).nth(1).expect("no script");
    let script = script.split("</script>").next().unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(script));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}
