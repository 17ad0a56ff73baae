//! The messages between an open page and its server.

use std::{str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize};

use super::{CacheStatus, Chart, Code, Quotation, Snapshot, SnapshotId, Span, Timestamp, Trends};

/// What an open page asks for. An invalid value counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LatestRequest {
    /// The snapshot that the page has. It is not sent again.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub have: Option<SnapshotId>,
    /// The base of trends and chart; bitcoin if `None`.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub base: Option<Code>,
    /// The direction of trends and charts; inverse if `None`, as a page of an earlier release means it.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quotation>,
    /// The currency that is shown in detail, with a chart.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Code>,
    /// How far its chart goes back; a day if `None`.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// A second currency, whose chart is wanted beside that of `symbol`.
    #[serde(deserialize_with = "if_valid", skip_serializing_if = "Option::is_none")]
    pub compare: Option<Code>,
}

/// Reads a value, or `None` if it is invalid. A page of another release may know other values.
fn if_valid<'de, T: FromStr, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    Ok(String::deserialize(value)?.parse().ok())
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LatestAnswer {
    Latest(Box<Latest>),
    /// What a page of another build reads of an answer that it can't read as [`Latest`].
    OtherBuild(OtherBuild),
}

/// What every answer of every build has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherBuild {
    pub build: String,
}

/// Error returned for a text that no build of the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an answer of the server")]
pub struct UnreadableAnswer;

/// Reads JSON. serde could derive this, by code that would add 9 KB to the download.
impl FromStr for LatestAnswer {
    type Err = UnreadableAnswer;

    fn from_str(json: &str) -> Result<Self, UnreadableAnswer> {
        serde_json::from_str(json)
            .map(Self::Latest)
            .or_else(|_| serde_json::from_str(json).map(Self::OtherBuild))
            .map_err(|_| UnreadableAnswer)
    }
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
    /// The chart of the currency that is compared: of the same base, direction and span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Arc<Chart>>,
    pub status: CacheStatus,
    /// Whether the rates are stale because the source keeps answering with the same ones.
    #[serde(default)]
    pub unchanged: bool,
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
    /// Returns this answer, with the parts that it left out from an earlier one. Without a chart, the old one may
    /// still be right. A rate in `codes` that is missing now is kept, too: the reader looks at it.
    #[must_use]
    pub fn or(mut self, earlier: &Self, codes: &[Code]) -> Self {
        if let (Some(snapshot), Some(earlier)) = (&mut self.snapshot, &earlier.snapshot) {
            for code in codes.iter().filter(|code| earlier.get(code).is_some()) {
                if snapshot.get(code).is_none() {
                    Arc::make_mut(snapshot).keep(code, earlier);
                }
            }
        }
        Self {
            snapshot: self.snapshot.or_else(|| earlier.snapshot.clone()),
            trends: self.trends.or_else(|| earlier.trends.clone()),
            chart: self.chart.or_else(|| earlier.chart.clone()),
            compared: self.compared.or_else(|| earlier.compared.clone()),
            ..self
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        rates::{Origin, Point, Rate, Trend},
        sources::sample,
    };

    fn latest() -> Latest {
        let time = Timestamp::from_unix_seconds(1_795_422_088);
        let sample = sample::snapshot();
        let origin = Origin { source: sample.source(), time };
        let older = Rate { carried_forward: Some(origin), ..sample.rates()[0].clone() };
        let rates = sample.rates().iter().skip(1).cloned().chain([older]).collect();
        let snapshot = Snapshot::new(sample.source(), time, rates).unwrap();
        let trend = |changes| Trend { code: Code::btc(), changes, path: "M0 0".to_owned() };
        let point = Point { time, value: 0.1 };
        Latest {
            snapshot: Some(Arc::new(snapshot)),
            trends: Some(Arc::new(Trends {
                base: Code::btc(),
                quotation: Quotation::Direct,
                since: Some(time),
                told_by_source: true,
                of: vec![trend([None; 3]), trend([Some(0.0), Some(-1.5), None])],
            })),
            chart: Some(Arc::new(Chart {
                symbol: Code::btc(),
                base: Code::btc(),
                quotation: Quotation::Direct,
                span: Span::Week,
                from: time,
                to: time,
                points: vec![point],
                low: Some(point),
                high: None,
                since: Some(point),
                change: Some(-1.5),
                complete: true,
            })),
            compared: None,
            status: CacheStatus::Cached,
            unchanged: true,
            next_refresh: time,
            interval: 300,
            server_time: time,
            build: "build".to_owned(),
        }
    }

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let whole = latest();
        let nothing = Latest { snapshot: None, trends: None, chart: None, ..whole.clone() };
        let compared = Latest { compared: whole.chart.clone(), ..whole.clone() };
        for latest in
            [whole, nothing, compared].map(|latest| LatestAnswer::Latest(Box::new(latest)))
        {
            let json = serde_json::to_string(&latest).unwrap();
            assert_eq!(json.parse::<LatestAnswer>().unwrap(), latest);
        }
    }

    #[test]
    fn a_server_of_0_1_0_does_not_say_whether_its_rates_are_unchanged() {
        let mut json = serde_json::to_value(latest()).unwrap();
        json.as_object_mut().unwrap().remove("unchanged");
        let LatestAnswer::Latest(read) = json.to_string().parse().unwrap() else { panic!() };
        assert_eq!(*read, Latest { unchanged: false, ..latest() });
    }

    #[test]
    fn the_build_is_read_of_an_answer_in_any_other_shape() {
        let mut json = serde_json::to_value(latest()).unwrap();
        json["status"] = "a status of tomorrow".into();
        let answer = json.to_string().parse::<LatestAnswer>().unwrap();
        assert_eq!(answer, LatestAnswer::OtherBuild(OtherBuild { build: "build".to_owned() }));
        assert!(r#"{"error": "no build"}"#.parse::<LatestAnswer>().is_err());
    }
}
