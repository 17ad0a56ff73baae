//! Several processes on one shared store: one asks the upstreams, all have what it gets.
//!
//! Who holds the lease is in charge. It tells the others by publish/subscribe what it has got, and
//! what went wrong; they put that on their boards. When it is gone, its lease runs out and another
//! takes it. While the store can't be reached nobody knows of the others, and each asks for itself:
//! readers get fresh rates, at the price of more calls.

mod lease;
mod update;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::RngExt;
use redis::RedisError;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use self::update::{Report, Update};
use crate::{
    published::{Failure, Published},
    rates::{Snapshot, SourceName},
    sources::{ABSURD, LONGEST_RETRY_AFTER},
    state::AppState,
    store::{CLOCK_SKEW, read_snapshot, redis::LATEST, redis_connection::RedisConnection},
};

/// How long a lease holds: after so long without its holder, another takes over.
const LEASE: Duration = Duration::from_secs(10);

/// How often the lease is renewed, or asked for.
const TICK: Duration = Duration::from_secs(2);

/// Intervals without any source after which the one in charge lets another try: it may be its own
/// way out that is cut. They double each time, up to [`MOST_FRUITLESS`].
const FRUITLESS: u32 = 2;
const MOST_FRUITLESS: u32 = 64;

/// What a process is among its replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// There are no others, or they can't be heard: asks for itself.
    Standalone,
    /// Asks for all, until its lease ends.
    Leader { until: Instant },
    /// Takes what the one in charge gets.
    Follower,
}

impl Role {
    /// Whether it asks the upstreams at this moment.
    pub fn is_in_charge(self) -> bool {
        match self {
            Self::Standalone => true,
            // By the clock: a process that was stopped for a while finds its lease gone at once.
            Self::Leader { until } => Instant::now() < until,
            Self::Follower => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standalone => "alone",
            Self::Leader { .. } if self.is_in_charge() => "in_charge",
            Self::Leader { .. } | Self::Follower => "waiting",
        }
    }
}

/// Takes part in the life of the replicas until the service drains. Without a shared store there are none,
/// and nothing to do.
pub async fn run(state: Arc<AppState>, draining: CancellationToken) {
    let Some((link, token)) = state.store.shared() else { return draining.cancelled().await };
    let (tell, mut told) = mpsc::channel(16);
    let mut listener = tokio::spawn(update::listen(Arc::clone(&link), tell));
    let mut changes = state.changes();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut replica = Replica::new(state, link, token);
    loop {
        tokio::select! {
            () = draining.cancelled() => break,
            ended = &mut listener => match ended {
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                _ => return,
            },
            _ = ticks.tick() => replica.poll().await,
            _ = changes.changed() => replica.share().await,
            Some(news) = told.recv() => replica.hear(news),
        }
    }
    replica.resign().await;
    listener.abort();
}

/// Brings to the store what it lacks: what had to wait here, and, if this process is now in charge,
/// the last good rates, which a server that was emptied has lost.
fn bring(state: &AppState, in_charge: bool) {
    state.store.found(state.now());
    let published = state.published();
    if let Some(snapshot) = published.snapshot().filter(|_| in_charge && state.has_live_rates()) {
        state.store.put(snapshot, state.now());
    }
}

struct Replica {
    state: Arc<AppState>,
    link: Arc<RedisConnection>,
    /// A name that no other process has.
    owner: String,
    /// Of the lease that this process holds; 0 without one.
    token: Arc<AtomicU64>,
    /// When the store answered last.
    heard: Option<Instant>,
    /// How long it may be silent before this process helps itself. Spread at random, so that not all
    /// of them ask the upstreams at the same moment.
    patience: Duration,
    /// The last report that was put on the board.
    seen: Option<String>,
    /// The last one whose rates are on the board, too, or older than those that are.
    settled: Option<String>,
    /// The highest token that anything was heard under.
    highest: u64,
    /// What is on the board could not be told to the others yet.
    untold: bool,
    /// The failure that was on the board when this process got its lease.
    inherited: Option<Failure>,
    /// In charge and without an answer of any source since then.
    fruitless: Option<Instant>,
    /// After so many intervals of that it lets another try.
    fruitless_intervals: u32,
    /// Does not ask for the lease until then.
    steps_back_until: Option<Instant>,
    /// The rates that another tells are of a time that has not come yet.
    ahead: bool,
}

impl Replica {
    fn new(state: Arc<AppState>, link: Arc<RedisConnection>, token: Arc<AtomicU64>) -> Self {
        let patience = LEASE.mul_f64(1.0 + rand::rng().random::<f64>());
        let owner = format!("{:032x}", rand::rng().random::<u128>());
        Self {
            state,
            link,
            owner,
            token,
            heard: None,
            patience,
            seen: None,
            settled: None,
            highest: 0,
            untold: false,
            inherited: None,
            fruitless: None,
            fruitless_intervals: FRUITLESS,
            steps_back_until: None,
            ahead: false,
        }
    }

    fn token(&self) -> u64 {
        self.token.load(Ordering::Relaxed)
    }

    /// Renews the lease, or asks for it.
    async fn poll(&mut self) {
        let asked = Instant::now();
        let steps_back = self.steps_back_until.is_some_and(|until| asked < until);
        let lasting = if steps_back { Duration::ZERO } else { LEASE };
        match lease::take(&self.link, &self.owner, lasting).await {
            Ok((token, report)) => {
                let was_lost =
                    self.heard.replace(asked).is_none() || self.role() == Role::Standalone;
                let gained = token != 0 && token != self.token();
                if gained {
                    // Before anything is said or asked: what the one before has left.
                    self.take_latest().await;
                }
                if token == 0 || gained {
                    self.catch_up(report).await;
                }
                if gained {
                    self.fruitless = None;
                    self.inherited = self.state.published().failure().cloned();
                }
                self.token.store(token, Ordering::Relaxed);
                if token == 0 {
                    self.change_role(Role::Follower);
                } else {
                    self.highest = token;
                    self.change_role(Role::Leader { until: asked + LEASE });
                }
                if gained || was_lost || self.untold {
                    self.share().await;
                }
                if gained || was_lost || self.state.store.is_degraded() {
                    let state = Arc::clone(&self.state);
                    tokio::task::spawn_blocking(move || bring(&state, token != 0));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the shared store does not answer");
                let silent = self.heard.is_none_or(|heard| asked > heard + self.patience);
                if silent && self.role() != Role::Standalone {
                    self.state.store.lost(&error.to_string());
                    self.change_role(Role::Standalone);
                }
            }
        }
    }

    fn role(&self) -> Role {
        *self.state.role().borrow()
    }

    /// One line for each change of state.
    fn change_role(&self, role: Role) {
        let before = self.role();
        if before.as_str() != role.as_str() {
            match role {
                Role::Standalone => tracing::warn!("no store, no other replicas: refreshing alone"),
                Role::Leader { .. } => {
                    tracing::info!("in charge of the refresh");
                }
                Role::Follower => tracing::info!("another replica is in charge of the refresh"),
            }
        }
        if before != role {
            self.state.set_role(role);
        }
    }

    /// Puts up what is in the store, if it is news: what was published while nobody listened here.
    async fn catch_up(&mut self, report: Option<String>) {
        let Some(text) = report.filter(|text| Some(text) != self.settled.as_ref()) else { return };
        let Ok(report) = serde_json::from_str::<Report>(&text) else { return };
        if !self.shows(&report) {
            self.take_latest().await;
        }
        // They may not have been written yet: another look with the next tick.
        if self.shows(&report) {
            self.settled = Some(text.clone());
        }
        if self.seen.as_ref() != Some(&text) {
            self.seen = Some(text);
            self.highest = report.token;
            self.publish(report, None);
        }
    }

    /// Whether the rates of this report are up, or newer ones that this process has got on its own.
    fn shows(&self, report: &Report) -> bool {
        let published = self.state.published();
        let mine = published.snapshot();
        mine.map(|mine| mine.id().as_str()) == report.snapshot_id.as_deref()
            || report.last_updated < mine.map(|mine| mine.last_updated())
    }

    /// Puts the rates in the store up, if they are newer than those that are up.
    async fn take_latest(&mut self) {
        let latest: Result<Option<Vec<u8>>, RedisError> =
            self.link.query(redis::cmd("GET").arg(LATEST)).await;
        let latest = latest.ok().flatten().and_then(|bytes| read_snapshot(&bytes).ok());
        let state = Arc::clone(&self.state);
        state.publish(|published| {
            let latest = latest.filter(|latest| self.is_better(latest, Duration::ZERO))?;
            Some(published.standing_in(latest, published.next_refresh()))
        });
    }

    /// Puts up what another has published.
    fn hear(&mut self, Update { text, report, snapshot }: Update) {
        if report.token == self.token() || report.token < self.highest {
            return;
        }
        // Another has the lease that this process believed to have.
        if self.token.swap(0, Ordering::Relaxed) != 0 {
            self.change_role(Role::Follower);
        }
        self.highest = report.token;
        self.seen = Some(text.clone());
        self.publish(report.clone(), snapshot);
        if self.shows(&report) {
            self.settled = Some(text);
        }
    }

    /// The state of the refresh as another tells it, and its rates.
    fn publish(&mut self, report: Report, snapshot: Option<Snapshot>) {
        let state = Arc::clone(&self.state);
        state.publish(|published| {
            // A wrong clock, or rubbish, must not put the next refresh off for ever.
            let longest = published.schedule().interval + LONGEST_RETRY_AFTER;
            let next = report.next_refresh.min(state.now() + longest);
            let snapshot = snapshot.filter(|theirs| self.is_better(theirs, CLOCK_SKEW));
            let snapshot = snapshot.map(Arc::new).or_else(|| published.snapshot().cloned());
            Some(published.told(snapshot, report.failure, next))
        });
    }

    /// Whether these rates should be up in place of those that are: not the sample for live ones,
    /// and not ones that are older by more than `slack`.
    fn is_better(&mut self, theirs: &Snapshot, slack: Duration) -> bool {
        let ahead = theirs.last_updated() > self.state.now() + CLOCK_SKEW;
        if ahead != self.ahead {
            self.ahead = ahead;
            if ahead {
                let taken = theirs.last_updated();
                tracing::warn!(%taken, "the last good rates are from the future: not used");
            }
        }
        let published = self.state.published();
        let better = |mine: &Arc<Snapshot>| {
            theirs.source() != SourceName::Sample
                && theirs.id() != mine.id()
                && theirs.last_updated() + slack >= mine.last_updated()
        };
        !ahead && (!self.state.has_live_rates() || published.snapshot().is_none_or(better))
    }

    /// Tells the others what is on the board, if this process is the one to say.
    async fn share(&mut self) {
        if !matches!(self.role(), Role::Leader { .. }) {
            return;
        }
        let published: Arc<Published> = Arc::clone(&self.state.published());
        self.untold = false;
        match update::share(&self.link, self.token(), &published).await {
            Ok(Some(text)) => {
                self.seen = Some(text.clone());
                self.settled = Some(text);
                self.step_back_if_fruitless(&published).await;
            }
            // The next poll finds out who is in charge.
            Ok(None) => tracing::debug!("not shared: another replica is in charge"),
            Err(error) => {
                self.untold = true;
                tracing::debug!(%error, "the others could not be told");
            }
        }
    }

    /// Gives the lease up for a while if no source has answered here for long. The others have been
    /// told the time of the next refresh.
    async fn step_back_if_fruitless(&mut self, published: &Published) {
        let Some(failure) = published.failure() else {
            self.fruitless = None;
            self.fruitless_intervals = FRUITLESS;
            return;
        };
        // Not what happened before; and a source that is not believed has answered.
        if self.inherited.as_ref() == Some(failure) || failure.outcome == ABSURD {
            return;
        }
        let since = *self.fruitless.get_or_insert_with(Instant::now);
        if since.elapsed() < self.fruitless_intervals * published.schedule().interval {
            return;
        }
        tracing::warn!("no source answers here: another replica may try");
        self.fruitless = None;
        self.fruitless_intervals = MOST_FRUITLESS.min(2 * self.fruitless_intervals);
        self.steps_back_until = Some(Instant::now() + LEASE);
        self.resign().await;
        self.state.set_role(Role::Follower);
    }

    /// Gives the lease up.
    async fn resign(&self) {
        let token = self.token.swap(0, Ordering::Relaxed);
        if token != 0
            && let Err(error) = lease::release(&self.link, &self.owner).await
        {
            tracing::debug!(%error, "the lease could not be given up");
        }
    }
}
