//! Hours of refreshes in a second: the real loop and state, with a simulated clock and scripted sources.

mod announced;
mod frozen;
mod missing;
mod side_calls;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use prometheus_client::encoding::text::encode_registry;
use tokio::time::Instant;

use super::{TRIES_PER_INTERVAL, run};
use crate::{
    rates::{CacheStatus, Rate, Snapshot, SourceName, Timestamp},
    sources::{Fetched, Fetching, Now, RateSource, SourceError},
    state::AppState,
    test_support,
};

const START: Timestamp = Timestamp::from_unix_seconds(1_795_422_000);
const INTERVAL: u64 = 300;
const TWO_HOURS: u64 = 7_200;

/// The currency that moves at each call.
const MOVING: &str = "idr";
/// The factor of values that do not move.
const FROZEN: f64 = -1.0;

/// Returns what a source does at this second. `Ok` has the factor for each value, 0 for a rate that it
/// does not have.
type Script = fn(u64) -> Result<fn(&Rate) -> f64, SourceError>;

/// A source that answers at once with what a test wants.
pub struct Scripted<F>(pub SourceName, pub F);

impl<F: Fn() -> Result<Fetched, SourceError> + Send + Sync> RateSource for Scripted<F> {
    fn name(&self) -> SourceName {
        self.0
    }

    fn fetch<'a>(&'a self, _: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        Box::pin(async { (self.1)() })
    }
}

/// A running refresh loop, and the calls that it has made so far with their seconds.
struct Simulation {
    state: Arc<AppState>,
    started: Instant,
    calls: Arc<Mutex<Vec<(SourceName, u64)>>>,
}

impl Simulation {
    fn start(scripts: &[(SourceName, Script)]) -> Self {
        Self::start_with(scripts, &[])
    }

    /// Starts with these variables.
    fn start_with(scripts: &[(SourceName, Script)], variables: &[(&str, &str)]) -> Self {
        let started = Instant::now();
        let clock = Arc::new(move || START + started.elapsed());
        let state = test_support::state_with(clock, variables);
        let calls = Arc::new(Mutex::new(Vec::new()));
        let source = |&(name, script): &(SourceName, Script)| {
            let calls = Arc::clone(&calls);
            let answer = move || {
                let now = started.elapsed().as_secs();
                calls.lock().unwrap().push((name, now));
                let factor = script(now)?;
                let time = START + Duration::from_secs(now);
                // Unless it is frozen, one value moves by its last digits, as markets do.
                #[expect(clippy::cast_precision_loss, reason = "seconds of some days")]
                let moved = |rate: &Rate| {
                    if rate.code.as_str() == MOVING { now as f64 * 0.001 } else { 0.0 }
                };
                let value = |rate: &Rate| match factor(rate) {
                    factor if factor > 0.0 => rate.value * factor + moved(rate),
                    factor => rate.value * factor.abs(),
                };
                let snapshot = test_support::snapshot(name, time, value);
                Ok(Fetched { snapshot, dropped: 0, announced: Vec::new() })
            };
            Box::new(Scripted(name, answer)) as Box<dyn RateSource>
        };
        let sources = scripts.iter().map(source).collect();
        tokio::spawn(run(Arc::clone(&state), sources));
        Self { state, started, calls }
    }

    /// Lets the clock run to this second.
    async fn until(&self, second: u64) {
        tokio::time::sleep_until(self.started + Duration::from_secs(second)).await;
    }

    /// Returns the source of the published rates, and when they were taken.
    fn shown(&self) -> (SourceName, u64) {
        let published = self.state.published();
        let snapshot = published.snapshot().unwrap();
        (snapshot.source(), snapshot.last_updated().seconds_since(START))
    }

    /// Returns the seconds of the calls to one source in this time.
    fn calls(&self, source: SourceName, from: u64, to: u64) -> Vec<u64> {
        let calls = self.calls.lock().unwrap();
        let calls = calls.iter().filter(|(name, at)| *name == source && (from..to).contains(at));
        calls.map(|(_, at)| *at).collect()
    }

    /// Returns how many calls have this outcome in the metrics.
    fn counted(&self, outcome: &str) -> usize {
        let mut text = String::new();
        encode_registry(&mut text, self.state.metrics.registry()).unwrap();
        let line =
            format!(r#"rates_source_calls_total{{source="coingecko",outcome="{outcome}"}} "#);
        let mut lines = text.lines();
        lines.find_map(|found| found.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
    }
}

fn everything(_: &Rate) -> f64 {
    1.0
}

/// Coinbase knows no special drawing rights.
fn but_xdr(rate: &Rate) -> f64 {
    if rate.code.as_str() == "xdr" { 0.0 } else { 1.0 }
}

/// Here it also means another currency by a replaced one's code.
fn with_an_odd_one(rate: &Rate) -> f64 {
    if rate.code.as_str() == "vef" { 40.0 } else { but_xdr(rate) }
}

fn next_to_nothing(rate: &Rate) -> f64 {
    if ["btc", "usd", "eur"].contains(&rate.code.as_str()) { 1.0 } else { 0.0 }
}

fn oops<T>() -> Result<T, SourceError> {
    Err(SourceError::Status { status: 500, retry_after: None, reason: None })
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
