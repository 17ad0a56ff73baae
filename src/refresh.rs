//! The refresh loop: the only caller of the sources.
//!
//! Once per interval it asks the sources in their order until one answers, and puts a new board
//! up. After a failure the last good snapshot stays, and the loop tries again after a pause that
//! grows and is spread at random, or after the time that the upstream asked for. However many
//! tries fail, no more than [`TRIES_PER_INTERVAL`] are made in one interval.

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use tokio::time::Instant;

use crate::{
    board::Schedule,
    rates::{SourceName, Timestamp},
    server::Service,
    source::{Fetched, Source, SourceError},
};

/// The most calls to one source in one interval, the regular one included.
pub const TRIES_PER_INTERVAL: u32 = 3;

/// The longest pause after a first failure; it doubles with each further one.
const FIRST_BACKOFF: Duration = Duration::from_secs(15);

/// Refreshes for ever.
pub async fn run(service: Arc<Service>, sources: Vec<Source>) {
    let schedule = service.config.schedule();
    loop {
        let interval_ends = Instant::now() + schedule.interval;
        let mut tries = 1;
        let next = loop {
            let error = match ask_in_order(&service, &sources).await {
                Ok(fetched) => {
                    accept(&service, fetched, interval_ends);
                    break interval_ends;
                }
                Err(error) => error,
            };
            let asked = error.retry_after().unwrap_or_default();
            let retry = Instant::now() + pause(schedule, tries, asked, rand::rng().random());
            // A try that would fall into the next interval is that interval's first.
            let again = tries < TRIES_PER_INTERVAL && retry < interval_ends;
            let next = if again { retry } else { interval_ends.max(Instant::now() + asked) };
            reject(&service, &error, next);
            stand_in(&service, &sources).await;
            if !again {
                break next;
            }
            tokio::time::sleep_until(next).await;
            tries += 1;
        };
        tokio::time::sleep_until(next).await;
    }
}

/// Asks each live source once until one answers; the error is the last one's.
async fn ask_in_order(service: &Service, sources: &[Source]) -> Result<Fetched, SourceError> {
    let mut failure = SourceError::NoRates;
    for source in sources.iter().filter(|source| source.name() != SourceName::Sample) {
        match ask(service, source).await {
            Ok(fetched) => return Ok(fetched),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Shows the sample, if it is configured and there is nothing else: it is better than nothing and
/// worse than anything else, however old.
async fn stand_in(service: &Service, sources: &[Source]) {
    let sample = sources.iter().find(|source| source.name() == SourceName::Sample);
    let Some(sample) = sample.filter(|_| service.board().snapshot().is_none()) else { return };
    if let Ok(fetched) = ask(service, sample).await {
        tracing::warn!(
            taken = %fetched.snapshot.last_updated(),
            "no live source has answered: showing the sample built into the binary"
        );
        let board = service.board().standing_in(fetched.snapshot);
        service.put_up(board);
    }
}

async fn ask(service: &Service, source: &Source) -> Result<Fetched, SourceError> {
    let answer = source.fetch(|| service.now()).await;
    let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
    service.metrics.source_called(source.name(), outcome);
    if let Err(error) = &answer {
        tracing::debug!(source = %source.name(), %error, "a source failed");
    }
    answer
}

fn accept(service: &Service, fetched: Fetched, next: Instant) {
    let Fetched { snapshot, dropped } = fetched;
    let board = service.board();
    let changed_source = board.snapshot().is_none_or(|old| old.source() != snapshot.source());
    if board.failure().is_some() || changed_source {
        tracing::info!(
            source = %snapshot.source(),
            rates = snapshot.rates().len(),
            failures_before = board.consecutive_failures(),
            "rates are fresh"
        );
    }
    if dropped > 0 {
        tracing::warn!(source = %snapshot.source(), dropped, "left broken entries out");
        service.metrics.entries_dropped(snapshot.source(), dropped);
    }
    service.put_up(board.refreshed(snapshot, timestamp(service, next)));
}

fn reject(service: &Service, error: &SourceError, next: Instant) {
    let board = service.board();
    // One line for each change of state; every single try is there at the level debug.
    if board.failure().map(|failure| failure.outcome) != Some(error.outcome()) {
        let kept = board.snapshot().map(|snapshot| snapshot.last_updated().to_string());
        tracing::warn!(%error, last_good = kept, "the refresh failed");
    }
    service.put_up(board.failed(error, timestamp(service, next)));
}

/// What the clock will show at `instant`.
fn timestamp(service: &Service, instant: Instant) -> Timestamp {
    service.now() + instant.saturating_duration_since(Instant::now())
}

/// The pause after try number `tries`: full jitter below a bound that doubles, and never less than
/// the upstream `asked` for. `jitter` is from 0 to 1.
fn pause(schedule: Schedule, tries: u32, asked: Duration, jitter: f64) -> Duration {
    // Short intervals are for tests and private upstreams: their tries stay within them.
    let first = FIRST_BACKOFF.min(schedule.interval / 4);
    let bound = first * 2_u32.saturating_pow(tries - 1);
    bound.mul_f64(jitter.clamp(0.0, 1.0)).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule =
        Schedule { interval: Duration::from_secs(300), grace: Duration::from_secs(10) };

    #[test]
    fn pauses_grow_and_respect_the_upstream() {
        let seconds = |tries, asked, jitter| {
            pause(SCHEDULE, tries, Duration::from_secs(asked), jitter).as_secs()
        };
        assert_eq!([seconds(1, 0, 0.0), seconds(1, 0, 1.0)], [0, 15]);
        assert_eq!([seconds(2, 0, 0.0), seconds(2, 0, 1.0)], [0, 30]);
        assert_eq!([seconds(1, 119, 0.0), seconds(1, 5, 1.0)], [119, 15]);
    }
}
