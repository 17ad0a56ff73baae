//! The rates of an earlier time, from the history.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{current_rates::CurrentRates, problem::Problem};
use crate::{
    cache::{Caching, Representation},
    history::{HistoryError, Nearest},
    rates::{Code, Rate, Snapshot, SourceName, Timestamp},
    state::AppState,
    store::{CLOCK_SKEW, Record},
};

/// The rates of one record of the history.
pub struct PastRates {
    /// The record's values under the names of now, taken when it was. A record does not tell its source, so none of
    /// these must be shown.
    pub snapshot: Arc<Snapshot>,
    /// Whether the values were asked for later.
    pub backfilled: bool,
    /// Whether the store could be read, which may have a later record.
    pub complete: bool,
}

/// Error returned when there are no rates of the time asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPastRates {
    #[error("{date} is in the future: it is {now}")]
    InTheFuture { date: Timestamp, now: Timestamp },
    #[error("{date} is before the history of {of}, which begins at {since}")]
    TooEarly { date: Timestamp, of: String, since: Timestamp },
    #[error("there is no history of {of} yet")]
    NoHistory { of: String },
    #[error("the history can't be read at the moment")]
    Unreadable,
    #[error(transparent)]
    Failed(#[from] HistoryError),
}

impl From<NoPastRates> for Problem {
    fn from(error: NoPastRates) -> Self {
        match error {
            NoPastRates::Unreadable => Self::history_unavailable(),
            NoPastRates::Failed(error) => error.into(),
            error => Self::parameter("date", error),
        }
    }
}

impl PastRates {
    /// Reads the last record by `date` that has all of these currencies, which must have a rate now. What else it
    /// lacks is missing in the rates, too.
    pub async fn at(
        state: &AppState,
        current: &CurrentRates,
        date: Timestamp,
        codes: &[&Code],
    ) -> Result<Self, NoPastRates> {
        let now = current.now;
        if date > now + CLOCK_SKEW {
            return Err(NoPastRates::InTheFuture { date, now });
        }
        let has_all = has_all(codes);
        let pick = move |record: &Record| has_all(record).then(|| record.clone());
        let of = || match codes {
            [code] => code.to_string(),
            [one, two] => format!("{one} and {two}"),
            _ => "these currencies".to_owned(),
        };
        match state.history.nearest(date, now, pick).await? {
            (Nearest::At(_, record), complete) => Self::of(&record, current, complete),
            (_, false) => Err(NoPastRates::Unreadable),
            (Nearest::Begins(since), true) => Err(NoPastRates::TooEarly { date, of: of(), since }),
            (Nearest::Nothing, true) => Err(NoPastRates::NoHistory { of: of() }),
        }
    }

    /// Reads the last record of a day that has all of these currencies and most of the rest, for an hour that was asked
    /// for later may have a few only. If the day has none, one with the `others`, else any, else one from before it.
    pub async fn of_day(
        state: &AppState,
        current: &CurrentRates,
        last_second: Timestamp,
        codes: &[&Code],
        others: &[Code],
    ) -> Result<Self, NoPastRates> {
        let day = last_second - Duration::from_secs(86_399)..=last_second;
        let (has_codes, has_others) = (has_all(codes), has_all(&others.iter().collect::<Vec<_>>()));
        let known: Vec<Code> = current.snapshot.rates().iter().map(|r| r.code.clone()).collect();
        let rank = move |record: &Record| {
            let count = known.iter().filter(|code| record.value(code).is_some()).count();
            has_codes(record).then(|| (count * 4 >= known.len() * 3, has_others(record)))
        };
        match state.history.best(day, current.now, rank).await? {
            (Some(record), complete) => Self::of(&record, current, complete),
            (None, _) => Self::at(state, current, last_second, codes).await,
        }
    }

    fn of(record: &Record, current: &CurrentRates, complete: bool) -> Result<Self, NoPastRates> {
        let snapshot = Arc::new(snapshot(record, &current.snapshot)?);
        Ok(Self { snapshot, backfilled: record.is_backfilled(), complete })
    }

    /// Returns when the record was taken.
    pub fn recorded_at(&self) -> Timestamp {
        self.snapshot.last_updated()
    }

    /// Returns how an answer made of these rates may be cached. There can be a later record from the next snapshot
    /// on.
    pub fn caching(&self, current: &CurrentRates) -> Caching {
        if self.complete { current.caching() } else { Caching::Revalidate }
    }

    /// Responds with a body that depends only on the address and these rates.
    pub fn respond(
        &self,
        body: Representation,
        current: &CurrentRates,
        request: &HeaderMap,
    ) -> Response {
        let body = Arc::new(body.of(&self.snapshot));
        let response = body.respond(request, self.caching(current), StatusCode::OK);
        if self.complete { current.cacheable(response, &body) } else { response }
    }
}

/// Returns whether a record has all of these currencies.
fn has_all(codes: &[&Code]) -> impl Fn(&Record) -> bool + Clone + use<> {
    let codes: Vec<Code> = codes.iter().map(|&code| code.clone()).collect();
    move |record| codes.iter().all(|code| record.value(code).is_some())
}

/// Gives the values of a record the names of now.
fn snapshot(record: &Record, current: &Snapshot) -> Result<Snapshot, HistoryError> {
    let rate = |rate: &Rate| {
        let value = record.value(&rate.code)?;
        Some(Rate { value, carried_forward: None, ..rate.clone() })
    };
    let rates = current.rates().iter().filter_map(rate).collect();
    // Bitcoin is in every record.
    Snapshot::new(SourceName::Coingecko, record.time(), rates).map_err(|_| HistoryError::Failed)
}
