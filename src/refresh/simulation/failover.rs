//! Two sources: who takes over, who gets its place back, and how few calls it takes.

use std::time::Duration;

use super::{INTERVAL, START, Simulation, TWO_HOURS, everything, next_to_nothing, oops};
use crate::{
    rates::{Rate, SourceName},
    refresh::TRIES_PER_INTERVAL,
    sources::SourceError,
};

/// Coinbase knows no special drawing rights.
fn but_xdr(rate: &Rate) -> f64 {
    if rate.code.as_str() == "xdr" { 0.0 } else { 1.0 }
}

/// Here it also means another currency by a replaced one's code.
fn with_an_odd_one(rate: &Rate) -> f64 {
    if rate.code.as_str() == "vef" { 40.0 } else { but_xdr(rate) }
}

#[tokio::test(start_paused = true)]
async fn the_second_source_takes_over_and_hands_back() {
    use SourceName::{Coinbase, Coingecko};

    let simulation = Simulation::start(&[
        (Coingecko, |now| match now {
            1_800..3_600 => oops(),
            5_400..5_700 => {
                let retry_after = Some(Duration::from_secs(900));
                Err(SourceError::RateLimited { retry_after, reason: None })
            }
            _ => Ok(everything),
        }),
        (Coinbase, |_| Ok(but_xdr)),
    ]);
    let shown = async |second| {
        simulation.until(second).await;
        simulation.shown()
    };
    assert_eq!(shown(1_799).await, (Coingecko, 1_500));
    // One failed interval is not enough.
    assert_eq!(shown(2_099).await, (Coingecko, 1_500));
    assert!(simulation.calls(Coinbase, 0, 2_099).is_empty());
    // Two are. The tries of the second take 45 seconds at most.
    let (source, since) = shown(2_150).await;
    assert_eq!(source, Coinbase);
    assert!((2_100..=2_145).contains(&since), "{since}");
    // What it lacks is carried forward with its own time.
    let published = simulation.state.published().snapshot().cloned().unwrap();
    let origin = published.get(&"xdr".parse().unwrap()).unwrap().carried_forward.unwrap();
    assert_eq!((origin.source, origin.time.seconds_since(START)), (Coingecko, 1_500));
    assert_eq!(published.rates().len(), 76);
    // From then on the first is asked once per interval, and its first answer does not bring it back.
    for interval in (2_400..3_600).step_by(300) {
        simulation.until(interval + INTERVAL).await;
        assert_eq!(simulation.calls(Coingecko, interval, interval + INTERVAL), [interval]);
    }
    assert_eq!(shown(3_610).await, (Coinbase, 3_600));
    assert_eq!(shown(3_910).await, (Coingecko, 3_900));
    let published = simulation.state.published().snapshot().cloned().unwrap();
    assert!(published.rates().iter().all(|rate| rate.carried_forward.is_none()));
    assert!(simulation.calls(Coinbase, 3_910, 5_700).is_empty());
    // A source that asks for a quarter of an hour gets it, and the fallback takes over meanwhile.
    assert_eq!(shown(5_699).await, (Coingecko, 5_100));
    assert_eq!(shown(5_710).await, (Coinbase, 5_700));
    assert_eq!(shown(6_310).await, (Coinbase, 6_300));
    assert_eq!(simulation.calls(Coingecko, 5_400, 6_600), [5_400, 6_300]);
    assert_eq!(shown(TWO_HOURS).await, (Coingecko, 6_900));
    for interval in (0..TWO_HOURS).step_by(300) {
        for source in [Coingecko, Coinbase] {
            let calls = simulation.calls(source, interval, interval + INTERVAL).len();
            assert!(calls <= TRIES_PER_INTERVAL as usize, "{source}: {calls} from {interval} on");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stand_in_that_fails_gives_the_place_back_at_once() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |now| if now < 900 { oops() } else { Ok(everything) }),
        (SourceName::Coinbase, |now| if now < 900 { Ok(but_xdr) } else { oops() }),
    ]);
    // Nothing is published yet, so the fallback is asked at once.
    simulation.until(1).await;
    assert_eq!(simulation.shown(), (SourceName::Coinbase, 0));
    simulation.until(901).await;
    assert_eq!(simulation.shown(), (SourceName::Coingecko, 900));
    // While the primary answers, no other source is asked.
    simulation.until(1_201).await;
    assert!(simulation.calls(SourceName::Coinbase, 901, 1_201).is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_hours_without_any_source_cost_few_calls() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |now| if now < 300 { Ok(everything) } else { oops() }),
        (SourceName::Coinbase, |_| oops()),
    ]);
    simulation.until(TWO_HOURS).await;
    let calls = |source, from: u64| simulation.calls(source, from, TWO_HOURS).len();
    // 23 intervals have failed, with three tries each at first, then one.
    let (first, second) = (calls(SourceName::Coingecko, 300), calls(SourceName::Coinbase, 0));
    assert!((23..=23 + 2 * 4).contains(&first), "{first}");
    assert_eq!(second, 22, "once in each interval from the second failed one on");
    assert_eq!(calls(SourceName::Coingecko, TWO_HOURS - 600), 2);
    assert_eq!(simulation.shown(), (SourceName::Coingecko, 0));
    let published = simulation.state.published();
    let age = simulation.state.now().seconds_since(published.snapshot().unwrap().last_updated());
    assert_eq!(age, TWO_HOURS);
}

#[tokio::test(start_paused = true)]
async fn an_odd_currency_keeps_neither_source_from_its_place() {
    const DAYS: u64 = 3 * 86_400;
    let simulation = Simulation::start(&[
        (
            SourceName::Coingecko,
            |now| if (300..DAYS).contains(&now) { oops() } else { Ok(everything) },
        ),
        (SourceName::Coinbase, |_| Ok(with_an_odd_one)),
    ]);
    let vef = "vef".parse().unwrap();
    let value = |simulation: &Simulation| {
        let published = simulation.state.published();
        let vef = published.snapshot().unwrap().get(&vef).unwrap();
        (vef.value.to_bits(), vef.carried_forward.is_some())
    };
    simulation.until(1).await;
    let (first, _) = value(&simulation);
    for second in [1_000, 7_200, 80_000] {
        simulation.until(second).await;
        assert_eq!(simulation.shown().0, SourceName::Coinbase);
        assert_eq!(value(&simulation), (first, true), "{second}");
    }
    // After a day the old value is too old to compare with.
    simulation.until(DAYS - 1).await;
    assert_eq!(simulation.shown().0, SourceName::Coinbase);
    assert!(!value(&simulation).1);
    // The primary still gets its place back, with its own value.
    simulation.until(DAYS + 2 * INTERVAL).await;
    assert_eq!(simulation.shown().0, SourceName::Coingecko);
    assert_eq!(value(&simulation), (first, false));
}

#[tokio::test(start_paused = true)]
async fn a_first_source_that_comes_back_with_next_to_nothing_waits() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |now| match now {
            300..1_200 => oops(),
            1_200..1_700 => Ok(next_to_nothing),
            _ => Ok(everything),
        }),
        (SourceName::Coinbase, |_| Ok(but_xdr)),
    ]);
    simulation.until(1_700).await;
    assert_eq!(simulation.shown().0, SourceName::Coinbase);
    assert_eq!(simulation.state.published().snapshot().unwrap().rates().len(), 76);
    simulation.until(2_200).await;
    assert_eq!(simulation.shown().0, SourceName::Coingecko);
}

#[tokio::test(start_paused = true)]
async fn a_start_without_any_source_asks_each_as_often_as_one() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |_| oops()),
        (SourceName::Coinbase, |_| oops()),
    ]);
    simulation.until(TWO_HOURS).await;
    for interval in (0..TWO_HOURS).step_by(300) {
        for source in [SourceName::Coingecko, SourceName::Coinbase] {
            let calls = simulation.calls(source, interval, interval + INTERVAL).len();
            assert!((1..=3).contains(&calls), "{source}: {calls} from {interval} on");
        }
    }
    assert_eq!(simulation.calls(SourceName::Coinbase, TWO_HOURS - 600, TWO_HOURS).len(), 2);
}
