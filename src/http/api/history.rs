//! `GET /api/history`: what one currency was worth in another, from the store.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CurrentRates, json};
use crate::{
    cache::Caching,
    http::params::Params,
    http::problem::{Problem, truncated},
    rates::{Code, Timestamp},
    state::AppState,
    store::Record,
};

/// The most points in one answer: more than a chart has pixels to show.
const MOST_POINTS: u64 = 1_000;
/// What is shown without `from`.
const DEFAULT_SPAN: Duration = Duration::from_secs(86_400);

/// What one currency was worth in another.
#[derive(Serialize, ToSchema)]
pub struct HistoryAnswer<'a> {
    #[schema(example = "usd")]
    symbol: &'a str,
    /// Values are in units of `symbol` per one of this.
    #[schema(example = "btc")]
    base: &'a str,
    /// RFC 3339, UTC; included.
    #[schema(format = "date-time")]
    from: String,
    /// RFC 3339, UTC; included.
    #[schema(format = "date-time")]
    to: String,
    /// One point stands for so many seconds; steps without a snapshot have none.
    #[schema(example = 300)]
    step_seconds: u64,
    /// In order of time; at most 1000.
    points: Vec<Point>,
    /// False while the store can't be read: then there is only what this process has in memory.
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
}

/// What one currency was worth in another, from the store; at most 1000 points.
#[utoipa::path(
    get,
    path = "/api/history",
    tag = "rates",
    params(
        ("symbol" = String, Query, description = "Code of the currency asked about", example = "usd"),
        ("base" = Option<String>, Query, description = "Code of the currency that values are per; `btc` if not given", example = "btc"),
        ("from" = Option<String>, Query, description = "RFC 3339, or so long before `to`: `24h`, `7d`, `30d`; `24h` if not given", example = "7d"),
        ("to" = Option<String>, Query, description = "RFC 3339, or so long before now; now if not given", example = "1h"),
        ("step" = Option<String>, Query, description = "One point for so long: `5m`, `1h`, `1d`; the shortest that gives at most 1000 points if not given", example = "1h"),
    ),
    responses(
        (status = 200, description = "The history, as far as it goes", body = HistoryAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is missing, wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or too many requests at once; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn history(
    State(state): State<Arc<AppState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reading = CurrentRates::of(&state)?;
    let interval = reading.published.schedule().interval.as_secs();
    let known = ["symbol", "base", "from", "to", "step"];
    let mut params = Params::read(query.as_deref(), &known)?;
    let symbol = params.currency("symbol", &reading.snapshot)?;
    let symbol = symbol.ok_or_else(|| Problem::parameter("symbol", "is missing"))?;
    let base = params.currency("base", &reading.snapshot)?.unwrap_or_else(Code::btc);
    let range = Range::read(&mut params, state.now(), interval)?;
    // A store may wait for its disk; the place is free again when it has answered, and not when the
    // caller has lost patience.
    let place = Arc::clone(&state.history_readers).try_acquire_owned();
    let place = place.map_err(|_| Problem::overloaded())?;
    let read = tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut points = Points::new(symbol, base, range);
        let (store, now) = (&state.store, state.now());
        let complete = store.read(range.from, range.to, now, &mut |record| points.add(&record));
        (points, complete)
    });
    let (points, complete) = read.await.map_err(|_| Problem::internal())?;
    let Points { symbol, base, made: points, .. } = points;
    let answer = HistoryAnswer {
        symbol: symbol.as_str(),
        base: base.as_str(),
        from: range.from.to_string(),
        to: range.to.to_string(),
        step_seconds: range.step,
        points,
        complete,
    };
    let answer = Arc::new(json(&answer)?.of(&reading.snapshot));
    // What is missing may be there the next moment.
    let caching = if complete { reading.caching() } else { Caching::Revalidate };
    Ok(answer.respond(&headers, caching, StatusCode::OK))
}

/// From when to when, and in steps of how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: Timestamp,
    to: Timestamp,
    step: u64,
}

impl Range {
    fn read(params: &mut Params, now: Timestamp, interval: u64) -> Result<Self, Problem> {
        let mut take = |name, anchor: Timestamp, default| match params.take(name) {
            None => Ok(anchor - default),
            Some(text) => point_in_time(&text, anchor).ok_or_else(|| {
                let why = format!(
                    "“{}” is neither a time as in 2026-11-23T08:00:00Z nor a span as in 24h or 7d",
                    truncated(&text)
                );
                Problem::parameter(name, why)
            }),
        };
        let to = take("to", now, Duration::ZERO)?;
        let from = take("from", to, DEFAULT_SPAN)?;
        if from >= to {
            return Err(Problem::parameter("from", format!("{from} is not before {to}")));
        }
        let length = to.seconds_since(from);
        // One more than fit: the first and the last step may be cut.
        let shortest = (length / (MOST_POINTS - 1) + 1).max(1);
        let step = match params.take("step") {
            None => shortest.max(interval),
            Some(text) => match span(&text).map(|span| span.as_secs()) {
                Some(step) if step >= shortest => step,
                Some(step) if step > 0 => {
                    let why = format!(
                        "{step} s is too short: from {from} to {to} it takes at least {shortest} s to make no more than {MOST_POINTS} points"
                    );
                    return Err(Problem::parameter("step", why));
                }
                _ => {
                    let why = format!("“{}” is not a span as in 5m, 1h or 1d", truncated(&text));
                    return Err(Problem::parameter("step", why));
                }
            },
        };
        Ok(Self { from, to, step })
    }
}

/// A time, or a span before `anchor`.
fn point_in_time(text: &str, anchor: Timestamp) -> Option<Timestamp> {
    if let Some(span) = span(text) {
        return Some(anchor - span);
    }
    let seconds = text.parse::<jiff::Timestamp>().ok()?.as_second();
    u64::try_from(seconds).ok().map(Timestamp::from_unix_seconds)
}

/// A number of seconds, minutes, hours or days: `90s`, `5m`, `24h`, `7d`.
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

/// Points, made of records as they come: memory does not grow with the range.
struct Points {
    symbol: Code,
    base: Code,
    range: Range,
    made: Vec<Point>,
    /// The step of the last point.
    last: Option<u64>,
}

impl Points {
    fn new(symbol: Code, base: Code, range: Range) -> Self {
        Self { symbol, base, range, made: Vec::new(), last: None }
    }

    fn add(&mut self, record: &Record) {
        let Some(value) = record.per(&self.symbol, &self.base) else { return };
        let time = record.time().to_string();
        let step = record.time().seconds_since(self.range.from) / self.range.step;
        match self.made.last_mut().filter(|_| self.last == Some(step)) {
            Some(point) => {
                let (low, high) = (point.low.min(value), point.high.max(value));
                *point = Point { time, value, low, high };
            }
            None => self.made.push(Point { time, value, low: value, high: value }),
        }
        self.last = Some(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_422_088); // 2026-11-23T08:21:28Z

    fn range(query: &str) -> Result<Range, Problem> {
        Range::read(&mut Params::read(Some(query), &["from", "to", "step"]).unwrap(), NOW, 300)
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
            "from=2026-11-23",
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
