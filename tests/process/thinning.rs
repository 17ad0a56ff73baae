//! Old records are thinned out while the process is killed again and again.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use crypto_rates::{
    rates::{Code, Quotation, Rate, RateType, Snapshot, SourceName, Timestamp},
    store::{FileStore, Record, Store},
};

use crate::{
    running::{Running, wait_until},
    standin::{Reply, Upstream},
};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// From one record to the next.
const STEP: u64 = 300;
/// Records that are younger stay as they are.
const YOUNG: u64 = 91 * DAY;
/// How many hours the history goes back beyond that.
const OLD_HOURS: u64 = 6 * 24;

fn dollars_at(time: u64) -> f64 {
    70_000.0 + f64::from(u32::try_from(time / STEP * 7_919 % 1_000).unwrap())
}

fn record(time: u64) -> Record {
    let rate = |name: &str, value| {
        let code = name.parse().unwrap();
        Rate::new(code, name.to_owned(), String::new(), value, RateType::Fiat).unwrap()
    };
    let rates = vec![rate("btc", 1.0), rate("usd", dollars_at(time))];
    let time = Timestamp::from_unix_seconds(time);
    Record::of(&Snapshot::new(SourceName::Coingecko, time, rates).unwrap())
}

/// What there is of an hour: how many records, and last, lowest and highest value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hour {
    records: usize,
    last: f64,
    low: f64,
    high: f64,
}

/// Returns the old hours by their number since 1970.
fn hours(folder: &Path, from: u64, to: u64) -> BTreeMap<u64, Hour> {
    let store = FileStore::open(folder).unwrap();
    let [usd, btc] = ["usd", "btc"].map(|code| code.parse::<Code>().unwrap());
    let mut hours: BTreeMap<u64, Hour> = BTreeMap::new();
    let [from, to] = [from, to - 1].map(Timestamp::from_unix_seconds);
    let add = &mut |record: Record| {
        let last = record.value(&usd).unwrap();
        let (low, high) = record.extremes(&usd, &btc, Quotation::Inverse).unwrap();
        let new = Hour { records: 0, last, low: f64::INFINITY, high: 0.0 };
        let hour = hours.entry(record.time().unix_seconds() / HOUR).or_insert(new);
        let (low, high) = (hour.low.min(low), hour.high.max(high));
        *hour = Hour { records: hour.records + 1, last, low, high };
    };
    store.read(from, to, add).unwrap();
    hours
}

/// Returns when the file was written last.
fn written(folder: &Path) -> SystemTime {
    fs::metadata(folder.join("rates.redb")).and_then(|file| file.modified()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_thins_out_it_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let to = (now - YOUNG) / HOUR * HOUR;
    let from = to - OLD_HOURS * HOUR;
    let records: Vec<Record> = (from..to).step_by(300).map(record).collect();
    FileStore::open(folder.path()).unwrap().add(&records).unwrap();
    let whole = hours(folder.path(), from, to);
    assert!(whole.values().all(|hour| hour.records == 12) && whole.len() as u64 == OLD_HOURS);

    let upstream = Upstream::start(Reply::rates(75_000.5)).await;
    let (store, source) = (format!("file://{}", folder.path().display()), upstream.url());
    let variables = [
        ("STORE_URL", &*store),
        ("COINGECKO_URL", &*source),
        ("CACHE_DURATION", "1"),
        ("HISTORY_DAYS", "98"),
        ("HISTORY_BACKFILL", "0"),
    ];
    let mut left = 12;
    for round in 0..24_usize {
        let mut server = Running::start(&variables);
        // Each process begins at the oldest records, and goes on by two days with each snapshot.
        let calls = upstream.requests().len() + 1 + round / 3;
        while upstream.requests().len() < calls {
            thread::sleep(Duration::from_micros(200));
        }
        // The snapshot is written first. Kills it anywhere between that and the end of the step.
        let before = written(folder.path());
        wait_until("the snapshot is written", || written(folder.path()) != before);
        thread::sleep(Duration::from_millis([0, 12, 24][round % 3]));
        server.kill();

        let hours = hours(folder.path(), from, to);
        left = hours.values().map(|hour| hour.records).max().unwrap();
        for ((number, hour), (other, before)) in hours.iter().zip(&whole) {
            assert!(hour.records == 1 || hour.records == 12, "{hour:?} after {round}");
            assert_eq!((number, Hour { records: 12, ..*hour }), (other, *before), "after {round}");
        }
        assert_eq!(hours.len(), whole.len(), "after {round}");
        if left == 1 {
            break;
        }
    }
    assert_eq!(left, 1, "it has never come to the end");
}
