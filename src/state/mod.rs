//! What the parts of the server share.

mod role;

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};
use tokio::{sync::watch, time::Instant};

use crate::{
    assets::Assets,
    cache::{Current, CurrentResponses},
    config::Config,
    history::{ChartKey, History},
    metrics::Metrics,
    published::Published,
    rates::{CacheStatus, Chart, Code, Latest, SourceName, Timestamp},
    store::ResilientStore,
};

pub use role::Role;

/// The running service: one per process, shared by every request and the refresh loop.
pub struct AppState {
    pub config: Config,
    pub metrics: Metrics,
    pub assets: Assets,
    pub store: Arc<ResilientStore>,
    pub history: History,
    clock: Clock,
    published: ArcSwap<Published>,
    /// Whose turn it is to publish.
    turn: Mutex<()>,
    /// Sent to with each publication, and when the draining begins.
    changes: watch::Sender<()>,
    /// Who asks the upstreams: this process, or another replica.
    role: watch::Sender<Role>,
    /// Makes what most readers will ask for, before new rates are published.
    warm_up: OnceLock<WarmUp>,
    draining: AtomicBool,
}

/// How long the start waits for the last good rates, and those of the last day.
const RESTORE_DEADLINE: Duration = Duration::from_secs(5);

/// Makes bodies of a state that is about to be published; `http` has the one there is.
pub type WarmUp = fn(&AppState, &Arc<Published>);

/// Tells the time; tests bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| std::time::SystemTime::now().into())
}

impl AppState {
    pub fn new(config: Config, clock: Clock) -> Arc<Self> {
        let store = Arc::new(ResilientStore::new(config.store_url(), config.history()));
        let role = if store.shared().is_some() { Role::Follower } else { Role::Standalone };
        let published = Published::empty(clock(), config.schedule());
        Arc::new(Self {
            metrics: Metrics::new(&config.app_version),
            assets: Assets::embedded(),
            history: History::new(Arc::clone(&store)),
            store,
            published: ArcSwap::from_pointee(published),
            turn: Mutex::new(()),
            changes: watch::Sender::new(()),
            role: watch::Sender::new(role),
            warm_up: OnceLock::new(),
            draining: AtomicBool::new(false),
            config,
            clock,
        })
    }

    /// Publishes the last good rates of an earlier process and the recent history, if there are no live
    /// rates yet. A disk that hangs is not waited for.
    pub async fn restore(self: &Arc<Self>) {
        if self.has_live_rates() {
            return;
        }
        let deadline = Instant::now() + RESTORE_DEADLINE;
        let state = Arc::clone(self);
        let restore = tokio::task::spawn_blocking(move || state.store.restore(state.now()));
        let Ok(Ok(snapshot)) = tokio::time::timeout_at(deadline, restore).await else { return };
        let recent = self.history.recent(self.now(), Duration::ZERO);
        let recent = tokio::time::timeout_at(deadline, recent).await.ok().and_then(Result::ok);
        self.publish(|published| {
            let now = self.now();
            let next = recent.and_then(|recent| published.with_recent_history(&recent, now));
            // Another replica may have published newer ones meanwhile.
            let Some(snapshot) = snapshot.filter(|_| !is_live(published)) else { return next };
            tracing::info!(
                source = %snapshot.source(),
                taken = %snapshot.last_updated(),
                "the last good rates are there"
            );
            let due = snapshot.last_updated() + published.schedule().interval;
            let due = due.max(published.next_refresh());
            Some(next.as_ref().unwrap_or(published).with_snapshot(snapshot, due))
        });
    }

    /// Whether there are rates, and not the sample.
    pub fn has_live_rates(&self) -> bool {
        is_live(&self.published())
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub fn published(&self) -> Guard<Arc<Published>> {
        self.published.load()
    }

    /// Publishes the state that `next` makes of the current one, unless it makes none.
    ///
    /// The start does so, and the refresh loop; or the cluster, with the updates of a leader; and, twice
    /// an hour, who reads the recent history anew. Whoever else wants to publish waits: between a look at
    /// the current state and the next one lie the milliseconds of warming up. What most readers ask for
    /// is made then, so that none of them waits for it.
    pub fn publish(&self, next: impl FnOnce(&Published) -> Option<Published>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(published) = next(&self.published()) else { return };
        let published = Arc::new(published.recorded_at(self.now()));
        if let Some(warm_up) = self.warm_up.get() {
            warm_up(self, &published);
        }
        self.published.store(published);
        self.changes.send_replace(());
    }

    /// From now on there are readers: what most of them ask for is made before it is published.
    pub fn warm_up_with(&self, warm_up: WarmUp) {
        let _ = self.warm_up.set(warm_up);
    }

    /// Tells of new states, and of the beginning of the end.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Whether this process is the one to ask the upstreams at this moment.
    pub fn is_in_charge(&self) -> bool {
        self.role.borrow().is_in_charge()
    }

    /// Tells of changes in who asks the upstreams.
    pub fn role(&self) -> watch::Receiver<Role> {
        self.role.subscribe()
    }

    pub fn set_role(&self, role: Role) {
        self.role.send_replace(role);
    }

    /// Told to stop: requests are still answered, but no new ones should be sent.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.changes.send_replace(());
    }

    /// What a page and each refresh of it are sent, but for a chart. Trends are in bitcoin if there is no
    /// such base.
    pub fn latest(&self, published: &Published, base: &Code, now: Timestamp) -> Latest {
        let snapshot = published.snapshot();
        Latest {
            status: snapshot.map_or(CacheStatus::Stale, |snapshot| published.status(snapshot, now)),
            snapshot: snapshot.cloned(),
            trends: published.trends(base).or_else(|| published.trends(&Code::btc())),
            chart: None,
            next_refresh: published.next_refresh(),
            interval: u32::try_from(published.schedule().interval.as_secs()).unwrap_or(u32::MAX),
            server_time: now,
            build: self.build(),
        }
    }

    /// The chart that ends with the published rates; `None` without a rate of either currency, or while too
    /// many others read the history.
    pub async fn chart(&self, published: &Published, key: &ChartKey) -> Option<Arc<Chart>> {
        let read = self.history.chart(published.snapshot()?, key, self.now());
        published.chart(key, read).await
    }

    /// Names what runs here: a page made by another build reloads itself.
    pub fn build(&self) -> String {
        format!("{}+{}", self.config.app_version, self.assets.build())
    }
}

impl CurrentResponses for Arc<AppState> {
    fn current(&self) -> Option<Current> {
        let (published, now) = (self.published(), self.now());
        let snapshot = published.snapshot()?;
        Some(Current {
            cache: Arc::clone(published.responses()),
            status: published.status(snapshot, now),
            age: snapshot.age(now).as_secs(),
            now,
        })
    }
}

fn is_live(published: &Published) -> bool {
    published.snapshot().is_some_and(|snapshot| snapshot.source() != SourceName::Sample)
}
