//! The refresh loop: the only caller of the sources.
//!
//! Once per interval it asks a source and publishes the answer. After a failure the last good snapshot
//! stays. The loop then tries again after a growing pause with jitter, or after the time that the
//! upstream asked for, but makes no more than [`TRIES_PER_INTERVAL`] calls in one interval. `failover`
//! decides which source is asked, and `quarantine` whether it is believed. Between two refreshes the loop
//! makes `side_calls`, which fill the history and ask for changes that it can't tell yet, and asks `references` for rates
//! to compare its own with.

mod backfill;
mod day_changes;
mod failover;
mod quarantine;
pub mod recent_history;
mod references;
mod side_calls;
#[cfg(test)]
mod simulation;

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use tokio::time::Instant;

use self::{
    failover::{Failover, fetch},
    quarantine::some,
    references::References,
    side_calls::SideCalls,
};
use crate::{
    backoff::full_jitter,
    rates::{RefreshSchedule, Snapshot, SourceName, Timestamp},
    sources::{Fetched, RateSource, Reference, SourceError},
    state::AppState,
};

/// The most calls to one source in one interval, the regular one included.
pub const TRIES_PER_INTERVAL: u32 = 3;

/// Failed tries in a row after which an outage counts as long: those of four intervals.
const LONG_OUTAGE: u32 = 4 * TRIES_PER_INTERVAL;

/// The longest pause after a first failure. It doubles with each further one.
const FIRST_BACKOFF: Duration = Duration::from_secs(15);

/// Refreshes for ever.
///
/// The first refresh is at the published time of the next one. So a restart makes no call while the rates
/// of the earlier process are still fresh.
pub async fn run(
    state: Arc<AppState>,
    sources: Vec<Box<dyn RateSource>>,
    references: Vec<Box<dyn Reference>>,
) {
    let (sample, live): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.name() == SourceName::Sample);
    if live.is_empty() {
        return show_the_sample_alone(&state, &sample).await;
    }
    let announced = state.config.accept_outliers.clone().unwrap_or_default().into();
    let mut failover = Failover::new(live, announced, References::new(references));
    let mut side_calls = SideCalls::new(&state);
    let mut due = next_refresh(&state);
    loop {
        wait_for_turn(&state, due, &sample, &mut failover, &mut side_calls).await;
        due = refresh(&state, &mut failover, &sample).await;
        side_calls.refreshed(&state);
    }
}

/// Waits until a refresh is `due` and this replica is in charge. A refresh by another replica puts it off.
/// Makes side calls meanwhile, and asks the references.
async fn wait_for_turn(
    state: &Arc<AppState>,
    mut due: Instant,
    sample: &[Box<dyn RateSource>],
    failover: &mut Failover,
    side_calls: &mut SideCalls,
) {
    let (mut role, mut changes) = (state.role(), state.changes());
    loop {
        if changes.has_changed().unwrap_or(false) {
            changes.mark_unchanged();
            due = next_refresh(state);
            if state.published().failure().is_some() {
                show_sample(state, sample).await;
            }
        }
        let in_charge = state.is_in_charge();
        if in_charge && due <= Instant::now() {
            return;
        }
        let side_call = if in_charge { side_calls.next(state, failover, due) } else { None };
        let comparison = if in_charge { failover.references.next(state, due) } else { None };
        tokio::select! {
            () = tokio::time::sleep_until(due), if in_charge => {}
            () = tokio::time::sleep_until(side_call.unwrap_or(due)), if side_call.is_some() => {
                side_calls.make(state, failover, due).await;
            }
            () = tokio::time::sleep_until(comparison.unwrap_or(due)), if comparison.is_some() => {
                failover.references.ask(state, due).await;
            }
            _ = role.changed() => {}
            _ = changes.changed() => changes.mark_changed(),
        }
    }
}

/// Makes the tries of one interval, and returns when the next one begins.
async fn refresh(
    state: &Arc<AppState>,
    failover: &mut Failover,
    sample: &[Box<dyn RateSource>],
) -> Instant {
    let schedule = state.config.schedule();
    let interval_ends = Instant::now() + schedule.interval;
    let mut tries = 1;
    loop {
        let answer = failover.ask(state, tries).await;
        let error = match answer {
            // Another replica has taken over meanwhile: its rates count.
            _ if !state.is_in_charge() => return next_refresh(state),
            Ok(fetched) => {
                failover.accepted(&fetched);
                accept(state, fetched, interval_ends);
                return interval_ends;
            }
            Err(error) => error,
        };
        let retry = Instant::now() + pause(schedule, tries, rand::rng().random());
        let retry = retry.max(failover.rested_for_another_try(state));
        // A try that would fall into the next interval is left to that interval.
        let most = most_tries(state.published().consecutive_failures());
        let again = tries < most && retry < interval_ends;
        if !again
            && let Some(fetched) = failover.take_over(state).await
            && state.is_in_charge()
        {
            failover.accepted(&fetched);
            accept(state, fetched, interval_ends);
            return interval_ends;
        }
        let next = if again { retry } else { interval_ends.max(failover.rested()) };
        reject(state, &error, next);
        // A store that could not be read at the start may be readable by now.
        state.restore().await;
        show_sample(state, sample).await;
        if !again {
            return next;
        }
        tokio::time::sleep_until(next).await;
        if !state.is_in_charge() {
            return next_refresh(state);
        }
        tries += 1;
    }
}

/// Publishes the sample again and again, where no live source is configured.
async fn show_the_sample_alone(state: &AppState, sample: &[Box<dyn RateSource>]) {
    let interval = state.config.schedule().interval;
    tracing::warn!("no live source is configured: showing the sample built into the binary");
    loop {
        let next = Instant::now() + interval;
        let mut shown = None;
        // The last good rates of an earlier process are better, however old they are.
        if !state.has_live_rates() {
            for source in sample {
                if let Ok(fetched) = fetch(state, &**source).await {
                    shown = Some(fetched.snapshot);
                }
            }
        }
        let next_refresh = timestamp(state, next);
        state.publish(|published| {
            Some(match shown {
                Some(snapshot) => published.refreshed(snapshot, next_refresh),
                None => published.with_next_refresh(next_refresh),
            })
        });
        tokio::time::sleep_until(next).await;
    }
}

/// Publishes the sample if it is configured and there are no rates at all.
async fn show_sample(state: &AppState, sample: &[Box<dyn RateSource>]) {
    if state.published().snapshot().is_some() {
        return;
    }
    for source in sample {
        if let Ok(fetched) = fetch(state, &**source).await {
            state.metrics.source_called(source.name(), "ok");
            tracing::warn!(
                taken = %fetched.snapshot.last_updated(),
                "no live source has answered: showing the sample built into the binary"
            );
            state.publish(|published| {
                let nothing = published.snapshot().is_none();
                nothing.then(|| published.with_snapshot(fetched.snapshot, published.next_refresh()))
            });
        }
    }
}

fn accept(state: &Arc<AppState>, fetched: Fetched, next: Instant) {
    let Fetched { snapshot, .. } = fetched;
    let next = timestamp(state, next);
    let mut publish = None;
    state.publish(|published| {
        let old = published.snapshot().map(|old| &**old);
        note_missing(old, &snapshot);
        let snapshot = snapshot.with_day_changes(old.and_then(Snapshot::day_changes).cloned());
        let references = old.map(|old| old.references().to_vec()).unwrap_or_default();
        let snapshot = snapshot.with_references(references);
        let changed_source = old.is_none_or(|old| old.source() != snapshot.source());
        let (source, failures_before) = (snapshot.source(), published.consecutive_failures());
        if old.is_some_and(|old| old.id() == snapshot.id()) {
            if failures_before > 0 {
                tracing::info!(%source, failures_before, "answers again, with the same rates");
            }
        } else if failures_before > 0 || changed_source {
            let rates = snapshot.rates().len();
            tracing::info!(%source, rates, failures_before, "rates are fresh");
        }
        let next = published.refreshed(snapshot, next);
        publish = next.snapshot().map(Arc::clone);
        if next.is_frozen() && !published.is_frozen() {
            let since = next.unchanged_since().map(|since| since.to_string());
            tracing::warn!(%source, since, "the source answers, but its rates have not changed");
        }
        Some(next)
    });
    // Not awaited: a disk that hangs must not delay the next refresh.
    let state = Arc::clone(state);
    tokio::task::spawn_blocking(move || {
        if let Some(snapshot) = publish {
            state.store.put(&snapshot, state.now());
        }
    });
}

/// Logs when a source's answers begin to lack rates, or lack more, and when they have all again.
fn note_missing(old: Option<&Snapshot>, new: &Snapshot) {
    let before = old.map_or(0, |old| old.carried_forward().count());
    let (source, missing) = (new.source(), new.carried_forward().count());
    if missing > before {
        let codes = some(new.carried_forward().map(|rate| &rate.code));
        tracing::warn!(%source, missing, codes, "rates are missing: their last values stay");
    } else if missing == 0 && before > 0 {
        tracing::info!(%source, "no rates are missing any more");
    }
}

fn reject(state: &AppState, error: &SourceError, next: Instant) {
    let next = timestamp(state, next);
    state.publish(|published| Some(published.failed(error, next)));
}

/// Returns how many tries an interval gets: after a long outage only one, since a second would hardly
/// help. The first success restores the others.
fn most_tries(consecutive_failures: u32) -> u32 {
    if consecutive_failures < LONG_OUTAGE { TRIES_PER_INTERVAL } else { 1 }
}

/// Returns the published time of the next refresh.
fn next_refresh(state: &AppState) -> Instant {
    let wait = state.published().next_refresh().seconds_since(state.now());
    Instant::now() + Duration::from_secs(wait)
}

/// Returns the time of `instant`, rounded up to a second.
fn timestamp(state: &AppState, instant: Instant) -> Timestamp {
    let wait = instant.saturating_duration_since(Instant::now());
    state.now() + Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Returns the pause after try number `tries`. `jitter` is from 0 to 1.
fn pause(schedule: RefreshSchedule, tries: u32, jitter: f64) -> Duration {
    // Short intervals are for tests and private upstreams: all tries must fit into one.
    let first = FIRST_BACKOFF.min(schedule.interval / 4);
    full_jitter(first, Duration::MAX, tries, jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: RefreshSchedule = RefreshSchedule {
        interval: Duration::from_secs(300),
        grace: Duration::from_secs(10),
        unchanged_after: Duration::from_secs(3_600),
    };

    #[test]
    fn a_long_outage_gets_one_try_per_interval() {
        assert_eq!([0, 11, 12, 1_000].map(most_tries), [3, 3, 1, 1]);
    }

    #[test]
    fn pauses_grow() {
        let seconds = |tries, jitter| pause(SCHEDULE, tries, jitter).as_secs();
        assert_eq!([seconds(1, 0.0), seconds(1, 1.0)], [0, 15]);
        assert_eq!([seconds(2, 0.0), seconds(2, 1.0)], [0, 30]);
    }

    proptest::proptest! {
        #[test]
        fn a_pause_never_passes_its_bound(tries in 1..40_u32, jitter in 0.0..1.0_f64, interval in 1..86_400_u64) {
            let schedule = RefreshSchedule { interval: Duration::from_secs(interval), ..SCHEDULE };
            let shorter = pause(schedule, tries, jitter);
            proptest::prop_assert!(shorter <= pause(schedule, tries, 1.0));
            proptest::prop_assert!(pause(schedule, tries, 1.0) <= FIRST_BACKOFF * 2_u32.saturating_pow(tries - 1));
        }
    }
}
