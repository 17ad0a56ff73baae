//! The messages between the page and its server.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CacheStatus, Chart, Code, Json, Snapshot, Span, Timestamp, Trends};

/// What a page asks for in addition to the rates.
#[derive(Clone, Debug, PartialEq)]
pub struct LatestRequest {
    /// The base of the trends.
    pub base: Code,
    /// The currency shown in detail, and how far its chart goes back.
    pub chart: Option<(Code, Span)>,
}

/// The rates and what the page must know about them. Sent with the page, and at each refresh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latest {
    /// `None` if the server has none yet, or if the caller already has this one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The last day of all rates, in the requested base.
    pub trends: Option<Arc<Trends>>,
    /// The requested chart; `None` also while the history can't be read.
    pub chart: Option<Arc<Chart>>,
    pub status: CacheStatus,
    /// When the server calls its source again.
    pub next_refresh: Timestamp,
    /// Seconds between two refreshes of the server.
    pub interval: u32,
    /// The time by the server's clock; the reader's clock may be off.
    pub server_time: Timestamp,
    /// The build of the server; a page of another build reloads itself.
    pub build: String,
}

impl Latest {
    /// Reads JSON that the browser has parsed; `None` if any part can't be read.
    pub fn read(json: &impl Json) -> Option<Self> {
        let time = |field| Timestamp::read(&json.get(field)?);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes")]
        let interval = json.get("interval")?.number()? as u32;
        Some(Self {
            snapshot: part(json.get("snapshot"), Snapshot::read).ok()?,
            trends: part(json.get("trends"), Trends::read).ok()?,
            chart: part(json.get("chart"), Chart::read).ok()?,
            status: json.word("status")?,
            next_refresh: time("next_refresh")?,
            interval,
            server_time: time("server_time")?,
            build: json.get("build")?.text()?,
        })
    }
}

/// Error returned when a part is present but can't be read.
struct Unreadable;

/// Reads a part that may be missing.
fn part<J, T>(
    json: Option<J>,
    read: impl Fn(&J) -> Option<T>,
) -> Result<Option<Arc<T>>, Unreadable> {
    let part = json.map(|json| read(&json).map(Arc::new).ok_or(Unreadable));
    part.transpose()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        rates::{Code, Origin, Point, Rate, Span, Trend},
        sources::sample,
    };

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let time = Timestamp::from_unix_seconds(1_795_422_088);
        let sample = sample::snapshot();
        let origin = Origin { source: sample.source(), time };
        let older = Rate { carried_forward: Some(origin), ..sample.rates()[0].clone() };
        let rates = sample.rates().iter().skip(1).cloned().chain([older]).collect();
        let snapshot = Snapshot::new(sample.source(), time, rates).unwrap();
        let trend = |change| Trend { code: Code::btc(), change, path: "M0 0".to_owned() };
        let point = Point { time, value: 0.1 };
        let whole = Latest {
            snapshot: Some(Arc::new(snapshot)),
            trends: Some(Arc::new(Trends {
                base: Code::btc(),
                since: Some(time),
                of: vec![trend(None), trend(Some(-1.5))],
            })),
            chart: Some(Arc::new(Chart {
                symbol: Code::btc(),
                base: Code::btc(),
                span: Span::Week,
                from: time,
                to: time,
                points: vec![point],
                low: Some(point),
                high: None,
                complete: true,
            })),
            status: CacheStatus::Cached,
            next_refresh: time,
            interval: 300,
            server_time: time,
            build: "build".to_owned(),
        };
        let nothing = Latest { snapshot: None, trends: None, chart: None, ..whole.clone() };
        for latest in [whole, nothing] {
            let json = serde_json::to_value(&latest).unwrap();
            assert_eq!(Latest::read(&json), Some(latest));
        }
    }
}
