//! Two agree against one, and a reference that fails changes nothing.
#![expect(clippy::unnecessary_wraps, reason = "other scripts fail")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::{INTERVAL, START, Script, Simulation, everything};
use crate::{
    rates::{Code, Rate, ReferenceName, ReferenceRates, SourceName},
    sources::{Asking, Now, Reference, SourceError},
    state::Role,
    test_support,
};

const DAY: u64 = 86_400;
const KRAKEN: ReferenceName = ReferenceName::Kraken;
const FRANKFURTER: ReferenceName = ReferenceName::Frankfurter;

/// The factor of the value of a currency in a reference at this second, or how the call fails.
type Tells = fn(&str, u64) -> Result<f64, SourceError>;

type Calls = Arc<Mutex<Vec<(ReferenceName, u64)>>>;

/// A reference that tells what a test wants.
struct Scripted {
    name: ReferenceName,
    started: Instant,
    calls: Calls,
    tells: Tells,
}

impl Reference for Scripted {
    fn name(&self) -> ReferenceName {
        self.name
    }

    fn ask<'a>(&'a self, now: Now<'a>) -> Asking<'a, ReferenceRates> {
        Box::pin(async {
            let second = self.started.elapsed().as_secs();
            self.calls.lock().unwrap().push((self.name, second));
            if (self.tells)("hang", second).is_err() {
                std::future::pending::<()>().await;
            }
            let sample = test_support::live(START);
            let known: &[&str] = match self.name {
                KRAKEN => &["btc", "usd", "eur", "gbp", "jpy"],
                FRANKFURTER => &["usd", "eur", "gbp", "sek", "chf", "jpy", "cad"],
            };
            let mut values = BTreeMap::new();
            for code in known.iter().map(|code| code.parse::<Code>().unwrap()) {
                let value = sample.get(&code).unwrap().value;
                let factor = (self.tells)(code.as_str(), second)?;
                values.insert(code, value * factor);
            }
            // The ECB's are of the day before.
            let age = if self.name == FRANKFURTER { DAY } else { 0 };
            let (time, asked) = (now() - Duration::from_secs(age), now());
            ReferenceRates::new(self.name, time, asked, values).ok_or(SourceError::NoRates)
        })
    }
}

fn start(script: Script, references: &[(ReferenceName, Tells)]) -> (Simulation, Calls) {
    start_all(&[(SourceName::Coingecko, script)], references)
}

fn start_all(
    scripts: &[(SourceName, Script)],
    references: &[(ReferenceName, Tells)],
) -> (Simulation, Calls) {
    let calls = Calls::default();
    let simulation = Simulation::start_compared(scripts, &[], |started| {
        let reference = |&(name, tells): &(ReferenceName, Tells)| {
            let calls = Arc::clone(&calls);
            Box::new(Scripted { name, started, calls, tells }) as Box<dyn Reference>
        };
        references.iter().map(reference).collect()
    });
    (simulation, calls)
}

impl Simulation {
    /// Returns the value of `code` that is shown, as a multiple of the first one, and the second that it is of.
    fn value(&self, code: &str) -> (f64, u64) {
        let published = self.state.published();
        let snapshot = published.snapshot().unwrap();
        let code = code.parse().unwrap();
        let (now, first) = (snapshot.get(&code).unwrap(), test_support::live(START));
        let time = now.carried_forward.map_or(snapshot.last_updated(), |origin| origin.time);
        let factor = now.value / first.get(&code).unwrap().value;
        ((factor * 1_000.0).round() / 1_000.0, time.seconds_since(START))
    }
}

fn unchanged(_: &str, _: u64) -> Result<f64, SourceError> {
    Ok(1.0)
}

fn half(rate: &Rate) -> f64 {
    if rate.code.is_constant() { 1.0 } else { 0.5 }
}

/// Bitcoin halves in the second interval, here and at the reference.
fn crash(now: u64) -> Result<fn(&Rate) -> f64, SourceError> {
    Ok(if now < INTERVAL { everything } else { half })
}

/// Euros and kronor are a thousand times too many from the second interval on.
fn slip(now: u64) -> Result<fn(&Rate) -> f64, SourceError> {
    let slip: fn(&Rate) -> f64 =
        |rate| if ["eur", "sek"].contains(&rate.code.as_str()) { 1_000.0 } else { 1.0 };
    Ok(if now < INTERVAL { everything } else { slip })
}

#[tokio::test(start_paused = true)]
async fn a_jump_that_a_reference_has_too_is_believed_at_once() {
    let (simulation, calls) = start(
        crash,
        &[(KRAKEN, |code, now| Ok(if now >= INTERVAL && code != "btc" { 0.5 } else { 1.0 }))],
    );
    simulation.until(INTERVAL - 1).await;
    assert_eq!(simulation.value("usd"), (1.0, 0));
    simulation.until(INTERVAL + 1).await;
    assert_eq!(simulation.value("usd"), (0.5, INTERVAL));
    assert!(simulation.state.published().failure().is_none());
    // It was asked when the jump came, and not again after that refresh.
    simulation.until(2 * INTERVAL - 1).await;
    let times: Vec<u64> = calls.lock().unwrap().iter().map(|(_, time)| *time).collect();
    assert_eq!(times, [0, INTERVAL]);
}

#[tokio::test(start_paused = true)]
async fn what_a_reference_contradicts_is_left_out_for_an_hour_and_the_others_are_shown() {
    let (simulation, _) = start(slip, &[(KRAKEN, unchanged), (FRANKFURTER, unchanged)]);
    for interval in 1..12 {
        simulation.until(interval * INTERVAL + 1).await;
        assert_eq!(simulation.shown().1, interval * INTERVAL);
        assert!(simulation.state.published().failure().is_none());
        for (code, time) in [("eur", 0), ("sek", 0), ("usd", interval * INTERVAL)] {
            assert_eq!(simulation.value(code), (1.0, time), "{code}");
        }
    }
    // Then it may be the references that are wrong.
    simulation.until(12 * INTERVAL + 1).await;
    assert_eq!(simulation.value("eur"), (1_000.0, 12 * INTERVAL));
    assert_eq!(simulation.value("sek"), (1_000.0, 12 * INTERVAL));
}

#[tokio::test(start_paused = true)]
async fn a_bitcoin_that_a_reference_contradicts_is_refused_for_an_hour() {
    let (simulation, _) = start(crash, &[(KRAKEN, unchanged)]);
    simulation.until(12 * INTERVAL - 1).await;
    assert_eq!(simulation.value("usd"), (1.0, 0));
    let published = simulation.state.published().failure().map(|it| it.outcome.clone());
    assert_eq!(published.as_deref(), Some("absurd"));
    simulation.until(12 * INTERVAL + 1).await;
    assert_eq!(simulation.value("usd"), (0.5, 12 * INTERVAL));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_a_reference_contradicts_is_replaced_as_ever() {
    let sources: [(SourceName, Script); 2] =
        [(SourceName::Coingecko, crash), (SourceName::Coinbase, |_| Ok(everything))];
    let (simulation, _) = start_all(&sources, &[(KRAKEN, unchanged)]);
    simulation.until(3 * INTERVAL).await;
    assert_eq!(simulation.shown().0, SourceName::Coinbase);
    assert_eq!(simulation.value("usd"), (1.0, simulation.shown().1));
}

#[tokio::test(start_paused = true)]
async fn references_that_disagree_say_nothing() {
    let tells = |code: &str, now| Ok(if now >= INTERVAL && code == "eur" { 1_000.0 } else { 1.0 });
    let (simulation, _) = start(slip, &[(KRAKEN, tells), (FRANKFURTER, unchanged)]);
    simulation.until(3 * INTERVAL - 1).await;
    assert_eq!(simulation.shown().1, 0);
    simulation.until(3 * INTERVAL + 1).await;
    // The kronor are Frankfurter's alone.
    let values = ["eur", "sek"].map(|code| simulation.value(code));
    assert_eq!(values, [(1_000.0, 3 * INTERVAL), (1.0, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_fails_changes_nothing() {
    let failures: [Tells; 4] = [
        |code, _| if code == "hang" { Ok(1.0) } else { Err(SourceError::TooLarge) },
        |code, _| if code == "hang" { Err(SourceError::NoRates) } else { Ok(1.0) },
        |code, _| if code == "hang" { Ok(1.0) } else { panic!("as told") },
        // It has answered once.
        |code, now| {
            if code == "hang" || now < INTERVAL { Ok(1.0) } else { Err(SourceError::NoRates) }
        },
    ];
    for tells in failures {
        let (simulation, calls) = start(slip, &[(KRAKEN, tells)]);
        simulation.until(INTERVAL - 1).await;
        assert_eq!(simulation.shown().1, 0);
        simulation.until(3 * INTERVAL - 1).await;
        assert_eq!(simulation.shown().1, 0);
        // In the third interval the values are believed as without it, once the call has ended.
        simulation.until(3 * INTERVAL + 11).await;
        assert!(simulation.value("eur").0 > 999.0);
        assert!((2..=6).contains(&calls.lock().unwrap().len()), "{calls:?}");
        // Refreshes go on at their time.
        simulation.until(20 * INTERVAL + 1).await;
        assert_eq!(simulation.shown().1 / INTERVAL, 20);
        let published = simulation.state.published();
        assert_eq!(published.snapshot().unwrap().deviations().count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn each_is_asked_at_its_own_pace_and_leaves_off_when_it_fails() {
    let count = |calls: &Calls, name, from: u64, to: u64| {
        let calls = calls.lock().unwrap();
        calls.iter().filter(|(other, at)| *other == name && (from..to).contains(at)).count()
    };
    let (simulation, calls) =
        start(|_| Ok(everything), &[(KRAKEN, unchanged), (FRANKFURTER, unchanged)]);
    simulation.until(DAY).await;
    assert_eq!(count(&calls, KRAKEN, 0, DAY), 288);
    assert_eq!(count(&calls, FRANKFURTER, 0, DAY), 4);
    let published = simulation.state.published();
    // What both have, and bitcoin.
    assert_eq!(published.snapshot().unwrap().deviations().count(), 5 + 7);

    let fails: Tells = |code, _| match code {
        "hang" => Ok(1.0),
        _ => Err(SourceError::RateLimited { retry_after: None, reason: None }),
    };
    let (simulation, calls) = start(|_| Ok(everything), &[(KRAKEN, fails), (FRANKFURTER, fails)]);
    simulation.until(DAY).await;
    for name in [KRAKEN, FRANKFURTER] {
        let made = count(&calls, name, 0, DAY);
        assert!((6..=22).contains(&made), "{name}: {made}");
    }
    drop(simulation);

    let patient: Tells = |code, now| match code {
        "hang" => Ok(1.0),
        _ if now < 60 => Err(SourceError::RateLimited {
            retry_after: Some(Duration::from_secs(3_000)),
            reason: None,
        }),
        _ => Ok(1.0),
    };
    let (simulation, calls) = start(|_| Ok(everything), &[(KRAKEN, patient)]);
    simulation.until(3_600).await;
    assert_eq!(count(&calls, KRAKEN, 0, 3_000), 1);
    assert_eq!(count(&calls, KRAKEN, 3_000, 3_600), 2);
}

#[tokio::test(start_paused = true)]
async fn only_who_is_in_charge_asks() {
    let (simulation, calls) = start(|_| Ok(everything), &[(KRAKEN, unchanged)]);
    simulation.until(INTERVAL - 1).await;
    simulation.state.set_role(Role::Follower);
    simulation.until(5 * INTERVAL).await;
    assert_eq!(calls.lock().unwrap().len(), 1);
}
