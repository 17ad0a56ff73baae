//! Days of side calls in a second: how often they are made, and that refreshes come first.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{task::JoinHandle, time::Instant};

use super::START;
use crate::{
    rates::{Code, Quotation, Snapshot, SourceName, Span},
    refresh::{recent_history, run},
    sources::{Archive, Asking, Changes, Fetched, Fetching, Now, Past, RateSource, SourceError},
    state::{AppState, Role},
    test_support,
};

const HOUR: u64 = 3_600;
const REFRESH: &str = "rates";
const LIST: &str = "list";
const CHANGES: &str = "changes";
/// The change that the source tells, in percent.
const TOLD: f64 = 12.34;

/// Says how a call fails: the call, and the second.
type Fails = fn(&str, u64) -> Option<SourceError>;

/// A source that knows the past of some currencies.
struct Knowing {
    started: Instant,
    calls: Arc<Mutex<Vec<(String, u64)>>>,
    fails: Fails,
}

impl Knowing {
    fn call(&self, call: &str) -> Result<u64, SourceError> {
        let now = self.started.elapsed().as_secs();
        self.calls.lock().unwrap().push((call.to_owned(), now));
        (self.fails)(call, now).map_or(Ok(now), Err)
    }
}

impl RateSource for Knowing {
    fn name(&self) -> SourceName {
        SourceName::Coingecko
    }

    fn fetch<'a>(&'a self, _: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        Box::pin(async {
            let now = self.call(REFRESH)?;
            #[expect(clippy::cast_precision_loss, reason = "seconds of some days")]
            let dollars = 75_000.0 + now as f64 * 0.001;
            let snapshot = test_support::with_dollars(START + Duration::from_secs(now), dollars);
            Ok(Fetched { snapshot, dropped: 0, announced: Vec::new() })
        })
    }

    fn archive(&self) -> Option<&dyn Archive> {
        Some(self)
    }
}

impl Archive for Knowing {
    fn currencies(&self) -> Asking<'_, BTreeSet<Code>> {
        Box::pin(async {
            self.call(LIST)?;
            // Three rates are not known here, and one is known that is no rate.
            let without = ["lbp", "kes", "vef"];
            let rates = test_support::live(START);
            let codes = rates.rates().iter().map(|rate| rate.code.clone());
            let codes = codes.filter(|code| !without.contains(&code.as_str()));
            Ok(codes.chain(["xyz".parse().unwrap()]).collect())
        })
    }

    fn changes<'a>(&'a self, codes: &'a [Code]) -> Asking<'a, Changes> {
        Box::pin(async move {
            self.call(CHANGES)?;
            Ok(codes.iter().map(|code| (code.clone(), TOLD)).collect())
        })
    }

    fn past<'a>(&'a self, code: &'a Code, days: u64) -> Asking<'a, Past> {
        Box::pin(async move {
            let now = START + Duration::from_secs(self.call(code.as_str())?);
            let value = test_support::live(now).get(code).unwrap().value;
            let last = now.unix_seconds() / HOUR;
            let hours = last - 24 * days..=last;
            let times = hours.map(|hour| test_support::at(hour * HOUR + 63));
            Ok(times.map(|time| (time, value)).collect())
        })
    }
}

fn new_state(started: Instant, variables: &[(&str, &str)]) -> Arc<AppState> {
    test_support::state_with(Arc::new(move || START + started.elapsed()), variables)
}

struct Simulation {
    state: Arc<AppState>,
    started: Instant,
    calls: Arc<Mutex<Vec<(String, u64)>>>,
    task: JoinHandle<()>,
}

impl Simulation {
    fn start(fails: Fails, variables: &[(&str, &str)]) -> Self {
        let started = Instant::now();
        Self::start_on(new_state(started, variables), started, fails)
    }

    fn start_on(state: Arc<AppState>, started: Instant, fails: Fails) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let source = Knowing { started, calls: Arc::clone(&calls), fails };
        tokio::spawn(recent_history::run(Arc::clone(&state)));
        let task = tokio::spawn(run(Arc::clone(&state), vec![Box::new(source)], Vec::new()));
        Self { state, started, calls, task }
    }

    async fn until(&self, second: u64) {
        tokio::time::sleep_until(self.started + Duration::from_secs(second)).await;
    }

    /// Returns the seconds of the refreshes, and the side calls with theirs.
    fn made(&self) -> (Vec<u64>, Vec<(String, u64)>) {
        let calls = self.calls.lock().unwrap().clone();
        let (refreshes, side): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|(call, _)| call == REFRESH);
        (refreshes.into_iter().map(|(_, second)| second).collect(), side)
    }

    fn day_change(&self, code: &str) -> Option<f64> {
        let published = self.state.published();
        let trends = published.trends(&Code::btc(), Quotation::Inverse)?;
        trends.get(&code.parse().unwrap())?.change(Span::Day)
    }

    async fn points(&self, code: &str) -> usize {
        let (code, now): (Code, _) = (code.parse().unwrap(), self.state.now());
        let read = self.state.history.fold(
            now - Duration::from_secs(31 * 86_400)..=now,
            now,
            Duration::ZERO,
            0,
            move |count: &mut usize, record| {
                *count += usize::from(record.is_backfilled() && record.value(&code).is_some());
            },
        );
        read.await.unwrap().0
    }
}

#[tokio::test(start_paused = true)]
async fn a_month_is_filled_in_the_first_hours_at_a_rate_that_leaves_the_quota_alone() {
    let simulation = Simulation::start(|_, _| None, &[]);
    simulation.until(2 * HOUR).await;
    let (refreshes, side) = simulation.made();
    let changes: Vec<_> = side.iter().filter(|(call, _)| call == CHANGES).collect();
    assert_eq!(changes.len(), 2, "{changes:?}");
    // 76 rates without the units of bitcoin and those that are not known, and changes until all are there.
    assert_eq!(side.len(), 1 + 2 + 70);
    let order: Vec<&str> = side.iter().map(|(call, _)| &**call).take(7).collect();
    assert_eq!(order, [LIST, CHANGES, "usd", "eur", "jpy", "gbp", "eth"]);
    let distinct: BTreeSet<&str> = side.iter().map(|(call, _)| &**call).collect();
    assert_eq!(distinct.len(), side.len() - 1);
    for pair in side[1..].windows(2) {
        assert!(pair[1].1 - pair[0].1 >= 60, "{pair:?}");
    }
    // Refreshes are where they would be, and no side call is near one.
    assert!(refreshes.len() >= 24, "{}", refreshes.len());
    let distance = |second: u64| refreshes.iter().map(|at| at.abs_diff(second)).min();
    for (call, second) in &side {
        assert!(distance(*second) >= Some(10), "{call} at {second}");
    }
    // The oldest hours have been too old meanwhile.
    assert_eq!(simulation.points("usd").await, 718);
    assert_eq!(simulation.points("lbp").await, 0);
    // Nothing more is asked.
    simulation.until(50 * HOUR).await;
    assert_eq!(simulation.made().1[side.len()..], []);
}

#[tokio::test(start_paused = true)]
async fn rows_have_changes_and_lines_as_soon_as_their_currency_is_filled() {
    let simulation = Simulation::start(|_, _| None, &[]);
    simulation.until(30).await;
    assert_eq!(simulation.day_change("usd"), Some(TOLD));
    simulation.until(150).await;
    let published = simulation.state.published();
    let trends = published.trends(&Code::btc(), Quotation::Inverse).unwrap();
    let trend = |code: &str| trends.get(&code.parse().unwrap()).unwrap();
    let [_, day, week] = trend("usd").changes;
    assert!(day.is_some() && week.is_some(), "{:?}", trend("usd").changes);
    assert!(trend("usd").path.len() > 30, "{}", trend("usd").path);
    assert_ne!(day, Some(TOLD), "ours has taken over");
    assert_eq!(trend("chf").changes, [None, Some(TOLD), None]);
}

#[tokio::test(start_paused = true)]
async fn zero_switches_it_off_and_a_follower_asks_nothing() {
    let off = Simulation::start(|_, _| None, &[("HISTORY_BACKFILL", "0")]);
    let follower = Simulation::start(|_, _| None, &[]);
    follower.until(100).await;
    follower.state.set_role(Role::Follower);
    let before = follower.made().1.len();
    follower.until(HOUR).await;
    assert_eq!(off.made().1, [(LIST, 10), (CHANGES, 10)].map(|(call, at)| (call.to_owned(), at)));
    assert_eq!(follower.made().1.len(), before);
    // It goes on once it is in charge.
    follower.state.set_role(Role::Standalone);
    follower.until(HOUR + 200).await;
    assert!(follower.made().1.len() > before);
}

fn limited(_: &str, _: u64) -> SourceError {
    SourceError::RateLimited { retry_after: Some(Duration::from_secs(700)), reason: None }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_for_all_calls() {
    let simulation = Simulation::start(
        |call, now| (call == "usd" && now < 200).then(|| limited(call, now)),
        &[],
    );
    simulation.until(2 * HOUR).await;
    let (refreshes, side) = simulation.made();
    let asked = side.iter().find(|(call, _)| call == "usd").unwrap().1;
    let all = refreshes.iter().chain(side.iter().map(|(_, second)| second));
    let next = all.filter(|second| **second > asked).min().unwrap();
    assert!(next - asked >= 700, "{asked} {next}");
    // What has failed comes last, and is not lost.
    assert_eq!(side.last().unwrap().0, "usd");
    assert!(simulation.points("usd").await > 700);
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_after_failures_and_refreshes_go_on() {
    let fails: Fails = |call, _| {
        let failed = SourceError::Status { status: 500, retry_after: None, reason: None };
        (call != REFRESH).then_some(failed)
    };
    let simulation = Simulation::start(fails, &[]);
    simulation.until(48 * HOUR).await;
    let (refreshes, side) = simulation.made();
    assert!(refreshes.len() >= 48 * 12, "{}", refreshes.len());
    assert!((12..24).contains(&side.len()), "{}", side.len());
    let pauses: Vec<u64> = side.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    assert!(pauses[0] >= 60 && *pauses.last().unwrap() >= 3 * HOUR, "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_else_is_asked_of_an_upstream_that_fails() {
    let fails: Fails = |_, now| {
        let failed = SourceError::Status { status: 500, retry_after: None, reason: None };
        (now > 400).then_some(failed)
    };
    let simulation = Simulation::start(fails, &[]);
    simulation.until(2 * HOUR).await;
    let last = simulation.made().1.last().unwrap().1;
    assert!(last < 600, "{last}");
}

/// Whoever does not know a currency answers 400.
fn unknown(call: &str, _: u64) -> Option<SourceError> {
    let unknown = SourceError::Status { status: 400, retry_after: None, reason: None };
    matches!(call, "eur" | "huf").then_some(unknown)
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_it_was_and_what_is_unknown_is_asked_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    let variables = [("STORE_URL", &*url)];
    let first = Simulation::start(unknown, &variables);
    first.until(1_800).await;
    first.task.abort();
    let _ = first.task.await;
    first.state.store.close();
    let asked: Vec<String> = first.calls.lock().unwrap().iter().map(|it| it.0.clone()).collect();
    assert!(asked.contains(&"eur".to_owned()), "{asked:?}");
    let state = new_state(first.started, &variables);
    state.restore().await;
    let second = Simulation::start_on(state, first.started, unknown);
    second.until(3 * HOUR).await;
    let (_, side) = second.made();
    let again: Vec<_> = side.iter().filter(|(call, _)| asked.contains(call)).collect();
    // Changes were in the store, and are asked for once an hour as long as two currencies have none of ours.
    let again: Vec<_> = again.iter().map(|it| (&*it.0, it.1 / HOUR)).collect();
    assert_eq!(again, [(LIST, 0), (CHANGES, 1), (CHANGES, 2)]);
    assert_eq!(side.iter().filter(|(call, _)| call == "huf").count(), 1);
    // 70 currencies, two lists, and three times the changes.
    let refreshes = asked.iter().filter(|call| *call == REFRESH).count();
    assert_eq!(asked.len() - refreshes + side.len(), 75);
    assert_eq!([second.points("usd").await, second.points("eur").await], [717, 0]);
}

#[tokio::test(start_paused = true)]
async fn the_source_tells_changes_until_the_history_is_a_day_old() {
    let simulation = Simulation::start(|_, _| None, &[("HISTORY_BACKFILL", "0")]);
    simulation.until(9).await;
    assert_eq!(simulation.day_change("usd"), None);
    simulation.until(20).await;
    assert_eq!(simulation.day_change("usd"), Some(TOLD));
    simulation.until(23 * HOUR).await;
    assert_eq!(simulation.day_change("usd"), Some(TOLD));
    // From 75,000 and a little to as much and 86.4 dollars more.
    simulation.until(24 * HOUR + 600).await;
    assert_eq!(simulation.day_change("usd"), Some(0.12));
    let (_, side) = simulation.made();
    let asked = side.iter().filter(|(call, _)| call == CHANGES).count();
    assert!((20..=24).contains(&asked), "{asked}");
    // It is not asked again.
    simulation.until(30 * HOUR).await;
    assert_eq!(simulation.made().1.len(), side.len());
}

#[tokio::test(start_paused = true)]
async fn changes_that_cannot_be_had_keep_nothing_else_from_its_turn() {
    let fails: Fails = |call, _| {
        let failed = SourceError::Status { status: 500, retry_after: None, reason: None };
        (call == CHANGES).then_some(failed)
    };
    let simulation = Simulation::start(fails, &[]);
    simulation.until(3 * HOUR).await;
    let (_, side) = simulation.made();
    let asked = side.iter().filter(|(call, _)| call == CHANGES).count();
    assert!((1..=3).contains(&asked), "{asked}");
    assert!(simulation.day_change("usd").is_some());
    assert_eq!(side.len(), asked + 1 + 70);
}
