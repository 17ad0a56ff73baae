//! `GET /api/history`: the values of one currency in another, from the store.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    cache::Caching,
    history::{Bucket, Series, Steps},
    http::{
        current_rates::CurrentRates,
        problem::{Problem, truncated},
        query::{Parameter, Query, optional, required},
    },
    rates::{Code, Quotation, Timestamp},
    state::AppState,
};

/// The most points in one answer: more than a chart has pixels to show.
const MOST_POINTS: u64 = 1_000;
/// The span without `from`.
const DEFAULT_SPAN: Duration = Duration::from_secs(86_400);

/// The query of `/api/history`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Code of the currency asked about: a current one, or one of which there are values in the range
    #[serde(deserialize_with = "required")]
    #[param(value_type = String, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "usd")]
    symbol: Code,
    /// Code of the base; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "btc")]
    base: Option<Code>,
    /// `inverse`: values are units of the symbol for one of the base; `direct`: units of the base for one of the
    /// symbol; `inverse` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^(direct|inverse)$", example = "direct")]
    quote: Option<Quotation>,
    /// RFC 3339, a date (midnight UTC), or a span before `to`: `24h`, `7d`, `30d`; `24h` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, example = "7d")]
    from: Option<Moment>,
    /// RFC 3339, a date (midnight UTC), or a span before now; now if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, example = "1h")]
    to: Option<Moment>,
    /// Span of one point: `5m`, `1h`, `1d`; the shortest that gives at most 1000 points if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[0-9]+[smhd]$", example = "1h")]
    step: Option<Step>,
}

/// A point in time in a query.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    /// This long before another point in time.
    Before(Duration),
}

impl Moment {
    fn seen_from(self, anchor: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Before(span) => anchor - span,
        }
    }
}

impl Parameter for Moment {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(span) = span(text) {
            return Ok(Self::Before(span));
        }
        Timestamp::parse(text)
            .map(Self::At)
            .map_err(|why| format!("{why}, nor a span as in 24h or 7d"))
    }
}

/// The span of one point in seconds; above zero.
#[derive(Clone, Copy, Debug)]
struct Step(u64);

impl Parameter for Step {
    fn parse(text: &str) -> Result<Self, String> {
        let step = span(text).map(|span| span.as_secs()).filter(|step| *step > 0);
        let wrong = || format!("“{}” is not a span as in 5m, 1h or 1d", truncated(text));
        step.map(Self).ok_or_else(wrong)
    }
}

/// The values of one currency beside another.
#[derive(Serialize, ToSchema)]
pub struct HistoryAnswer<'a> {
    #[schema(example = "usd")]
    symbol: &'a str,
    #[schema(example = "btc")]
    base: &'a str,
    /// `inverse`: values are units of `symbol` for one of `base`. `direct`: they are units of `base` for one of
    /// `symbol`.
    #[schema(example = "inverse")]
    quote: &'static str,
    /// RFC 3339, UTC; included.
    #[schema(format = "date-time")]
    from: String,
    /// RFC 3339, UTC; included.
    #[schema(format = "date-time")]
    to: String,
    /// The seconds that one point stands for; a step without a snapshot has no point.
    #[schema(example = 300)]
    step_seconds: u64,
    /// In order of time; at most 1000.
    points: Vec<Point>,
    /// False while the store can't be read, and there are only the values in this process's memory.
    complete: bool,
}

/// The values of one step.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Point {
    /// When the last rates of the step were taken; RFC 3339, UTC.
    #[schema(format = "date-time")]
    time: String,
    /// The last value of the step.
    #[schema(example = 75817.765)]
    value: f64,
    low: f64,
    high: f64,
    /// Present and true if the last value is not of a snapshot of this server, but of CoinGecko's hourly history,
    /// which was asked for later.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    backfilled: bool,
}

impl From<&Bucket> for Point {
    fn from(&Bucket { last, low, high, backfilled }: &Bucket) -> Self {
        let (low, high) = (low.value, high.value);
        Self { time: last.time.to_string(), value: last.value, low, high, backfilled }
    }
}

/// The values of one currency in another, from the store, in either direction; at most 1000 points.
#[utoipa::path(
    get,
    path = "/api/history",
    tag = "rates",
    params(HistoryQuery),
    responses(
        (status = 200, description = "The history, as far as it goes", body = HistoryAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is missing, wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or too many requests at once; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn history(
    State(state): State<Arc<AppState>>,
    current: CurrentRates,
    Query(query): Query<HistoryQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = state.now();
    let interval = current.published.schedule().interval.as_secs();
    let Range { from, to, step } = query.range(now, interval)?;
    let (symbol, base) = (query.symbol, query.base.unwrap_or_else(Code::btc));
    let quotation = query.quote.unwrap_or_default();
    let series = Series { symbol, base, quotation, steps: Steps::new(from, step) };
    let read = state.history.fold(from..=to, now, Duration::ZERO, series, Series::add_record);
    let (series, complete) = read.await?;
    // A currency that is gone has a history all the same.
    if complete && series.buckets().next().is_none() {
        current.known("symbol", series.symbol.clone())?;
        current.known("base", series.base.clone())?;
    }
    let answer = HistoryAnswer {
        symbol: series.symbol.as_str(),
        base: series.base.as_str(),
        quote: quotation.as_str(),
        from: from.to_string(),
        to: to.to_string(),
        step_seconds: step,
        points: series.buckets().map(Point::from).collect(),
        complete,
    };
    let body = Arc::new(json(&answer)?.of(&current.snapshot));
    // An incomplete answer may be complete the next moment.
    let caching = if complete { current.caching() } else { Caching::Revalidate };
    Ok(body.respond(&headers, caching, StatusCode::OK))
}

/// The range of an answer, and the length of its steps in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: Timestamp,
    to: Timestamp,
    step: u64,
}

impl HistoryQuery {
    /// Returns the range asked for. `interval` is the time between two snapshots in seconds.
    fn range(&self, now: Timestamp, interval: u64) -> Result<Range, Problem> {
        let to = self.to.unwrap_or(Moment::At(now)).seen_from(now);
        let from = self.from.unwrap_or(Moment::Before(DEFAULT_SPAN)).seen_from(to);
        if from >= to {
            return Err(Problem::parameter("from", format!("{from} is not before {to}")));
        }
        // One point is spare, because both the first and the last step may be cut.
        let shortest = (to.seconds_since(from) / (MOST_POINTS - 1) + 1).max(1);
        let step = match self.step {
            None => shortest.max(interval),
            Some(Step(step)) if step >= shortest => step,
            Some(Step(step)) => {
                let why = format!(
                    "{step} s is too short: from {from} to {to} it takes at least {shortest} s to make no more than {MOST_POINTS} points"
                );
                return Err(Problem::parameter("step", why));
            }
        };
        Ok(Range { from, to, step })
    }
}

/// Reads a number of seconds, minutes, hours or days: `90s`, `5m`, `24h`, `7d`.
fn span(text: &str) -> Option<Duration> {
    let (number, seconds) = match text.split_at_checked(text.len().checked_sub(1)?)? {
        (number, "s") => (number, 1),
        (number, "m") => (number, 60),
        (number, "h") => (number, 3_600),
        (number, "d") => (number, 86_400),
        _ => return None,
    };
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| digits)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query::parse;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_422_088); // 2026-11-23T08:21:28Z

    fn range(query: &str) -> Result<Range, Problem> {
        parse::<HistoryQuery>(&format!("symbol=usd&{query}"))?.range(NOW, 300)
    }

    #[test]
    fn ranges_are_read() {
        let read = |query| {
            let range = range(query).unwrap();
            (NOW.seconds_since(range.from), NOW.seconds_since(range.to), range.step)
        };
        assert_eq!(read(""), (86_400, 0, 300));
        assert_eq!(read("from=30d"), (2_592_000, 0, 2_595));
        assert_eq!(read("from=7d&to=1d&step=1h"), (8 * 86_400, 86_400, 3_600));
        assert_eq!(read("from=2026-11-23T07:21:28Z"), (3_600, 0, 300));
        assert_eq!(read("from=2026-11-23T09:21:28%2B02:00&step=300s"), (3_600, 0, 300));
        assert_eq!(read("from=2026-11-23T09:21:28+02:00"), (3_600, 0, 300));
        assert_eq!(read("from=2026-11-22&to=2026-11-23"), (116_488, 30_088, 300));
    }

    #[test]
    fn ranges_that_are_none_are_refused() {
        for query in [
            "from=",
            "from=yesterday",
            "from=7",
            "from=-7d",
            "from=99999999999999999999d",
            "from=7€",
            "from=2026-11-24",
            "from=1960-01-01T00:00:00Z",
            "from=0s",
            "from=2026-11-24T00:00:00Z",
            "step=0s",
            "step=x",
            "from=30d&step=1m",
        ] {
            assert!(range(query).is_err(), "{query}");
        }
    }

    #[test]
    fn no_range_makes_more_points_than_allowed() {
        for length in [1, 999, 1_000, 1_001, 86_400, 2_592_000, 315_360_000] {
            let from = NOW - Duration::from_secs(length);
            let range = range(&format!("from={length}s")).unwrap();
            assert!(NOW.seconds_since(from) / range.step < MOST_POINTS, "{length}");
        }
    }
}
