//! Several replicas on one shared store: one asks the upstreams for all.
//!
//! The replica that holds the lease is the leader. It publishes its rates and failures to the others, and
//! they apply these updates. When it is gone, its lease ends and another replica takes it. While the
//! store can't be reached, each replica asks for itself: readers get fresh rates, at the price of more
//! calls.

mod lease;
mod turn;
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
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use self::{
    lease::Answer,
    turn::Turn,
    update::{Report, Update},
};
use crate::{
    published::Published,
    rates::{Snapshot, SourceName, Timestamp},
    sources::LONGEST_RETRY_AFTER,
    state::{AppState, Role},
    store::{CLOCK_SKEW, read_snapshot, redis::LATEST, redis_connection::RedisConnection},
};

/// How often a replica renews the lease, or asks for it.
const TICK: Duration = Duration::from_secs(2);

/// By how much the clock of this machine may differ from the store's without being corrected. A time has no
/// fractions, and an answer takes a moment.
const CLOCK_PRECISION: Duration = Duration::from_secs(1);

/// Takes part in the cluster until the service drains. Does nothing without a shared store.
pub async fn run(state: Arc<AppState>, draining: CancellationToken) {
    let Some((connection, token)) = state.store.shared() else { return draining.cancelled().await };
    let (sender, mut updates) = mpsc::channel(16);
    // Ends with this task, however that ends.
    let mut listener = JoinSet::new();
    listener.spawn(update::listen(Arc::clone(&connection), sender));
    let mut changes = state.changes();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut replica = Replica::new(state, connection, token);
    loop {
        tokio::select! {
            () = draining.cancelled() => break,
            Some(ended) = listener.join_next() => match ended {
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                _ => return,
            },
            _ = ticks.tick() => replica.poll().await,
            _ = changes.changed() => replica.publish().await,
            Some(update) = updates.recv() => replica.apply(update),
        }
    }
    replica.resign().await;
}

/// Writes to the store what waits in memory. The leader also writes the last good rates, in case the
/// server has lost its data.
fn flush(state: &AppState, in_charge: bool) {
    state.store.flush(state.now());
    let published = state.published();
    if let Some(snapshot) = published.snapshot().filter(|_| in_charge && state.has_live_rates()) {
        state.store.put(snapshot, state.now());
    }
}

/// This process as a part of the cluster.
struct Replica {
    state: Arc<AppState>,
    connection: Arc<RedisConnection>,
    /// A name that no other process has.
    owner: String,
    /// The token of this process's lease; 0 without one.
    token: Arc<AtomicU64>,
    /// When the last call was made that the store has answered.
    last_answered: Option<Instant>,
    /// How long the store may be silent before this process is on its own. Random, so that the replicas
    /// do not all ask the upstreams at the same moment.
    patience: Duration,
    /// The last report that was applied.
    applied: Option<String>,
    /// The last report whose rates, or newer ones, are published here.
    completed: Option<String>,
    /// The highest token of any update.
    highest: u64,
    /// Whether the current state could not be published to the others yet.
    unpublished: bool,
    turn: Turn,
    /// Whether the last rates of another replica were from the future.
    ahead: bool,
}

impl Replica {
    fn new(state: Arc<AppState>, connection: Arc<RedisConnection>, token: Arc<AtomicU64>) -> Self {
        let patience = lease::DURATION.mul_f64(1.0 + rand::rng().random::<f64>());
        let owner = format!("{:032x}", rand::rng().random::<u128>());
        Self {
            state,
            connection,
            owner,
            token,
            last_answered: None,
            patience,
            applied: None,
            completed: None,
            highest: 0,
            unpublished: false,
            turn: Turn::default(),
            ahead: false,
        }
    }

    fn token(&self) -> u64 {
        self.token.load(Ordering::Relaxed)
    }

    /// Renews the lease, or asks for it.
    async fn poll(&mut self) {
        let asked = Instant::now();
        let lasting = if self.turn.is_of_others() { Duration::ZERO } else { lease::DURATION };
        match lease::take(&self.connection, &self.owner, lasting).await {
            Ok(Answer { token, report, time }) => {
                // An answer that was long under way does not tell the time.
                if asked.elapsed() < CLOCK_PRECISION {
                    self.keep_time(time);
                }
                let was_offline =
                    self.last_answered.replace(asked).is_none() || self.role() == Role::Standalone;
                let gained = token != 0 && token != self.token();
                if gained {
                    // The rates of the last leader, before anything is published or asked for.
                    self.take_latest().await;
                }
                if token == 0 || gained {
                    self.catch_up(report).await;
                }
                if gained {
                    self.turn.begin(self.state.published().failure());
                }
                self.token.store(token, Ordering::Relaxed);
                if token == 0 {
                    self.change_role(Role::Follower);
                } else {
                    self.highest = token;
                    self.change_role(Role::Leader { until: asked + lease::DURATION });
                }
                if gained || was_offline || self.unpublished {
                    self.publish().await;
                }
                if gained || was_offline || self.state.store.is_degraded() {
                    let state = Arc::clone(&self.state);
                    tokio::task::spawn_blocking(move || flush(&state, token != 0));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the shared store does not answer");
                let silent = self.last_answered.is_none_or(|last| asked > last + self.patience);
                if silent && self.role() != Role::Standalone {
                    self.state.store.mark_offline(&error.to_string());
                    self.change_role(Role::Standalone);
                }
            }
        }
    }

    /// Goes by the store's clock if that of this machine is apart from it, so that all replicas mean the same
    /// moment by the time of a snapshot and of the next refresh.
    fn keep_time(&self, time: Timestamp) {
        let (now, before) = (self.state.now(), self.state.clock_correction());
        if now.seconds_since(time).max(time.seconds_since(now)) <= CLOCK_PRECISION.as_secs() {
            return;
        }
        self.state.correct_clock(time);
        let seconds = self.state.clock_correction();
        if before == 0 {
            tracing::warn!(seconds, "this machine's clock is wrong by the store's, which counts");
        } else if seconds == 0 {
            tracing::info!("this machine's clock is right again");
        }
    }

    fn role(&self) -> Role {
        *self.state.role().borrow()
    }

    /// Changes the role, and logs a change of its kind.
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

    /// Applies the report in the store if it is new, because this process may have missed the message.
    async fn catch_up(&mut self, report: Option<String>) {
        let Some(text) = report.filter(|text| Some(text) != self.completed.as_ref()) else {
            return;
        };
        let Ok(report) = serde_json::from_str::<Report>(&text) else { return };
        if !self.has_rates_of(&report) {
            self.take_latest().await;
        }
        // If the rates are not written yet, the next tick looks again.
        if self.has_rates_of(&report) {
            self.completed = Some(text.clone());
        }
        if self.applied.as_ref() != Some(&text) {
            self.applied = Some(text);
            self.highest = report.token;
            self.apply_report(report, None);
        }
    }

    /// Returns whether the rates of this report, or newer ones, are published here.
    fn has_rates_of(&self, report: &Report) -> bool {
        let published = self.state.published();
        let mine = published.snapshot().filter(|mine| !self.is_from_future(mine));
        mine.map(|mine| mine.id().as_str()) == report.snapshot_id.as_deref()
            || report.last_updated < mine.map(|mine| mine.last_updated())
    }

    /// Publishes the rates in the store, if they are newer than the current ones.
    async fn take_latest(&mut self) {
        let latest: Result<Option<Vec<u8>>, RedisError> =
            self.connection.query(redis::cmd("GET").arg(LATEST)).await;
        let latest = latest.ok().flatten().and_then(|bytes| read_snapshot(&bytes).ok());
        let state = Arc::clone(&self.state);
        state.publish(|published| {
            let latest = latest.filter(|latest| self.is_better(latest, Duration::ZERO))?;
            Some(published.with_snapshot(latest, published.next_refresh()))
        });
    }

    /// Applies what the leader has published.
    fn apply(&mut self, Update { text, report, snapshot }: Update) {
        if report.token == self.token() || report.token < self.highest {
            return;
        }
        // This process has lost its lease without noticing.
        if self.token.swap(0, Ordering::Relaxed) != 0 {
            self.change_role(Role::Follower);
        }
        self.highest = report.token;
        self.applied = Some(text.clone());
        self.apply_report(report.clone(), snapshot);
        if self.has_rates_of(&report) {
            self.completed = Some(text);
        }
    }

    /// Publishes the leader's state of the refresh, and its rates.
    fn apply_report(&mut self, report: Report, snapshot: Option<Snapshot>) {
        let state = Arc::clone(&self.state);
        state.publish(|published| {
            // A wrong clock or a wrong report must not put the next refresh off for ever.
            let longest = published.schedule().interval + LONGEST_RETRY_AFTER;
            let next = report.next_refresh.min(state.now() + longest);
            let snapshot = snapshot.filter(|theirs| self.is_better(theirs, CLOCK_SKEW));
            let snapshot = snapshot.map(Arc::new).or_else(|| published.snapshot().cloned());
            // The source may have answered with the same rates again.
            let confirmed = report.confirmed.map(|time| time.min(state.now() + CLOCK_SKEW));
            let snapshot = snapshot.map(|mine| match confirmed {
                Some(time)
                    if time > mine.confirmed()
                        && report.snapshot_id.as_deref() == Some(mine.id().as_str()) =>
                {
                    Arc::new(Snapshot::clone(&mine).confirmed_at(time))
                }
                _ => mine,
            });
            Some(published.updated(snapshot, report.failure, next))
        });
    }

    /// Returns whether these rates were taken by a clock that was wrong. They keep no others out.
    fn is_from_future(&self, snapshot: &Snapshot) -> bool {
        snapshot.confirmed() > self.state.now() + CLOCK_SKEW
    }

    /// Returns whether these rates should replace the current ones. The sample never replaces live rates,
    /// nor do rates that are older by more than `slack`.
    fn is_better(&mut self, theirs: &Snapshot, slack: Duration) -> bool {
        let ahead = self.is_from_future(theirs);
        if ahead != self.ahead {
            self.ahead = ahead;
            if ahead {
                let taken = theirs.confirmed();
                tracing::warn!(%taken, "the last good rates are from the future: not used");
            }
        }
        let published = self.state.published();
        let better = |mine: &Arc<Snapshot>| {
            theirs.source() != SourceName::Sample
                && (theirs.id() != mine.id() || theirs.confirmed() > mine.confirmed())
                && (self.is_from_future(mine)
                    || theirs.last_updated() + slack >= mine.last_updated())
        };
        !ahead && (!self.state.has_live_rates() || published.snapshot().is_none_or(better))
    }

    /// Publishes the current state to the others, if this process is the leader.
    async fn publish(&mut self) {
        if !matches!(self.role(), Role::Leader { .. }) {
            return;
        }
        let published: Arc<Published> = Arc::clone(&self.state.published());
        self.unpublished = false;
        match update::publish(&self.connection, self.token(), &published).await {
            Ok(Some(text)) => {
                self.applied = Some(text.clone());
                self.completed = Some(text);
                let interval = published.schedule().interval;
                if self.turn.is_over(published.failure(), interval) {
                    tracing::warn!("no source answers here: another replica may try");
                    self.resign().await;
                }
            }
            // The next poll finds out who the leader is.
            Ok(None) => tracing::debug!("not published: another replica is in charge"),
            Err(error) => {
                self.unpublished = true;
                tracing::debug!(%error, "not published to the other replicas");
            }
        }
    }

    /// Gives the lease up. From here on another replica may have it.
    async fn resign(&self) {
        if self.token.swap(0, Ordering::Relaxed) == 0 {
            return;
        }
        self.state.set_role(Role::Follower);
        if let Err(error) = lease::release(&self.connection, &self.owner).await {
            tracing::debug!(%error, "the lease could not be given up");
        }
    }
}
