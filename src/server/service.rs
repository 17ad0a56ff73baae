//! What the parts of the server share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use crate::{
    board::Board,
    rates::Timestamp,
    server::{Config, assets::Assets, metrics::Metrics},
    store::Keeper,
};

/// The running service: one per process, shared by every request and the refresh loop.
pub struct Service {
    pub config: Config,
    pub metrics: Metrics,
    pub assets: Assets,
    pub store: Keeper,
    clock: Clock,
    board: ArcSwap<Board>,
    /// Sent to with each new board, and when the draining begins.
    changes: watch::Sender<()>,
    draining: AtomicBool,
}

/// Tells the time; tests bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| std::time::SystemTime::now().into())
}

impl Service {
    /// With the last good rates of an earlier process, if there are any. May block.
    pub fn new(config: Config, clock: Clock) -> Arc<Self> {
        let store = Keeper::new(config.store.clone(), config.history);
        let (now, schedule) = (clock(), config.schedule());
        let mut board = Board::empty(now, schedule);
        if let Some(snapshot) = store.restore(now) {
            tracing::info!(
                source = %snapshot.source(),
                taken = %snapshot.last_updated(),
                "the last good rates are there"
            );
            let next = now.max(snapshot.last_updated() + schedule.interval);
            board = board.refreshed(snapshot, next);
        }
        Arc::new(Self {
            metrics: Metrics::new(&config.app_version),
            assets: Assets::embedded(),
            store,
            board: ArcSwap::from_pointee(board),
            changes: watch::Sender::new(()),
            draining: AtomicBool::new(false),
            config,
            clock,
        })
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub fn board(&self) -> Guard<Arc<Board>> {
        self.board.load()
    }

    /// Puts a new board up. Only the refresh loop does.
    pub fn put_up(&self, board: Board) {
        self.board.store(Arc::new(board));
        self.changes.send_replace(());
    }

    /// Tells of new boards, and of the beginning of the end.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Told to stop: requests are still answered, but no new ones should be sent.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.changes.send_replace(());
    }

    /// Names what runs here: a page made by another build reloads itself.
    pub fn build(&self) -> String {
        format!("{}+{}", self.config.app_version, self.assets.build())
    }
}
