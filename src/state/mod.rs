//! The state that the parts of the server share.

mod clock;
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
    config::{Config, FrameAncestors},
    history::{ChartKey, History},
    metrics::Metrics,
    published::Published,
    rates::{CacheStatus, Chart, Code, Latest, Quotation, SourceName, Timestamp},
    store::ResilientStore,
};

use clock::CorrectedClock;

pub use clock::{Clock, system_clock};
pub use role::Role;

/// The running service: one per process, shared by every request and the refresh loop.
pub struct AppState {
    pub config: Config,
    pub metrics: Metrics,
    pub assets: Assets,
    pub store: Arc<ResilientStore>,
    pub history: History,
    clock: CorrectedClock,
    published: ArcSwap<Published>,
    /// Held while a state is being published.
    publishing: Mutex<()>,
    /// Notified of each new state, and when draining begins.
    changes: watch::Sender<()>,
    role: watch::Sender<Role>,
    /// Makes what most readers will ask for, before a state is published.
    warm_up: OnceLock<WarmUp>,
    draining: AtomicBool,
}

/// How long the start waits for the last good rates and the recent history.
const RESTORE_DEADLINE: Duration = Duration::from_secs(5);

/// Makes bodies of a state that is about to be published. `http` has the only one.
pub type WarmUp = fn(&AppState, &Arc<Published>);

impl AppState {
    pub fn new(config: Config, clock: Clock) -> Arc<Self> {
        let store = Arc::new(ResilientStore::new(config.store_url(), config.history()));
        let role = if store.shared().is_some() { Role::Follower } else { Role::Standalone };
        let published = Published::empty(clock(), config.schedule());
        let frame_ancestors = config.frame_ancestors.as_ref().map(FrameAncestors::as_str);
        Arc::new(Self {
            metrics: Metrics::new(&config.app_version, config.base_path.as_str()),
            assets: Assets::embedded(config.base_path.as_str(), frame_ancestors),
            history: History::new(Arc::clone(&store)),
            store,
            published: ArcSwap::from_pointee(published),
            publishing: Mutex::new(()),
            changes: watch::Sender::new(()),
            role: watch::Sender::new(role),
            warm_up: OnceLock::new(),
            draining: AtomicBool::new(false),
            config,
            clock: CorrectedClock::new(clock),
        })
    }

    /// Publishes the last good rates of an earlier process and the recent history, unless there are live
    /// rates. Gives up on a disk that hangs.
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
            // Another replica may have published newer rates meanwhile.
            let Some(snapshot) = snapshot.filter(|_| !is_live(published)) else { return next };
            tracing::info!(
                source = %snapshot.source(),
                taken = %snapshot.last_updated(),
                "the last good rates are there"
            );
            let due = snapshot.confirmed() + published.schedule().interval;
            let due = due.max(published.next_refresh());
            Some(next.as_ref().unwrap_or(published).with_snapshot(snapshot, due))
        });
    }

    /// Returns whether there are rates other than the sample.
    pub fn has_live_rates(&self) -> bool {
        is_live(&self.published())
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns by how many seconds this machine's clock is corrected.
    pub fn clock_correction(&self) -> i64 {
        self.clock.correction()
    }

    /// Goes by another clock from now on, which says `time`. What is due stays due at the same moment.
    pub fn correct_clock(&self, time: Timestamp) {
        let moved = self.clock.correct(time);
        self.publish(|published| {
            Some(published.with_next_refresh(published.next_refresh().moved(moved)))
        });
    }

    pub fn published(&self) -> Guard<Arc<Published>> {
        self.published.load()
    }

    /// Publishes the state that `next` makes from the current one, unless it returns `None`.
    ///
    /// Callers are the start, the refresh loop, the cluster, and the reload of the recent history. They wait
    /// for each other, since each next state builds on the current one and warming up takes milliseconds.
    pub fn publish(&self, next: impl FnOnce(&Published) -> Option<Published>) {
        let _publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(published) = next(&self.published()) else { return };
        let published = Arc::new(published.recorded_at(self.now()));
        if let Some(warm_up) = self.warm_up.get() {
            warm_up(self, &published);
        }
        self.published.store(published);
        self.changes.send_replace(());
    }

    /// Sets what runs before each new state is published. Only the first call counts.
    pub fn warm_up_with(&self, warm_up: WarmUp) {
        let _ = self.warm_up.set(warm_up);
    }

    /// Returns a receiver that is notified of each new state, and when draining begins.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Returns whether this process may ask the upstreams at this moment.
    pub fn is_in_charge(&self) -> bool {
        self.role.borrow().is_in_charge()
    }

    /// Returns the term in which no other process decides: that of its lease, or 0 if it has its store to itself.
    /// There is none while a shared store can't be reached. In another term another process may have decided.
    pub fn term(&self) -> Option<u64> {
        let role = *self.role.borrow();
        match self.store.shared() {
            None => Some(0),
            Some((_, token)) => {
                let leads = matches!(role, Role::Leader { .. }) && role.is_in_charge();
                Some(token.load(Ordering::Relaxed)).filter(|token| leads && *token != 0)
            }
        }
    }

    /// Returns a receiver that is notified of each change of role.
    pub fn role(&self) -> watch::Receiver<Role> {
        self.role.subscribe()
    }

    pub fn set_role(&self, role: Role) {
        self.role.send_replace(role);
    }

    /// Returns whether the process is about to stop. It still answers requests, but should get no new ones.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.changes.send_replace(());
    }

    /// Returns what a page and each refresh of it are sent, without charts. Trends are in bitcoin if
    /// `base` is unknown.
    pub fn latest(
        &self,
        published: &Published,
        base: &Code,
        quotation: Quotation,
        now: Timestamp,
    ) -> Latest {
        let snapshot = published.snapshot();
        let trends = |base: &Code| published.trends(base, quotation);
        Latest {
            status: snapshot.map_or(CacheStatus::Stale, |snapshot| published.status(snapshot, now)),
            unchanged: published.is_frozen(),
            snapshot: snapshot.cloned(),
            trends: trends(base).or_else(|| trends(&Code::btc())),
            chart: None,
            compared: None,
            next_refresh: published.next_refresh(),
            interval: u32::try_from(published.schedule().interval.as_secs()).unwrap_or(u32::MAX),
            server_time: now,
            build: self.build(),
        }
    }

    /// Returns the chart that ends with the published rates. `None` if they lack one of the currencies, or if
    /// the history could not be read.
    pub async fn chart(&self, published: &Published, key: &ChartKey) -> Option<Arc<Chart>> {
        let recent = published.recent_history();
        let read = self.history.chart(published.snapshot()?, recent, key, self.now());
        published.chart(key, read).await
    }

    /// Returns the chart that a page asks for, and the one beside it.
    pub async fn charts(
        &self,
        published: &Published,
        keys: &[Option<ChartKey>; 2],
    ) -> [Option<Arc<Chart>>; 2] {
        let mut charts = [None, None];
        for (chart, key) in charts.iter_mut().zip(keys) {
            if let Some(key) = key {
                *chart = self.chart(published, key).await;
            }
        }
        charts
    }

    /// Returns the name of this build. A page made by another build reloads itself.
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
