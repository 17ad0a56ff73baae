//! Fills the history backwards, one currency with each call.
//!
//! What is left to do follows from the store (`history/gaps.rs`), so that a restart or the next leader goes on
//! where this one has stopped. What readers look for most comes first.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use crate::{
    history::{HistoryError, Period},
    rates::{Code, Snapshot, Timestamp, too_far},
    sources::{Past, SourceError},
    state::AppState,
};

/// How long the time between two snapshots may be before the history is looked at again.
const GAP: u64 = 3_600;

/// The currencies that are left to fill.
#[derive(Default)]
pub struct Backfill {
    left: VecDeque<Code>,
    /// When the rates were taken that were current at the last look.
    looked: Option<Timestamp>,
}

impl Backfill {
    /// Returns whether the store must be read to know what is left: at the start, and after an outage.
    pub fn must_look(&mut self, state: &AppState) -> bool {
        if state.config.backfill_days() == 0 {
            return false;
        }
        let Some(taken) = state.published().snapshot().map(|it| it.last_updated()) else {
            return false;
        };
        let known = self.looked.is_some_and(|looked| taken.seconds_since(looked) <= GAP);
        if known {
            self.looked = self.looked.max(Some(taken));
        }
        !known
    }

    /// Looks what is left to fill.
    pub async fn look(&mut self, state: &AppState) -> Result<(), HistoryError> {
        let Some((snapshot, period)) = period(state) else { return Ok(()) };
        let moving = snapshot.rates().iter().map(|rate| &rate.code);
        let mut codes: Vec<Code> = moving.filter(|code| !code.is_constant()).cloned().collect();
        codes.sort_by_key(Code::popularity);
        self.left = state.history.to_fill(period, codes).await?.into();
        self.looked = Some(period.taken);
        Ok(())
    }

    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Gives up what the upstream has no past rates of.
    pub fn retain(&mut self, known: &BTreeSet<Code>) {
        self.left.retain(|code| known.contains(code));
    }

    /// Returns the currency to ask for next.
    pub fn next(&self) -> Option<&Code> {
        self.left.front()
    }

    /// Lets the other currencies come first: an upstream may fail for one alone.
    pub fn put_off(&mut self) {
        if let Some(code) = self.left.pop_front() {
            self.left.push_back(code);
        }
    }

    /// Keeps the past values of the first currency.
    pub async fn keep(&mut self, state: &AppState, past: Past) -> Result<(), HistoryError> {
        let (Some((_, period)), Some(code)) = (period(state), self.left.front()) else {
            return Ok(());
        };
        let filled = state.history.fill_in(period, code.clone(), past).await?;
        tracing::debug!(%code, filled, "filled the history backwards");
        self.left.pop_front();
        if self.left.is_empty() {
            tracing::info!("the history is filled backwards");
        }
        Ok(())
    }
}

/// Returns the current rates, and the time whose gaps are filled.
fn period(state: &AppState) -> Option<(std::sync::Arc<Snapshot>, Period)> {
    let (snapshot, now) = (state.published().snapshot().cloned()?, state.now());
    let from = now - Duration::from_secs(state.config.backfill_days() * 86_400);
    let taken = snapshot.last_updated();
    Some((snapshot, Period { from, taken, now }))
}

/// Leaves out what can't be right, seen from the `current` value backwards. All of it is an error: these may be
/// the values of another currency.
pub fn believable(mut past: Past, code: &Code, current: &Snapshot) -> Result<Past, SourceError> {
    let mut later = current.get(code).map(|rate| rate.value);
    let given = past.len();
    past.reverse();
    past.retain(|(_, value)| {
        let believed = !too_far(value / later.unwrap_or(*value));
        if believed {
            later = Some(*value);
        }
        believed
    });
    past.reverse();
    if past.is_empty() && given > 0 {
        return Err(SourceError::Outliers(code.to_string()));
    }
    Ok(past)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{at, live};

    #[test]
    fn a_value_that_cannot_be_right_costs_only_itself_and_all_of_them_are_an_error() {
        let (usd, current) = ("usd".parse().unwrap(), live(at(9_000)));
        let past = |values: &[f64]| (0..).map(at).zip(values.iter().copied()).collect::<Past>();
        let read = |values: &[f64]| believable(past(values), &usd, &current);
        let kept = read(&[30_000.0, 40_000.0, 7.5, 60_000.0, 7e7, 75_000.0]).unwrap();
        let values: Vec<f64> = kept.iter().map(|(_, value)| *value).collect();
        assert_eq!(values, [30_000.0, 40_000.0, 60_000.0, 75_000.0]);
        assert_eq!(read(&[]), Ok(Vec::new()));
        assert_eq!(read(&[7.5, 7.6]), Err(SourceError::Outliers("usd".to_owned())));
        // Nothing is known of a currency that is not among the rates.
        let other = "xyz".parse().unwrap();
        assert_eq!(believable(past(&[7.5, 7.6]), &other, &current).unwrap().len(), 2);
    }
}
