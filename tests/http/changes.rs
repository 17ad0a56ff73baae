//! A change over a span is told the same everywhere: from the value nearest to the beginning of the span.

use std::{path::Path, sync::Arc, time::Duration};

use crypto_rates::{
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::sample,
    store::{FileStore, Record, Store},
};
use regex::Regex;

use crate::{app::App, history::NOW, standin::Reply};

const CODES: [&str; 12] =
    ["usd", "eur", "gbp", "jpy", "chf", "cad", "aud", "inr", "brl", "eth", "ltc", "xau"];
const DAY: u64 = 86_400;

/// Returns a number from 0 to 1 that looks like chance and is always the same.
fn noise(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    f64::from(u32::try_from((x ^ (x >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
}

/// Returns how many seconds ago there were rates: at no even pace, around all moments that changes begin at.
fn times() -> Vec<u64> {
    let near = |from: u64, to: u64| {
        let mut ago = from;
        std::iter::from_fn(move || {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let gap = 180 + (noise(ago) * 720.0) as u64;
            ago += gap;
            (ago < to).then_some(ago)
        })
    };
    let day = near(0, 27 * 3_600);
    let week = near(7 * DAY - 5 * 3_600, 7 * DAY + 5 * 3_600);
    let month = near(30 * DAY - 8 * 3_600, 30 * DAY + 8 * 3_600);
    std::iter::once(40).chain(day).chain(week).chain(month).collect()
}

/// Returns the rates of a moment, each of which moves on its own.
fn rates(ago: u64) -> Snapshot {
    let rates = sample::snapshot().rates().to_vec().into_iter().zip(0_u64..);
    let rates = rates.map(|(rate, place)| {
        let by = 0.95 + 0.1 * noise(ago * 1_000 + place);
        let value = if rate.code.is_constant() { rate.value } else { rate.value * by };
        Rate { value, ..rate }
    });
    let time = NOW - Duration::from_secs(ago);
    Snapshot::new(SourceName::Coingecko, time, rates.collect()).unwrap()
}

/// Writes a jagged history, and starts a server that has nothing newer.
async fn with_a_jagged_history(folder: &Path) -> App {
    {
        let store = FileStore::open(folder).unwrap();
        let records: Vec<_> = times().iter().map(|ago| Record::of(&rates(*ago))).collect();
        store.add(&records).unwrap();
        store.put(&rates(40), Timestamp::from_unix_seconds(0)).unwrap();
    }
    let url = format!("file://{}", folder.display());
    let app = App::start_with_clock(Reply::Stall, &[("STORE_URL", &url)], Arc::new(|| NOW)).await;
    app.wait_for_rates().await;
    app
}

/// Returns what the change of the value of `code` per `base` is, in percent to two decimals.
fn expected(code: &str, base: &str, span: u64) -> f64 {
    let value = |ago: u64| {
        let snapshot = rates(ago);
        let value = |code: &str| snapshot.get(&code.parse().unwrap()).unwrap().value;
        value(code) / value(base)
    };
    let then = times().into_iter().min_by_key(|ago| ago.abs_diff(40 + span)).unwrap();
    ((value(40) / value(then) - 1.0) * 10_000.0).round() / 100.0
}

/// Writes a change as the page does.
fn written(change: f64) -> String {
    let sign = if change < 0.0 { '\u{2212}' } else { '+' };
    format!("{sign}{:.2}\u{a0}%", change.abs())
}

#[tokio::test]
async fn row_panel_and_tile_tell_the_same_change() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_jagged_history(folder.path()).await;
    let cell = Regex::new("<td>([^<]*%)</td>").unwrap();
    let fact = Regex::new("Change since</dt><dd[^>]*><span>([^<]*)</span>").unwrap();
    let tile = Regex::new("24 h: <span[^>]*>([^<]*)</span>").unwrap();
    let found = |regex: &Regex, html: &str| regex.captures(html).map(|found| found[1].to_owned());
    let table = app.get("/").await;
    let mut wrong = Vec::new();
    for code in CODES {
        let row = table
            .text()
            .split("<tr")
            .skip(1)
            .find(|row| row.contains(&format!("value=\"{code}\"")));
        let row = cell.captures_iter(row.unwrap()).map(|found| found[1].to_owned());
        let row: Vec<String> = row.collect();
        let panel = app.get(&format!("/?symbol={code}")).await;
        let panel = found(&fact, panel.text());
        let frame = app.get(&format!("/?view=rate&symbol={code}")).await;
        let frame = found(&tile, frame.text());
        let right = written(expected(code, "btc", DAY));
        let same =
            row.contains(&right) && [&panel, &frame].iter().all(|it| **it == Some(right.clone()));
        if !same {
            wrong.push(format!("{code} is {right}: row {row:?}, panel {panel:?}, tile {frame:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), CODES.len(), wrong.join("\n"));
}

#[tokio::test]
async fn rows_charts_and_the_api_tell_the_same_over_each_span_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_a_jagged_history(folder.path()).await;
    let spans = [("1h", 3_600), ("24h", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY)];
    for ((base, quote), code) in [("btc", "inverse"), ("usd", "direct")]
        .into_iter()
        .flat_map(|it| CODES.map(|code| (it, code)))
    {
        let (of, per) = if quote == "direct" { (base, code) } else { (code, base) };
        for ((span, seconds), name) in spans.into_iter().zip(["hour", "change", "week", ""]) {
            let query = format!("base={base}&quote={quote}&symbol={code}&span={span}");
            let latest = app.get(&format!("/fn/latest?{query}")).await.json();
            let right = expected(of, per, seconds);
            assert_eq!(latest["chart"]["change"], right, "{query}");
            // A row has no room for the change over a month.
            if span != "30d" {
                let trends = latest["trends"]["of"].as_array().unwrap();
                let trend = trends.iter().find(|trend| trend["code"] == code).unwrap();
                assert_eq!(trend[name], right, "{query}");
            }
        }
        let answer = app.get(&format!("/api/rates/{code}?base={base}&quote={quote}")).await.json();
        assert_eq!(answer["change_24h"], expected(of, per, DAY), "{code} {quote}");
    }
}
