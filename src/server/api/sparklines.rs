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
    answers::{Caching, Representation},
    rates::{Code, Rate, Snapshot, SourceName, Timestamp},
    server::{Service, params::Params, problem::Problem},
    store::Record,
};

/// A day in steps of half an hour: as many as a small chart has room for.
const POINTS: usize = 48;
const STEP: u64 = 1_800;
/// From the beginning of the first step to that of the last.
const TO_LAST: Duration = Duration::from_secs(STEP * (POINTS as u64 - 1));
/// How long a request waits for its turn to read the store.
const PATIENCE: Duration = Duration::from_secs(2);

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
    /// none. The last one is that of the current rates, unless these are older than the step.
    series: BTreeMap<&'a str, Vec<Option<f64>>>,
    /// False while the store can't be read: then there is only what this process has in memory.
    complete: bool,
    /// Of the current rates.
    #[schema(format = "date-time")]
    last_updated: String,
    data_source: &'static str,
    #[schema(example = "fresh")]
    cache_status: &'static str,
    snapshot_id: &'a str,
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
    let now = service.now();
    let first = first_step(now);
    let key = format!("sparklines?base={base}&from={}", first.unix_seconds());
    let ready = || reading.board.made(reading.status, &key);
    // With the clock, another half hour begins: not an answer that the address settles.
    let respond =
        |answer: Arc<Representation>| answer.respond(&headers, reading.caching(), StatusCode::OK);
    if let Some(answer) = ready() {
        return Ok(respond(answer));
    }
    // As with the history, a disk that hangs must not take all threads. All who listen to the
    // stream ask at the same moment: most of them find the answer made when it is their turn.
    let place = Arc::clone(&service.history_readers).acquire_owned();
    let place = tokio::time::timeout(PATIENCE, place).await.map_err(|_| Problem::overloaded())?;
    let place = place.map_err(|_| Problem::internal())?;
    if let Some(answer) = ready() {
        return Ok(respond(answer));
    }
    let read = tokio::task::spawn_blocking(move || {
        let _place = place;
        // One of each step: memory does not grow with what is kept.
        let mut steps: Vec<Option<Record>> = vec![None; POINTS];
        let complete = service.store.read(first, now, now, &mut |record| {
            let step = record.time().seconds_since(first) / STEP;
            if let Some(place) = usize::try_from(step).ok().and_then(|step| steps.get_mut(step)) {
                *place = Some(match place.take() {
                    Some(earlier) => record.completed_by(&earlier),
                    None => record,
                });
            }
        });
        (steps, complete)
    });
    let (steps, complete) = read.await.map_err(|_| Problem::internal())?;
    let snapshot = &*reading.snapshot;
    let make = || {
        let answer = SparklinesAnswer {
            base: base.as_str(),
            from: first.to_string(),
            to: (first + TO_LAST + Duration::from_secs(STEP)).to_string(),
            step_seconds: STEP,
            series: series(snapshot, &base, first, &steps),
            complete,
            last_updated: snapshot.last_updated().to_string(),
            data_source: snapshot.source().as_str(),
            cache_status: reading.status.as_str(),
            snapshot_id: snapshot.id().as_str(),
        };
        Ok::<_, Problem>(json(&answer)?.of(&reading.snapshot))
    };
    if complete {
        let answer = reading.board.answer(reading.status, key, make)?;
        return Ok(respond(answer));
    }
    // What is missing may be there the next moment.
    Ok(Arc::new(make()?).respond(&headers, Caching::Revalidate, StatusCode::OK))
}

/// The beginning of the first of the steps whose last one `now` falls into.
fn first_step(now: Timestamp) -> Timestamp {
    let last = now.unix_seconds() / STEP * STEP;
    Timestamp::from_unix_seconds(last) - TO_LAST
}

fn series<'a>(
    snapshot: &'a Snapshot,
    base: &Code,
    first: Timestamp,
    steps: &[Option<Record>],
) -> BTreeMap<&'a str, Vec<Option<f64>>> {
    let in_step = |code: &Code, record: &Option<Record>| {
        let record = record.as_ref()?;
        Some(six_digits(record.value(code)? / record.value(base)?)).filter(|v| v.is_finite())
    };
    // The record of the current rates may not be written yet.
    let current =
        snapshot.last_updated() >= first + TO_LAST && snapshot.source() != SourceName::Sample;
    let per = snapshot.per(base).filter(|_| current);
    let line = |rate: &'a Rate| {
        let mut line: Vec<_> = steps.iter().map(|record| in_step(&rate.code, record)).collect();
        let value = per.filter(|per| per.held(rate).is_none());
        let value = value.map(|per| six_digits(per.quote(rate).value));
        if let Some(last) = line.last_mut().filter(|_| value.is_some()) {
            *last = value;
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
    use crate::source::sample;

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
    fn each_step_shows_its_last_value() {
        let first = Timestamp::from_unix_seconds(1_800_000);
        let at = |step: u64, dollars: f64, euros: bool| {
            let rates = sample::snapshot().rates().to_vec();
            let rates = rates.into_iter().filter(|rate| euros || rate.code.as_str() != "eur");
            let rates = rates.map(|rate| match rate.code.as_str() {
                "usd" => Rate { value: dollars, ..rate },
                _ => rate,
            });
            let time = first + Duration::from_secs(STEP * step + 7);
            Snapshot::new(SourceName::Coingecko, time, rates.collect()).unwrap()
        };
        let mut steps = vec![None; POINTS];
        steps[0] = Some(Record::of(&at(0, 70_000.0, true)));
        // The later of two in a step, with what it lacks from the earlier.
        let (earlier, later) = (at(1, 71_000.0, true), at(1, 72_000.0, false));
        steps[1] = Some(Record::of(&later).completed_by(&Record::of(&earlier)));
        steps[47] = Some(Record::of(&at(47, 73_000.0, true)));
        let lines = |current: &Snapshot| {
            let series = series(current, &Code::btc(), first, &steps);
            [&series["usd"], &series["eur"]].map(|line| [line[0], line[1], line[2], line[47]])
        };
        let euro = Some(65_223.4);
        let [usd, eur] = lines(&at(47, 74_000.0, true));
        assert_eq!(usd, [Some(70_000.0), Some(72_000.0), None, Some(74_000.0)]);
        assert_eq!(eur, [euro, euro, None, euro]);
        // Old rates are not what is now.
        assert_eq!(lines(&at(46, 74_000.0, true))[0][3], Some(73_000.0));
        let sample = sample::snapshot();
        let series = series(&sample, &Code::btc(), first, &vec![None; POINTS]);
        assert_eq!(series["usd"][47], None);
    }

    #[test]
    fn six_digits_are_left() {
        let shown = [75_817.765, 6_790_586_630.179, 0.000_013_189_518, 1.0].map(six_digits);
        assert_eq!(format!("{shown:?}"), "[75817.8, 6790590000.0, 1.31895e-5, 1.0]");
    }
}
