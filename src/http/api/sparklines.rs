//! `GET /api/sparklines`: the last day of every rate at a glance, for small charts.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::{
    cache::Caching,
    history::{RecentHistory, STEP, STEPS},
    http::{
        current_rates::CurrentRates,
        problem::Problem,
        query::{Query, optional},
    },
    rates::{Code, Rate, Snapshot, SourceName, to_digits},
};

/// A day in steps of half an hour: as many as a small chart has room for.
const POINTS: usize = 48;
/// From the beginning of the first step to that of the last.
const TO_LAST: Duration = Duration::from_secs(STEP * (POINTS as u64 - 1));
/// More than a small chart can show, and less than half of what a double would be written with.
const DIGITS: usize = 6;

/// The query of `/api/sparklines`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SparklinesQuery {
    /// Code of the currency that values are per; `btc` if not given
    #[serde(default, deserialize_with = "optional")]
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,16}$", example = "eur")]
    base: Option<Code>,
}

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
    /// False if the store could not be read: then there is only what this process has in memory.
    complete: bool,
    /// Of the current rates.
    #[schema(format = "date-time")]
    last_updated: String,
    data_source: &'static str,
    #[schema(example = "fresh")]
    cache_status: &'static str,
    snapshot_id: &'a str,
}

/// The last day of every rate, 48 values each.
#[utoipa::path(
    get,
    path = "/api/sparklines",
    tag = "rates",
    params(SparklinesQuery),
    responses(
        (status = 200, description = "The last day of every rate", body = SparklinesAnswer),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "A parameter is wrong, unknown or repeated", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No rates yet, or too many requests at once; Retry-After says when to try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sparklines(
    current: CurrentRates,
    Query(query): Query<SparklinesQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let base = current.base(query.base)?;
    let (day, snapshot) = (current.published.day(), &*current.snapshot);
    let body = current.representation(format!("sparklines?base={base}"), || {
        let last = day.last_step();
        let answer = SparklinesAnswer {
            base: base.as_str(),
            from: (last - TO_LAST).to_string(),
            to: (last + Duration::from_secs(STEP)).to_string(),
            step_seconds: STEP,
            series: series(snapshot, &base, day),
            complete: day.is_complete(),
            last_updated: snapshot.last_updated().to_string(),
            data_source: snapshot.source().as_str(),
            cache_status: current.status.as_str(),
            snapshot_id: snapshot.id().as_str(),
        };
        Ok::<_, Problem>(json(&answer)?.of(snapshot))
    })?;
    // What is missing may be there the next moment.
    let caching = if day.is_complete() { current.caching() } else { Caching::Revalidate };
    Ok(current.cacheable(body.respond(&headers, caching, StatusCode::OK), &body))
}

fn series<'a>(
    snapshot: &'a Snapshot,
    base: &Code,
    day: &RecentHistory,
) -> BTreeMap<&'a str, Vec<Option<f64>>> {
    // The day may have a newer record than that of the rates that are up, of another replica.
    let current =
        snapshot.last_updated() >= day.last_step() && snapshot.source() != SourceName::Sample;
    let per = snapshot.per(base).filter(|_| current);
    let line = |rate: &'a Rate| {
        let steps = day.steps().iter().skip(STEPS - POINTS);
        let mut line: Vec<_> = steps.map(|record| record.as_ref()?.per(&rate.code, base)).collect();
        let value = per.filter(|per| per.held(rate).is_none());
        let value = value.map(|per| per.quote(rate).value);
        if let Some(last) = line.last_mut().filter(|_| value.is_some()) {
            *last = value;
        }
        let digits = |value: Option<f64>| value.map(|value| to_digits(value, DIGITS));
        (rate.code.as_str(), line.into_iter().map(digits).collect())
    };
    snapshot.rates().iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rates::Timestamp, sources::sample};

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
        let now = first + TO_LAST;
        let day = RecentHistory::empty(now).with(&at(0, 70_000.0, true), now);
        // The later of two in a step, with what it lacks from the earlier.
        let day = day.with(&at(1, 71_000.0, true), now).with(&at(1, 72_000.0, false), now);
        let day = day.with(&at(47, 73_000.0, true), now);
        let lines = |current: &Snapshot| {
            let series = series(current, &Code::btc(), &day);
            assert_eq!(series["usd"].len(), POINTS);
            [&series["usd"], &series["eur"]].map(|line| [line[0], line[1], line[2], line[47]])
        };
        let euro = Some(65_223.4);
        let [usd, eur] = lines(&at(47, 74_000.0, true));
        assert_eq!(usd, [Some(70_000.0), Some(72_000.0), None, Some(74_000.0)]);
        assert_eq!(eur, [euro, euro, None, euro]);
        // Old rates are not what is now.
        assert_eq!(lines(&at(46, 74_000.0, true))[0][3], Some(73_000.0));
        let (sample, empty) = (sample::snapshot(), RecentHistory::empty(now));
        assert_eq!(series(&sample, &Code::btc(), &empty)["usd"][47], None);
    }
}
