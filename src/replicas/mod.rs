//! Several processes on one shared store: one asks the upstreams, all have what it gets.
//!
//! Who holds the lease is in charge. It tells the others by publish/subscribe what it has got, and
//! what went wrong; they put that on their boards. When it is gone, its lease runs out and another
//! takes it. While the store can't be reached nobody knows of the others, and each asks for itself:
//! readers get fresh rates, at the price of more calls.

mod lease;
mod news;

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

use self::news::{News, Report};
use crate::{
    board::Board,
    rates::Snapshot,
    server::Service,
    store::{link::Link, read_snapshot, shared::LATEST},
};

/// How long a lease holds: after so long without its holder, another takes over.
const LEASE: Duration = Duration::from_secs(10);

/// How often the lease is renewed, or asked for.
const TICK: Duration = Duration::from_secs(2);

/// What a process is among its replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// There are no others, or they can't be heard: asks for itself.
    Alone,
    /// Asks for all, until its lease ends.
    InCharge { until: Instant },
    /// Takes what the one in charge gets.
    Waiting,
}

impl Role {
    /// Whether it asks the upstreams at this moment.
    pub fn is_in_charge(self) -> bool {
        match self {
            Self::Alone => true,
            // By the clock: a process that was stopped for a while finds its lease gone at once.
            Self::InCharge { until } => Instant::now() < until,
            Self::Waiting => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::InCharge { .. } => "in_charge",
            Self::Waiting => "waiting",
        }
    }
}

/// Takes part in the replicas' life until the service drains; returns at once if there are none.
pub async fn run(service: Arc<Service>) {
    let Some((link, token)) = service.store.shared() else { return };
    let (tell, mut told) = mpsc::channel(16);
    let listener = tokio::spawn(news::listen(Arc::clone(&link), tell));
    let mut changes = service.changes();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut replica = Replica::new(service, link, token);
    while !replica.service.is_draining() {
        tokio::select! {
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
fn bring(service: &Service, in_charge: bool) {
    service.store.found(service.now());
    let board = service.board();
    if let Some(snapshot) = board.snapshot().filter(|_| in_charge && service.has_live_rates()) {
        service.store.put(snapshot, service.now());
    }
}

struct Replica {
    service: Arc<Service>,
    link: Arc<Link>,
    /// Of the lease that this process holds; 0 without one.
    token: Arc<AtomicU64>,
    /// When the store answered last.
    heard: Option<Instant>,
    /// How long it may be silent before this process helps itself. Spread at random, so that not all
    /// of them ask the upstreams at the same moment.
    patience: Duration,
    /// The last report that was put on the board.
    seen: Option<String>,
    /// The highest token that anything was heard under.
    highest: u64,
}

impl Replica {
    fn new(service: Arc<Service>, link: Arc<Link>, token: Arc<AtomicU64>) -> Self {
        let patience = LEASE.mul_f64(1.0 + rand::rng().random::<f64>());
        Self { service, link, token, heard: None, patience, seen: None, highest: 0 }
    }

    fn token(&self) -> u64 {
        self.token.load(Ordering::Relaxed)
    }

    /// Renews the lease, or asks for it.
    async fn poll(&mut self) {
        let asked = Instant::now();
        match lease::take(&self.link, self.token(), LEASE).await {
            Ok((token, report)) => {
                let was_lost = self.heard.replace(asked).is_none() || self.role() == Role::Alone;
                let gained = token != 0 && token != self.token();
                self.token.store(token, Ordering::Relaxed);
                if token == 0 || gained {
                    self.catch_up(report).await;
                }
                if token == 0 {
                    self.change_role(Role::Waiting);
                } else {
                    self.change_role(Role::InCharge { until: asked + LEASE });
                }
                if gained {
                    self.share().await;
                }
                if gained || was_lost {
                    let service = Arc::clone(&self.service);
                    tokio::task::spawn_blocking(move || bring(&service, gained));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the shared store does not answer");
                let silent = self.heard.is_none_or(|heard| asked > heard + self.patience);
                if silent && self.role() != Role::Alone {
                    self.service.store.lost(&error.to_string());
                    self.change_role(Role::Alone);
                }
            }
        }
    }

    fn role(&self) -> Role {
        *self.service.role().borrow()
    }

    /// One line for each change of state.
    fn change_role(&self, role: Role) {
        let before = self.role();
        if before.as_str() != role.as_str() {
            match role {
                Role::Alone => tracing::warn!("no store, no other replicas: refreshing alone"),
                Role::InCharge { .. } => {
                    tracing::info!("in charge of the refresh");
                }
                Role::Waiting => tracing::info!("another replica is in charge of the refresh"),
            }
        }
        if before != role {
            self.service.set_role(role);
        }
    }

    /// Puts up what is in the store, if it is news: what was published while nobody listened here.
    async fn catch_up(&mut self, report: Option<String>) {
        let Some(text) = report.filter(|text| Some(text) != self.seen.as_ref()) else { return };
        let Ok(report) = serde_json::from_str::<Report>(&text) else { return };
        let mine = self.service.board().snapshot().cloned();
        let mut snapshot = None;
        if report.snapshot_id.is_some()
            && report.snapshot_id.as_deref() != mine.as_ref().map(|mine| mine.id().as_str())
        {
            let latest: Result<Option<Vec<u8>>, RedisError> =
                self.link.query(redis::cmd("GET").arg(LATEST)).await;
            let latest = latest.ok().flatten().and_then(|bytes| read_snapshot(&bytes).ok());
            // It may not have been written yet: another try with the next tick.
            let Some(latest) = latest else { return };
            if latest.id().as_str() != report.snapshot_id.as_deref().unwrap_or_default() {
                return;
            }
            // Rates that this process has got on its own may be the newer ones.
            let newer = |mine: &Arc<Snapshot>| mine.last_updated() > latest.last_updated();
            if !(self.service.has_live_rates() && mine.as_ref().is_some_and(newer)) {
                snapshot = Some(Arc::new(latest));
            }
        }
        self.seen = Some(text);
        self.highest = report.token;
        self.put_up(report, snapshot.or(mine));
    }

    /// Puts up what another has published.
    fn hear(&mut self, News { text, report, snapshot }: News) {
        if report.token == self.token() || report.token < self.highest {
            return;
        }
        // Another has the lease that this process believed to have.
        if self.token.swap(0, Ordering::Relaxed) != 0 {
            self.change_role(Role::Waiting);
        }
        self.highest = report.token;
        self.seen = Some(text);
        let mine = self.service.board().snapshot().cloned();
        self.put_up(report, snapshot.map(Arc::new).or(mine));
    }

    fn put_up(&self, report: Report, snapshot: Option<Arc<Snapshot>>) {
        let board = self.service.board().told(snapshot, report.failure, report.next_refresh);
        self.service.put_up(board);
    }

    /// Tells the others what is on the board, if this process is the one to say.
    async fn share(&mut self) {
        if !matches!(self.role(), Role::InCharge { .. }) {
            return;
        }
        let board: Arc<Board> = Arc::clone(&self.service.board());
        match news::share(&self.link, self.token(), &board).await {
            Ok(Some(text)) => self.seen = Some(text),
            // The next poll finds out who is in charge.
            Ok(None) => tracing::debug!("not shared: another replica is in charge"),
            Err(error) => tracing::debug!(%error, "the others could not be told"),
        }
    }

    /// Gives the lease up.
    async fn resign(&self) {
        let token = self.token.swap(0, Ordering::Relaxed);
        if token != 0
            && let Err(error) = lease::release(&self.link, token).await
        {
            tracing::debug!(%error, "the lease could not be given up");
        }
    }
}
