//! One source that fails in every way: the last good rates stay, and few calls are made.

use std::time::Duration;

use super::{INTERVAL, START, Simulation, TWO_HOURS, everything, oops};
use crate::{
    rates::{CacheStatus, Rate, Snapshot, SourceName},
    refresh::TRIES_PER_INTERVAL,
    sources::SourceError,
};

/// What a source can do wrong, each with its word in metrics and `/health`. The tests of the sources cover
/// which answer of an upstream is which failure.
const FAILURES: [(Answer, &str); 11] = [
    (|| Err(SourceError::Unreachable("connection refused".to_owned())), "unreachable"),
    (|| Err(SourceError::Timeout(Duration::from_secs(10))), "timeout"),
    (|| Err(SourceError::RateLimited { retry_after: None, reason: None }), "rate_limited"),
    (|| Err(SourceError::Status { status: 403, retry_after: None, reason: None }), "bad_status"),
    (|| Err(SourceError::TooLarge), "too_large"),
    (|| Err(SourceError::NotJson("expected value".to_owned())), "not_json"),
    (|| Err(SourceError::Refused("error code 10002".to_owned())), "refused"),
    (|| Err(SourceError::NoRates), "no_rates"),
    (
        || {
            Snapshot::new(SourceName::Coingecko, START, Vec::new())
                .map(|_| everything as Factor)
                .map_err(Into::into)
        },
        "invalid",
    ),
    (|| Ok(bitcoin_alone), "absurd"),
    (|| Ok(a_thousandth), "absurd"),
];

type Factor = fn(&Rate) -> f64;
type Answer = fn() -> Result<Factor, SourceError>;

fn bitcoin_alone(rate: &Rate) -> f64 {
    if rate.code.as_str() == "btc" { 1.0 } else { 0.0 }
}

fn a_thousandth(rate: &Rate) -> f64 {
    if rate.code.is_constant() { 1.0 } else { 0.001 }
}

fn a_little_more(rate: &Rate) -> f64 {
    if rate.code.is_constant() { 1.0 } else { 1.01 }
}

/// How long each failure goes on, and the good rates after it.
const FAILING: u64 = 2 * INTERVAL;
const ROUND: u64 = 2 * FAILING;

#[tokio::test(start_paused = true)]
async fn whatever_fails_the_last_good_rates_stay() {
    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| {
        // An interval of good rates, then failures and other rates in turn.
        let Some(time) = now.checked_sub(INTERVAL) else { return Ok(everything) };
        let round = usize::try_from(time / ROUND).unwrap();
        match FAILURES.get(round) {
            Some((failure, _)) if time % ROUND < FAILING => failure(),
            _ if round % 2 == 0 => Ok(a_little_more),
            _ => Ok(everything),
        }
    })]);
    let dollars = || {
        let published = simulation.state.published();
        published.snapshot().unwrap().get(&"usd".parse().unwrap()).unwrap().value.to_bits()
    };
    let status = || {
        let published = simulation.state.published();
        published.status(published.snapshot().unwrap(), simulation.state.now())
    };
    for (round, (_, outcome)) in (0..).zip(FAILURES) {
        let begin = INTERVAL + round * ROUND;
        simulation.until(begin - 1).await;
        let good = simulation.state.published().snapshot().cloned().unwrap();
        let before = dollars();
        let counted = simulation.counted(outcome);
        simulation.until(begin + FAILING - 1).await;
        let published = simulation.state.published();
        assert_eq!(published.failure().map(|failure| &*failure.outcome), Some(outcome));
        assert_eq!(published.snapshot().unwrap().id(), good.id(), "{outcome}");
        assert_eq!((dollars(), status()), (before, CacheStatus::Stale), "{outcome}");
        let calls = simulation.calls(SourceName::Coingecko, begin, begin + FAILING).len();
        assert!((2..=2 * TRIES_PER_INTERVAL as usize).contains(&calls), "{outcome}: {calls}");
        assert_eq!(published.consecutive_failures() as usize, calls, "{outcome}");
        assert_eq!(simulation.counted(outcome), counted + calls, "{outcome}");
        // The first good answer ends it.
        simulation.until(begin + FAILING + 1).await;
        assert!(simulation.state.published().failure().is_none(), "{outcome}");
        assert_eq!(status(), CacheStatus::Fresh, "{outcome}");
        assert_ne!(dollars(), before, "{outcome}");
    }
}

#[tokio::test(start_paused = true)]
async fn absurd_rates_are_believed_in_a_third_interval() {
    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| match now {
        // A single slip is over with the next answer.
        300..600 | 900.. => Ok(a_thousandth),
        _ => Ok(everything),
    })]);
    simulation.until(599).await;
    assert_eq!(simulation.shown().1, 0);
    simulation.until(601).await;
    assert_eq!(simulation.shown().1, 600);
    // However often the source sends them in two intervals.
    simulation.until(1_499).await;
    assert_eq!(simulation.shown().1, 600);
    let published = simulation.state.published();
    assert_eq!(published.failure().map(|failure| &*failure.outcome), Some("absurd"));
    // In the third they are believed, as after a currency reform.
    simulation.until(1_501).await;
    assert_eq!(simulation.shown().1, 1_500);
    assert!(simulation.state.published().failure().is_none());
}

#[tokio::test(start_paused = true)]
async fn one_interval_sees_at_most_three_tries() {
    let simulation = Simulation::start(&[(SourceName::Coingecko, |_| oops())]);
    simulation.until(TWO_HOURS).await;
    // After a long outage there is only one.
    let mut tries = [0; 4];
    for interval in (0..TWO_HOURS).step_by(300) {
        let calls = simulation.calls(SourceName::Coingecko, interval, interval + INTERVAL).len();
        tries[calls] += 1;
    }
    assert_eq!((tries[0], tries[3]), (0, 4), "{tries:?}");
}
