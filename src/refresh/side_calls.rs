//! Calls between two refreshes, for what an upstream knows beyond the current rates.
//!
//! The refreshes come first: a side call begins neither right after one nor right before the next, ends when that is
//! due, and none is made while refreshes fail. There is one in [`PACE`] at most. After a failure the pauses double,
//! and a Retry-After counts for refreshes, too. Only who is in charge of the refresh makes any.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use rand::RngExt;
use tokio::time::{Instant, timeout_at};

use super::{
    backfill::{Backfill, believable},
    day_changes,
    failover::Failover,
    recent_history::reload,
};
use crate::{
    rates::{Code, DayChanges},
    sources::{Asking, SourceError},
    state::AppState,
};

/// The time between two calls.
const PACE: Duration = Duration::from_secs(60);

/// The longest pause after failures: four calls a day to an upstream that has nothing for us.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3_600);

/// Status codes by which an upstream says that it does not know the currency.
const UNKNOWN_CURRENCY: [u16; 2] = [400, 422];

/// What is asked for beside the refreshes, and when.
pub struct SideCalls {
    backfill: Backfill,
    /// The currencies that the upstream knows past rates of, once it was asked.
    known: Option<BTreeSet<Code>>,
    /// No call begins before.
    due: Instant,
    /// When changes may be asked for again: a failure must not keep the rest from its turn.
    changes_due: Instant,
    /// Failed calls in a row.
    failures: u32,
    /// The outcome of the last call, if that failed.
    failure: Option<&'static str>,
}

/// What the next call is for.
enum Need {
    /// Only the store is asked.
    Look,
    Currencies,
    Changes(Vec<Code>),
    Past(Code),
}

impl SideCalls {
    pub fn new(state: &AppState) -> Self {
        let (backfill, now) = (Backfill::default(), Instant::now());
        let due = now + quiet(state);
        Self { backfill, known: None, due, changes_due: now, failures: 0, failure: None }
    }

    /// Notes that a refresh has just been made.
    pub fn refreshed(&mut self, state: &AppState) {
        self.due = self.due.max(Instant::now() + quiet(state));
    }

    /// Returns when a call may begin, if there is anything to ask for and room before the next `refresh`.
    pub fn next(
        &mut self,
        state: &AppState,
        failover: &Failover,
        refresh: Instant,
    ) -> Option<Instant> {
        let begin = self.due.max(failover.archive_rested()?).max(Instant::now());
        let room = begin + quiet(state) <= refresh;
        let well = state.published().failure().is_none() && state.has_live_rates();
        (room && well && self.need(state).is_some()).then_some(begin)
    }

    fn need(&mut self, state: &AppState) -> Option<Need> {
        if self.backfill.must_look(state) {
            return Some(Need::Look);
        }
        let to_ask = || day_changes::to_ask(&state.published(), self.known.as_ref(), state.now());
        let changes = if self.changes_due <= Instant::now() { to_ask() } else { None };
        match (changes, self.backfill.next()) {
            (None, None) => None,
            _ if self.known.is_none() => Some(Need::Currencies),
            (Some(codes), _) => Some(Need::Changes(codes)),
            (None, Some(code)) => Some(Need::Past(code.clone())),
        }
    }

    /// Makes one call, which ends when the next `refresh` is due.
    pub async fn make(&mut self, state: &Arc<AppState>, failover: &mut Failover, refresh: Instant) {
        let made = match self.need(state) {
            None => return,
            // Not while a disk hangs: the refresh must not wait for it.
            Some(Need::Look) => match timeout_at(refresh, self.backfill.look(state)).await {
                Ok(Ok(())) => return self.looked(),
                Ok(Err(_)) | Err(_) => None,
            },
            // Readers wait for the changes: they are asked for at once after it.
            Some(Need::Currencies) => {
                match self.ask_for_currencies(state, failover, refresh).await {
                    Some(()) if matches!(self.need(state), Some(Need::Changes(_))) => return,
                    asked => asked,
                }
            }
            Some(Need::Changes(codes)) => {
                self.ask_for_changes(state, failover, refresh, &codes).await
            }
            Some(Need::Past(code)) => self.ask_for_past(state, failover, refresh, &code).await,
        };
        let pace = PACE.min(state.config.schedule().interval);
        self.failures = if made.is_some() { 0 } else { self.failures.saturating_add(1) };
        let pause = pace.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_PAUSE);
        // A pause after a failure is of random length, so that many copies of this program do not ask in step.
        let jitter = if self.failures > 0 { rand::rng().random_range(0.5..=1.0) } else { 1.0 };
        self.due = Instant::now() + pause.mul_f64(jitter).max(pace);
    }

    fn looked(&self) {
        if self.backfill.left() > 0 {
            tracing::info!(currencies = self.backfill.left(), "filling the history backwards");
        }
    }

    async fn ask_for_currencies(
        &mut self,
        state: &AppState,
        failover: &mut Failover,
        refresh: Instant,
    ) -> Option<()> {
        let (source, archive) = failover.archive()?;
        let answer = ended_at(refresh, state, archive.currencies()).await;
        tracing::debug!(%source, "asked which currencies it knows the past of");
        let known = self.report(state, failover, answer).ok()?;
        self.backfill.retain(&known);
        self.known = Some(known);
        Some(())
    }

    async fn ask_for_changes(
        &mut self,
        state: &Arc<AppState>,
        failover: &mut Failover,
        refresh: Instant,
        codes: &[Code],
    ) -> Option<()> {
        self.changes_due = Instant::now() + day_changes::EVERY;
        let (source, archive) = failover.archive()?;
        let answer = ended_at(refresh, state, archive.changes(codes)).await;
        let answer = answer.and_then(|changes| {
            let changes = DayChanges::new(source, state.now(), changes);
            changes.ok_or_else(|| SourceError::Outliers(Code::btc().to_string()))
        });
        let changes = self.report(state, failover, answer).ok()?;
        // Another replica may have taken over meanwhile.
        state.is_in_charge().then(|| day_changes::publish(state, changes))
    }

    async fn ask_for_past(
        &mut self,
        state: &AppState,
        failover: &mut Failover,
        refresh: Instant,
        code: &Code,
    ) -> Option<()> {
        let (_, archive) = failover.archive()?;
        let days = state.config.backfill_days();
        let answer = ended_at(refresh, state, archive.past(code, days)).await;
        let current = state.published().snapshot().cloned()?;
        let answer = answer.and_then(|past| believable(past, code, &current));
        let unknown = matches!(&answer, Err(SourceError::Status { status, .. })
            if UNKNOWN_CURRENCY.contains(status));
        let past = match self.report(state, failover, answer) {
            // Noted in the store, so that it is not asked again.
            Err(_) if unknown => Vec::new(),
            Err(_) => {
                self.backfill.put_off();
                return None;
            }
            Ok(past) => past,
        };
        // Another replica has taken over meanwhile.
        if !state.is_in_charge() {
            return None;
        }
        timeout_at(refresh, self.backfill.keep(state, past)).await.ok()?.ok()?;
        timeout_at(refresh, reload(state)).await.ok()?;
        Some(())
    }

    /// Counts a call, logs each change of state once, and lets an upstream rest that has asked for it.
    fn report<T>(
        &mut self,
        state: &AppState,
        failover: &mut Failover,
        answer: Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
        if let Some((source, _)) = failover.archive() {
            state.metrics.source_called(source, outcome);
            if let Err(error) = &answer
                && self.failure != Some(outcome)
            {
                tracing::warn!(%source, %error, "asking for the past failed");
            }
        }
        self.failure = answer.is_err().then_some(outcome);
        if let Some(wait) = answer.as_ref().err().and_then(SourceError::retry_after) {
            failover.let_archive_rest(Instant::now() + wait);
        }
        answer
    }
}

/// Returns how far a side call stays away from refreshes.
fn quiet(state: &AppState) -> Duration {
    state.config.api_timeout.min(state.config.schedule().interval / 4)
}

/// Makes a call that ends at a deadline, and whose panic is its failure.
async fn ended_at<T>(
    deadline: Instant,
    state: &AppState,
    call: Asking<'_, T>,
) -> Result<T, SourceError> {
    let answer = timeout_at(deadline, AssertUnwindSafe(call).catch_unwind()).await;
    match answer {
        Ok(answer) => answer.unwrap_or(Err(SourceError::Fault)),
        Err(_) => Err(SourceError::Timeout(state.config.api_timeout)),
    }
}
