//! One replica: the tasks that share the refresh with others, with a clock and a way to the store of its own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    super::{MOVING, START},
    network::Way,
};
use crate::{
    cluster,
    rates::{Rate, Snapshot, SourceName, Timestamp},
    refresh,
    sources::{Fetched, Fetching, Now, RateSource},
    state::{AppState, Role},
    test_support,
};

/// What the upstream takes for an answer.
pub const LATENCY: Duration = Duration::from_secs(2);

/// How long a replica is patient at least after it has been cut off: ten seconds after its last answer, which it had up
/// to two seconds before.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a replica that is new, or was cut off, may take to have what the others have: a tick of two seconds, and an
/// answer that is waited for in vain.
pub const JOINING: Duration = Duration::from_secs(4);

/// A call of the upstream.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub replica: usize,
    pub at: Instant,
    /// Whether the replica called for itself alone, because it could not reach the store.
    pub alone: bool,
    pub answered: bool,
    /// Whether the others never got what it brought: its caller was killed or cut off meanwhile.
    pub lost: bool,
}

pub type Calls = Arc<Mutex<Vec<Call>>>;

pub struct Replica {
    pub number: usize,
    pub state: Arc<AppState>,
    pub way: Way,
    /// When it was started, or last connected again; never if it has been cut off from the start.
    pub connected: Option<Instant>,
    /// From when on it may take itself for alone.
    alone: Option<Instant>,
    draining: CancellationToken,
    _tasks: JoinSet<()>,
}

impl Replica {
    /// Starts one as the server does. Its clock is off by some seconds.
    pub async fn start(
        number: usize,
        way: Way,
        interval: Duration,
        (started, off): (Instant, i64),
        calls: Calls,
    ) -> Self {
        let before = Instant::now();
        let clock = move || {
            let now = START + started.elapsed();
            Timestamp::from_unix_seconds(now.unix_seconds().saturating_add_signed(off))
        };
        let (store, interval) =
            (format!("redis://{}/", way.address), interval.as_secs().to_string());
        let variables = [("STORE_URL", &*store), ("CACHE_DURATION", &*interval)];
        let state = test_support::state_with(Arc::new(clock), &variables);
        state.restore().await;
        let upstream = Upstream { replica: number, state: Arc::clone(&state), started, calls };
        let (draining, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let until_draining = |task: BoxFuture<'static, ()>| {
            let draining = draining.clone();
            async move {
                let _ = draining.run_until_cancelled(task).await;
            }
        };
        let refresh = refresh::run(Arc::clone(&state), vec![Box::new(upstream)], Vec::new());
        tasks.spawn(until_draining(refresh.boxed()));
        let reload = refresh::recent_history::run(Arc::clone(&state));
        tasks.spawn(until_draining(reload.boxed()));
        tasks.spawn(cluster::run(Arc::clone(&state), draining.clone()));
        let connected = (!way.is_cut()).then(Instant::now);
        // Without any answer it waits for none.
        let alone = way.is_cut().then_some(before);
        Self { number, state, way, connected, alone, draining, _tasks: tasks }
    }

    pub fn cut(&mut self) {
        self.way.cut();
        self.alone = Some(Instant::now() + PATIENCE);
    }

    pub fn mend(&mut self) {
        self.way.mend();
        self.connected = Some(Instant::now());
    }

    /// Returns whether it could rightly take itself for alone at that time.
    pub fn may_be_alone(&self, at: Instant) -> bool {
        let joined = self.connected.is_some_and(|since| at >= since + JOINING);
        self.alone.is_some_and(|from| from <= at) && (self.way.is_cut() || !joined)
    }

    /// Lets it stop in order.
    pub fn drain(&self) {
        self.state.start_draining();
        self.draining.cancel();
    }

    pub fn role(&self) -> Role {
        *self.state.role().borrow()
    }

    /// Returns whether it asks the upstream for all.
    pub fn leads(&self) -> bool {
        matches!(self.role(), Role::Leader { .. }) && self.state.is_in_charge()
    }
}

/// The upstream, as one replica calls it. Each answer has other values.
struct Upstream {
    replica: usize,
    state: Arc<AppState>,
    started: Instant,
    calls: Calls,
}

impl RateSource for Upstream {
    fn name(&self) -> SourceName {
        SourceName::Coingecko
    }

    fn fetch<'a>(&'a self, now: Now<'a>, _: Option<&'a Snapshot>) -> Fetching<'a> {
        Box::pin(async move {
            let alone = *self.state.role().borrow() == Role::Standalone;
            let (replica, at) = (self.replica, Instant::now());
            let call = Call { replica, at, alone, answered: false, lost: false };
            let number = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(call);
                calls.len() - 1
            };
            tokio::time::sleep(LATENCY).await;
            self.calls.lock().unwrap()[number].answered = true;
            let moved = self.started.elapsed().as_secs_f64();
            let value = |rate: &Rate| {
                if rate.code.as_str() == MOVING { rate.value + 0.001 * moved } else { rate.value }
            };
            let snapshot = test_support::snapshot(SourceName::Coingecko, now(), value);
            Ok(Fetched { snapshot, dropped: 0, announced: Vec::new() })
        })
    }
}
