//! Many replicas on one redis-server, and what must be true of them at every moment.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use redis::aio::MultiplexedConnection;
use tokio::time::Instant;

use super::{
    super::START,
    network::{Traffic, Way},
    replica::{Call, Calls, JOINING, LATENCY, Replica},
    time::{STEP, Time},
};
use crate::{rates::Timestamp, redis_server::Redis};

pub const INTERVAL: Duration = Duration::from_secs(60);

/// How long after the end of a leader another takes over: a lease and a tick.
const TAKEOVER: Duration = Duration::from_secs(12);

/// By how much two calls may be nearer to each other than an interval: a time has no fractions, and clocks that
/// differ by a second at most are left alone.
const ROUNDING: Duration = Duration::from_secs(3);

/// Within which every replica has new rates.
const DELIVERY: Duration = Duration::from_secs(1);

/// The rates that the leader has published last.
struct Newest {
    id: String,
    confirmed: Timestamp,
    since: Instant,
}

pub struct World {
    interval: Duration,
    pub replicas: Vec<Replica>,
    pub calls: Calls,
    pub redis: Redis,
    time: Time,
    started: Instant,
    traffic: Traffic,
    server: SocketAddr,
    /// A connection of the test's own, which nothing cuts.
    probe: MultiplexedConnection,
    newest: Option<Newest>,
    /// How many replicas have been started.
    numbered: usize,
    /// How many calls have been looked at.
    seen: usize,
}

impl World {
    pub async fn start(replicas: usize, interval: Duration) -> Self {
        let time = Time::stop();
        let redis = Redis::start_by_clock(&time.file());
        let server = SocketAddr::from(([127, 0, 0, 1], redis.port()));
        let client = redis::Client::open(redis.url()).unwrap();
        let probe = client.get_multiplexed_async_connection().await.unwrap();
        let mut world = Self {
            interval,
            replicas: Vec::new(),
            calls: Calls::default(),
            redis,
            time,
            started: Instant::now(),
            traffic: Traffic::default(),
            server,
            probe,
            newest: None,
            numbered: 0,
            seen: 0,
        };
        world.join(replicas).await;
        world
    }

    /// Starts replicas. Of five clocks one is right, two are ahead and two behind by up to four minutes.
    pub async fn join(&mut self, count: usize) {
        for _ in 0..count {
            let way = Way::to(self.server, &self.traffic).await;
            self.start_one(way).await;
        }
        self.settle().await;
    }

    /// Starts one that does not reach the store.
    pub async fn join_cut_off(&mut self) {
        let way = Way::to(self.server, &self.traffic).await;
        way.cut();
        self.start_one(way).await;
    }

    async fn start_one(&mut self, way: Way) {
        let number = self.numbered;
        self.numbered += 1;
        let off = [0, 4, -90, 130, -240][number % 5];
        let (clock, calls) = ((self.started, off), Arc::clone(&self.calls));
        let replica = tokio::spawn(Replica::start(number, way, self.interval, clock, calls));
        while !replica.is_finished() {
            self.settle().await;
            if !replica.is_finished() {
                self.time.pass().await;
            }
        }
        self.replicas.push(replica.await.unwrap());
    }

    /// Ends these as `kill -9` does, and their connections with them.
    pub fn kill(&mut self, which: impl Fn(&Replica) -> bool) -> usize {
        let (gone, rest) = self.replicas.drain(..).partition::<Vec<_>, _>(which);
        self.replicas = rest;
        for replica in &gone {
            self.lose(replica.number);
        }
        gone.len()
    }

    /// Lets this one stop in order.
    pub fn drain(&self, number: Option<usize>) {
        let found = self.replicas.iter().find(|replica| Some(replica.number) == number);
        found.unwrap().drain();
    }

    /// Cuts these off from the store. They hear of nothing, and nobody tells them so.
    pub fn cut(&mut self, which: impl Fn(&Replica) -> bool) {
        let mut numbers = Vec::new();
        for replica in self.replicas.iter_mut().filter(|replica| which(replica)) {
            replica.cut();
            numbers.push(replica.number);
        }
        for number in numbers {
            self.lose(number);
        }
    }

    pub fn mend(&mut self) {
        self.replicas.iter_mut().filter(|replica| replica.way.is_cut()).for_each(Replica::mend);
    }

    /// Notes that nobody gets the answer to the call that this replica is making.
    fn lose(&self, number: usize) {
        let mut calls = self.calls.lock().unwrap();
        for call in calls.iter_mut().filter(|call| call.replica == number && !call.answered) {
            call.lost = true;
        }
    }

    /// Returns the number of the leader.
    pub fn leader(&self) -> Option<usize> {
        let mut leaders = self.replicas.iter().filter(|replica| replica.leads());
        let leader = leaders.next().map(|replica| replica.number);
        assert!(leaders.next().is_none(), "two lead at {:?}", self.time.elapsed());
        leader
    }

    /// Returns whether the leader is in a call.
    pub fn leader_calls(&self) -> bool {
        let calls = self.calls.lock().unwrap();
        calls.last().is_some_and(|call| !call.answered && Some(call.replica) == self.leader())
    }

    /// Lets time pass until the condition holds.
    pub async fn until(&mut self, what: &str, within: Duration, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + within;
        while !holds(self) {
            assert!(Instant::now() < deadline, "in vain: {what}, at {:?}", self.time.elapsed());
            self.pass().await;
        }
    }

    pub async fn wait(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.pass().await;
        }
    }

    /// Lets time pass until there are newer rates, which may be late by as long as another leader takes.
    pub async fn until_refreshed(&mut self) {
        let before = self.newest.as_ref().map(|newest| newest.id.clone());
        let within = self.interval + TAKEOVER + 2 * LATENCY + 2 * ROUNDING;
        let newer =
            |world: &Self| world.newest.as_ref().map(|newest| &newest.id) != before.as_ref();
        self.until("the next rates", within, newer).await;
        // And until everybody must have them.
        self.wait(DELIVERY + STEP).await;
    }

    /// Lets one step pass, waits until all that follows from it has been done, and looks at it.
    async fn pass(&mut self) {
        self.time.pass().await;
        self.settle().await;
        self.check_calls();
        self.check_rates();
    }

    /// Waits until nothing is under way any more between replicas and server.
    async fn settle(&mut self) {
        let (mut quiet, mut before) = (0, u64::MAX);
        while quiet < 3 {
            // An answer from the server: what came before it has been answered, and every task has had its turn.
            let _: String = redis::cmd("PING").query_async(&mut self.probe).await.unwrap();
            let now = self.traffic.load(Ordering::Relaxed);
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
        }
    }

    /// The upstream is called once per interval by all that see the store, and by each that does not.
    fn check_calls(&mut self) {
        let calls = self.calls.lock().unwrap();
        for (index, call) in calls.iter().enumerate().skip(self.seen) {
            let at = call.at - self.started;
            if call.alone {
                let caller = self.replicas.iter().find(|replica| replica.number == call.replica);
                let alone = caller.is_some_and(|caller| caller.may_be_alone(call.at));
                assert!(alone, "{at:?}: {call:?} of one that sees the store");
            }
            let same = |earlier: &&Call| {
                if call.alone {
                    earlier.alone && earlier.replica == call.replica
                } else {
                    // Whoever takes over asks again what was asked in vain.
                    !earlier.alone && !earlier.lost
                }
            };
            if let Some(last) = calls[..index].iter().rev().find(same) {
                let apart = call.at - last.at;
                assert!(
                    apart + ROUNDING >= self.interval,
                    "{at:?}: {call:?}, {apart:?} after {last:?}"
                );
            }
        }
        self.seen = calls.len();
    }

    /// Every replica that sees the store has the newest rates within a second.
    fn check_rates(&mut self) {
        let leader = self.leader();
        let connected = self.replicas.iter().filter(|replica| !replica.way.is_cut());
        for replica in connected.clone().filter(|replica| Some(replica.number) == leader) {
            let published = replica.state.published();
            let Some(snapshot) = published.snapshot() else { continue };
            let id = snapshot.id().to_string();
            if self.newest.as_ref().is_none_or(|newest| newest.id != id) {
                let (confirmed, since) = (snapshot.confirmed(), Instant::now());
                self.newest = Some(Newest { id, confirmed, since });
            }
        }
        let Some(newest) = &self.newest else { return };
        for replica in connected {
            let connected = replica.connected.is_some_and(|since| since.elapsed() >= JOINING);
            if newest.since.elapsed() < DELIVERY || !connected {
                continue;
            }
            let published = replica.state.published();
            let (number, at) = (replica.number, self.time.elapsed());
            let shown = published.snapshot().map(|shown| (shown.id().as_str(), shown.confirmed()));
            // What a replica got while it was alone may be newer, unless by a clock that was wrong.
            let newer = newest.confirmed..=START + at;
            let right = shown.is_some_and(|(id, time)| id == newest.id || newer.contains(&time));
            assert!(right, "{at:?}: replica {number} shows {shown:?} and not {}", newest.id);
        }
    }

    /// Returns how many calls there were, of those who saw the store and of the others.
    pub fn counted(&self) -> (usize, usize) {
        let calls = self.calls.lock().unwrap();
        let alone = calls.iter().filter(|call| call.alone).count();
        (calls.len() - alone, alone)
    }

    /// Returns the replicas that called alone.
    pub fn alone(&self) -> BTreeSet<usize> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.alone).map(|call| call.replica).collect()
    }
}
