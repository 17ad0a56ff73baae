//! `GET /api/sparklines`: the last day of every rate at a glance, for small charts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reading, json};
use crate::{
    rates::{Code, Timestamp},
    representation::Caching,
    server::{Service, params::Params, problem::Problem},
    store::Record,
};

/// A day in steps of half an hour: as many as a small chart has room for.
const POINTS: usize = 48;
const STEP: u64 = 1_800;

/// The last day of every rate.
#[derive(Serialize, ToSchema)]
pub struct SparklinesAnswer<'a> {
    /// Values are in units per one of this.
    #[schema(example = "btc")]
    base: &'a str,
    /// When the first step begins: a full or a half hour; RFC 3339, UTC.
    #[schema(format = "date-time")]
    from: String,
    /// When the last step ends, which is not over yet.
    #[schema(format = "date-time")]
    to: String,
    /// How long each step is.
    #[schema(example = 1800)]
    step_seconds: u64,
    /// By code: the last value of each of 48 steps, to six significant digits; null where there is
    /// none.
    series: BTreeMap<&'a str, Vec<Option<f64>>>,
    /// False while the store can't be read: then there is only what this process has in memory.
    complete: bool,
}

/// The last day of every rate, 48 values each, from the store.
#[utoipa::path(
    get,
    path = "/api/sparklines",
    tag = "rates",
    params(
        ("base" = Option<String>, Query, description = "Code of the currency that values are per; `btc` if not given", example = "eur"),
    ),
    responses(
        (status = 200, description = "The last day of every rate", body = SparklinesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or too many requests at once; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sparklines(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reading = Reading::of(&service)?;
    let mut params = Params::read(query.as_deref(), &["base"])?;
    let base = params.currency("base", &reading.snapshot)?.unwrap_or_else(Code::btc);
    let key = format!("sparklines?base={base}");
    if let Some(made) = reading.board.made(reading.status, &key) {
        return Ok(reading.respond(&made, &headers));
    }
    let (first, now) = (first_step(service.now()), service.now());
    // As with the history: a disk that hangs must not take all threads.
    let place = Arc::clone(&service.history_readers).try_acquire_owned();
    let place = place.map_err(|_| Problem::overloaded())?;
    let read = tokio::task::spawn_blocking(move || {
        let _place = place;
        // The last of each step: memory does not grow with what is kept.
        let mut steps: Vec<Option<Record>> = vec![None; POINTS];
        let complete = service.store.read(first, now, now, &mut |record| {
            let step = record.time().seconds_since(first) / STEP;
            if let Some(place) = usize::try_from(step).ok().and_then(|step| steps.get_mut(step)) {
                *place = Some(record);
            }
        });
        (steps, complete)
    });
    let (steps, complete) = read.await.map_err(|_| Problem::internal())?;
    let make = || {
        let answer = SparklinesAnswer {
            base: base.as_str(),
            from: first.to_string(),
            to: (first + Duration::from_secs(STEP) * 48).to_string(),
            step_seconds: STEP,
            series: series(&reading, &base, &steps),
            complete,
        };
        Ok::<_, Problem>(json(&answer)?.of(&reading.snapshot))
    };
    if complete {
        let answer = reading.board.answer(reading.status, key, make)?;
        return Ok(reading.respond(&answer, &headers));
    }
    // What is missing may be there the next moment.
    Ok(Arc::new(make()?).respond(&headers, Caching::Revalidate, StatusCode::OK))
}

/// The beginning of the first of the steps whose last one `now` falls into.
fn first_step(now: Timestamp) -> Timestamp {
    let last = now.unix_seconds() / STEP * STEP;
    Timestamp::from_unix_seconds(last) - Duration::from_secs(STEP) * 47
}

fn series<'a>(
    reading: &'a Reading,
    base: &Code,
    steps: &[Option<Record>],
) -> BTreeMap<&'a str, Vec<Option<f64>>> {
    let snapshot = &*reading.snapshot;
    let in_step = |code: &Code, record: &Option<Record>| {
        let record = record.as_ref()?;
        Some(six_digits(record.value(code)? / record.value(base)?)).filter(|v| v.is_finite())
    };
    let line = |rate: &'a crate::rates::Rate| {
        let mut line: Vec<_> = steps.iter().map(|record| in_step(&rate.code, record)).collect();
        // Its record may not be written yet.
        let current =
            snapshot.quote(&rate.code, base).filter(|_| snapshot.held(rate, base).is_none());
        if let (Some(last), Some(current)) = (line.last_mut(), current) {
            *last = Some(six_digits(current.value));
        }
        (rate.code.as_str(), line)
    };
    snapshot.rates().iter().map(line).collect()
}

/// More than a small chart can show, and less than half of what a double would be written with.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_falls_into_the_last_step() {
        for now in [1_795_422_088, 1_795_422_600, 1_795_422_599, 1_795_420_800] {
            let now = Timestamp::from_unix_seconds(now);
            let first = first_step(now);
            assert_eq!(first.unix_seconds() % STEP, 0);
            assert_eq!(now.seconds_since(first) / STEP, 47);
        }
    }

    #[test]
    fn six_digits_are_left() {
        let shown = [75_817.765, 6_790_586_630.179, 0.000_013_189_518, 1.0].map(six_digits);
        assert_eq!(format!("{shown:?}"), "[75817.8, 6790590000.0, 1.31895e-5, 1.0]");
    }
}
