//! The rates of an earlier day, for a page with a date.

use std::time::Duration;

use crate::{
    app::{
        state::{Date, PageState},
        texts::Texts,
    },
    http::{
        current_rates::CurrentRates,
        past::{NoPastRates, PastRates},
    },
    rates::{Code, Timestamp},
    state::AppState,
};

/// From the time at which a day begins, in the first place on earth, to its last second in UTC.
const DAY: Duration = Duration::from_secs((14 + 24) * 3_600 - 1);

/// What there is for a date.
pub enum Day {
    /// The last rates of the day, or before it if it has none.
    Over(PastRates),
    /// The day has begun somewhere, and is not over in UTC: its last rates are those of now.
    NotOver,
    /// Why there are no rates, a sentence.
    Refused(String),
}

impl Day {
    /// Looks for the rates of a date, with base and currency of the page.
    pub async fn find(
        state: &AppState,
        current: &CurrentRates,
        asked: &PageState,
        date: &Date,
        texts: Texts,
    ) -> Self {
        let refused = |why: &str| {
            let args = [("name", "date"), ("value", date.as_str()), ("why", why)];
            Self::Refused(
                texts.format("warning-date", &args.map(|(name, text)| (name, text.into()))),
            )
        };
        let Some(last_second) = last_second(date) else {
            return refused(texts.get("day-unknown"));
        };
        if last_second - DAY > current.now {
            return refused(texts.get("day-not-begun"));
        }
        if last_second >= current.now {
            return Self::NotOver;
        }
        let shown = asked.shown(&current.snapshot);
        let needed: Vec<&Code> = [&shown.base].into_iter().chain(&shown.symbol).collect();
        match PastRates::of_day(state, current, last_second, &needed, &shown.symbols).await {
            Ok(past) if past.complete => Self::Over(past),
            Err(NoPastRates::TooEarly { since, .. }) => {
                let (codes, time) = (codes(&needed, texts), since.readable());
                let args = [("codes", (&codes).into()), ("time", (&time).into())];
                refused(&texts.format("day-too-early", &args))
            }
            Err(NoPastRates::NoHistory { .. }) => {
                let codes = codes(&needed, texts);
                refused(&texts.format("day-no-history", &[("codes", (&codes).into())]))
            }
            // The day is over, so it is not in the future.
            Ok(_)
            | Err(
                NoPastRates::InTheFuture { .. } | NoPastRates::Unreadable | NoPastRates::Failed(_),
            ) => refused(texts.get("day-unreadable")),
        }
    }
}

/// Returns one or two codes as a part of a sentence.
fn codes(codes: &[&Code], texts: Texts) -> String {
    match codes {
        [one, two] => {
            let args = [("one", one.as_str().into()), ("two", two.as_str().into())];
            texts.format("day-two-codes", &args)
        }
        codes => codes.iter().map(|code| code.as_str()).collect(),
    }
}

/// Returns the last second of a day in UTC, if the calendar has the day.
fn last_second(date: &Date) -> Option<Timestamp> {
    let time: jiff::Timestamp = format!("{}T23:59:59Z", date.as_str()).parse().ok()?;
    Some(Timestamp::from_unix_seconds(u64::try_from(time.as_second()).ok()?))
}
