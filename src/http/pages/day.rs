//! The rates of an earlier day, for a page with a date.

use std::time::Duration;

use crate::{
    app::state::{Date, PageState},
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
    ) -> Self {
        let refused = |why: String| {
            let date = date.as_str();
            Self::Refused(format!("“date” can't be “{date}”: {why}. The rates of now are shown."))
        };
        let Some(last_second) = last_second(date) else {
            return refused("there is no such day".to_owned());
        };
        if last_second - DAY > current.now {
            return refused("this day has not begun".to_owned());
        }
        if last_second >= current.now {
            return Self::NotOver;
        }
        let needed = asked.shown(&current.snapshot);
        let needed: Vec<&Code> = [&needed.base].into_iter().chain(&needed.symbol).collect();
        match PastRates::at(state, current, last_second, &needed).await {
            Ok(past) if past.complete => Self::Over(past),
            Ok(_) | Err(NoPastRates::Unreadable | NoPastRates::Failed(_)) => {
                refused(NoPastRates::Unreadable.to_string())
            }
            Err(NoPastRates::TooEarly { of, since, .. }) => {
                refused(format!("the history of {of} begins at {}", since.readable()))
            }
            Err(error) => refused(error.to_string()),
        }
    }
}

/// Returns the last second of a day in UTC, if the calendar has the day.
fn last_second(date: &Date) -> Option<Timestamp> {
    let time: jiff::Timestamp = format!("{}T23:59:59Z", date.as_str()).parse().ok()?;
    Some(Timestamp::from_unix_seconds(u64::try_from(time.as_second()).ok()?))
}
