//! The refresh loop: the only caller of the sources.
//!
//! Once per interval it asks the source in charge, and puts a new board up. After a failure the last
//! good snapshot stays, and the loop tries again after a pause that grows and is spread at random,
//! or after the time that the upstream asked for. However many tries fail, no more than
//! [`TRIES_PER_INTERVAL`] are made in one interval. Which source that is, and when another takes its
//! place, is told in `upstreams`.

#[cfg(test)]
mod simulation;
mod upstreams;

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use tokio::time::Instant;

use self::upstreams::{Upstreams, fetch};
use crate::{
    board::Schedule,
    rates::{SourceName, Timestamp},
    server::Service,
    source::{Fetched, Source, SourceError},
};

/// The most calls to one source in one interval, the regular one included.
pub const TRIES_PER_INTERVAL: u32 = 3;

/// Failed tries in a row that make an outage a long one: four intervals of them.
const LONG_OUTAGE: u32 = 4 * TRIES_PER_INTERVAL;

/// The longest pause after a first failure; it doubles with each further one.
const FIRST_BACKOFF: Duration = Duration::from_secs(15);

/// Refreshes for ever.
///
/// Begins at the time that the board tells: rates of an earlier process that are still fresh make a
/// first call needless, however often the process is started.
pub async fn run(service: Arc<Service>, sources: Vec<Source>) {
    let (sample, live): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.name() == SourceName::Sample);
    if live.is_empty() {
        return show_the_sample_alone(&service, &sample).await;
    }
    let mut upstreams = Upstreams::new(live);
    let mut due = next_refresh(&service);
    loop {
        wait_for_turn(&service, due, &sample).await;
        due = refresh(&service, &mut upstreams, &sample).await;
    }
}

/// Waits until a refresh is `due` and this replica is the one to make it. What another makes
/// meanwhile puts it off.
async fn wait_for_turn(service: &Service, mut due: Instant, sample: &[Source]) {
    let (mut role, mut changes) = (service.role(), service.changes());
    loop {
        if changes.has_changed().unwrap_or(false) {
            changes.mark_unchanged();
            due = next_refresh(service);
            if service.board().failure().is_some() {
                stand_in(service, sample).await;
            }
        }
        let in_charge = service.is_in_charge();
        if in_charge && due <= Instant::now() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep_until(due), if in_charge => {}
            _ = role.changed() => {}
            _ = changes.changed() => changes.mark_changed(),
        }
    }
}

/// Makes the tries of one interval; tells when the next one begins.
async fn refresh(service: &Arc<Service>, upstreams: &mut Upstreams, sample: &[Source]) -> Instant {
    let schedule = service.config.schedule();
    let interval_ends = Instant::now() + schedule.interval;
    let mut tries = 1;
    loop {
        let answer = upstreams.ask(service, tries).await;
        let error = match answer {
            // Another replica has taken over while this one slept: its rates count.
            _ if !service.is_in_charge() => return next_refresh(service),
            Ok(fetched) => {
                accept(service, fetched, interval_ends);
                return interval_ends;
            }
            Err(error) => error,
        };
        let retry = Instant::now() + pause(schedule, tries, rand::rng().random());
        let retry = retry.max(upstreams.rested_for_another_try(service));
        // A try that would fall into the next interval is that interval's first.
        let most = most_tries(service.board().consecutive_failures());
        let again = tries < most && retry < interval_ends;
        if !again
            && let Some(fetched) = upstreams.take_over(service).await
            && service.is_in_charge()
        {
            accept(service, fetched, interval_ends);
            return interval_ends;
        }
        let next = if again { retry } else { interval_ends.max(upstreams.rested()) };
        reject(service, &error, next);
        // A store that could not be read at the start may be there by now.
        service.restore().await;
        stand_in(service, sample).await;
        if !again {
            return next;
        }
        tokio::time::sleep_until(next).await;
        if !service.is_in_charge() {
            return next_refresh(service);
        }
        tries += 1;
    }
}

/// Without a live source there is nothing to ask and nothing to fail.
async fn show_the_sample_alone(service: &Service, sample: &[Source]) {
    let interval = service.config.schedule().interval;
    tracing::warn!("no live source is configured: showing the sample built into the binary");
    loop {
        let next = Instant::now() + interval;
        let mut shown = None;
        // The last good rates of an earlier process are better, however old.
        if !service.has_live_rates() {
            for source in sample {
                if let Ok(fetched) = fetch(service, source).await {
                    shown = Some(fetched.snapshot);
                }
            }
        }
        let next_refresh = timestamp(service, next);
        service.put_up(|board| {
            Some(match shown {
                Some(snapshot) => board.refreshed(snapshot, next_refresh),
                None => board.standing(next_refresh),
            })
        });
        tokio::time::sleep_until(next).await;
    }
}

/// Shows the sample, if it is configured and there is nothing else: it is better than nothing and
/// worse than anything else, however old.
async fn stand_in(service: &Service, sample: &[Source]) {
    if service.board().snapshot().is_some() {
        return;
    }
    for source in sample {
        if let Ok(fetched) = fetch(service, source).await {
            service.metrics.source_called(source.name(), "ok");
            tracing::warn!(
                taken = %fetched.snapshot.last_updated(),
                "no live source has answered: showing the sample built into the binary"
            );
            service.put_up(|board| {
                let nothing = board.snapshot().is_none();
                nothing.then(|| board.standing_in(fetched.snapshot, board.next_refresh()))
            });
        }
    }
}

fn accept(service: &Arc<Service>, fetched: Fetched, next: Instant) {
    let Fetched { snapshot, .. } = fetched;
    let next = timestamp(service, next);
    let mut put_up = None;
    service.put_up(|board| {
        let changed_source = board.snapshot().is_none_or(|old| old.source() != snapshot.source());
        if board.failure().is_some() || changed_source {
            tracing::info!(
                source = %snapshot.source(),
                rates = snapshot.rates().len(),
                failures_before = board.consecutive_failures(),
                "rates are fresh"
            );
        }
        let board = board.refreshed(snapshot, next);
        put_up = board.snapshot().map(Arc::clone);
        Some(board)
    });
    // Not waited for: a disk that hangs must not hold the next refresh up.
    let service = Arc::clone(service);
    tokio::task::spawn_blocking(move || {
        if let Some(snapshot) = put_up {
            service.store.put(&snapshot, service.now());
        }
    });
}

fn reject(service: &Service, error: &SourceError, next: Instant) {
    let next = timestamp(service, next);
    service.put_up(|board| {
        // One line for each change of state; every single try is there at the level debug.
        if board.failure().map(|failure| &*failure.outcome) != Some(error.outcome()) {
            let kept = board.snapshot().map(|snapshot| snapshot.last_updated().to_string());
            tracing::warn!(%error, last_good = kept, "the refresh failed");
        }
        Some(board.failed(error, next))
    });
}

/// How many tries an interval gets: after a long outage only one, since nothing speaks for a
/// second; the first that works brings the others back.
fn most_tries(consecutive_failures: u32) -> u32 {
    if consecutive_failures < LONG_OUTAGE { TRIES_PER_INTERVAL } else { 1 }
}

/// When the board says that the next refresh is.
fn next_refresh(service: &Service) -> Instant {
    let wait = service.board().next_refresh().seconds_since(service.now());
    Instant::now() + Duration::from_secs(wait)
}

/// What the clock will show at `instant`, or up to a second later.
fn timestamp(service: &Service, instant: Instant) -> Timestamp {
    let wait = instant.saturating_duration_since(Instant::now());
    service.now() + Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// The pause after try number `tries`: full jitter below a bound that doubles. `jitter` is from 0
/// to 1.
fn pause(schedule: Schedule, tries: u32, jitter: f64) -> Duration {
    // Short intervals are for tests and private upstreams: their tries stay within them.
    let first = FIRST_BACKOFF.min(schedule.interval / 4);
    let bound = first * 2_u32.saturating_pow(tries - 1);
    bound.mul_f64(jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule =
        Schedule { interval: Duration::from_secs(300), grace: Duration::from_secs(10) };

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
            let schedule = Schedule { interval: Duration::from_secs(interval), ..SCHEDULE };
            let shorter = pause(schedule, tries, jitter);
            proptest::prop_assert!(shorter <= pause(schedule, tries, 1.0));
            proptest::prop_assert!(pause(schedule, tries, 1.0) <= FIRST_BACKOFF * 2_u32.saturating_pow(tries - 1));
        }
    }
}
