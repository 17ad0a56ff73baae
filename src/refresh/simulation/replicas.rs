//! Fifty replicas on one real redis-server, with the real code of lease, updates, store and refresh loop, while
//! replicas die, networks part and clocks differ by minutes.
//!
//! Time passes in steps, for tasks and server alike, and each step waits for all that follows from the one before: an
//! hour takes seconds, and a busy machine changes nothing but how long that is. `World` looks after each step at
//! what must be true always: one leader at most, one call of the upstream per interval, the newest rates on all
//! replicas within a second.

mod network;
mod replica;
mod time;
mod world;

use std::time::Duration;

use tokio::time::Instant;

use self::world::{INTERVAL, World};

const REPLICAS: usize = 50;

#[tokio::test(start_paused = true)]
async fn fifty_replicas_call_once_whoever_dies() {
    let mut world = World::start(REPLICAS, INTERVAL).await;
    world.until_refreshed().await;
    for round in 0..4 {
        // Any of them but the leader, and the leader goes on.
        let leader = world.leader();
        let gone =
            world.kill(|replica| replica.number % 5 == round && Some(replica.number) != leader);
        assert!(gone > 5);
        world.join(gone).await;
        world.until_refreshed().await;
        assert_eq!(world.leader(), leader);
        // The leader, between two refreshes: no call too many, and none too few.
        let calls = world.counted();
        world.kill(|replica| Some(replica.number) == leader);
        world.join(1).await;
        world.until_refreshed().await;
        assert_eq!(world.counted(), (calls.0 + 1, 0));
        // The leader and half of the others in its call: the next one asks again, once.
        world.until("a call", INTERVAL, World::leader_calls).await;
        let leader = world.leader();
        let gone = world.kill(|replica| replica.number % 2 == 0 || Some(replica.number) == leader);
        world.join(gone).await;
        world.until_refreshed().await;
        assert_eq!(world.counted(), (calls.0 + 3, 0));
        // In order: another leads at once, and nobody asks before it is time.
        let leader = world.leader();
        world.drain(leader);
        let another = |world: &World| world.leader().is_some_and(|other| Some(other) != leader);
        world.until("another leads", Duration::from_secs(3), another).await;
        world.kill(|replica| Some(replica.number) == leader);
        world.join(1).await;
        world.until_refreshed().await;
        assert_eq!(world.counted(), (calls.0 + 4, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_are_cut_off_call_once_each_and_come_back() {
    let mut world = World::start(REPLICAS, INTERVAL).await;
    world.until_refreshed().await;
    // For less time than their patience: nobody notices.
    let leader = world.leader();
    world.cut(|replica| replica.number % 2 == 0 && Some(replica.number) != leader);
    world.wait(Duration::from_secs(7)).await;
    world.mend();
    world.until_refreshed().await;
    assert_eq!(world.counted(), (2, 0));
    // Ten of them and the leader, for some intervals, and three that are new. All readers get new rates.
    let leader = world.leader();
    world.cut(|replica| replica.number % 5 == 1 || Some(replica.number) == leader);
    for _ in 0..3 {
        world.join_cut_off().await;
    }
    let cut = world.replicas.iter().filter(|replica| replica.way.is_cut()).count();
    for _ in 0..3 {
        world.until_refreshed().await;
    }
    assert!(world.leader().is_some() && world.leader() != leader);
    assert_eq!(world.alone().len(), cut);
    let (together, alone) = world.counted();
    assert_eq!(together, 5);
    assert!((2 * cut..=4 * cut).contains(&alone), "{alone} calls of {cut}");
    // The leader of the others is cut off in a call, while these come back.
    world.until("a call", INTERVAL, World::leader_calls).await;
    world.mend();
    let leader = world.leader();
    world.cut(|replica| Some(replica.number) == leader);
    world.until_refreshed().await;
    world.mend();
    let (_, before) = world.counted();
    for _ in 0..3 {
        world.until_refreshed().await;
    }
    // Nobody is alone any more.
    assert_eq!(world.counted().1, before);
}

/// What docs/performance.md says of the shared store; with `--nocapture`, its figures.
#[tokio::test(start_paused = true)]
async fn what_replicas_cost_the_store_grows_with_their_number_alone() {
    let mut memory = Vec::new();
    for number in [10_u32, 50] {
        let mut world = World::start(number as usize, Duration::from_secs(300)).await;
        world.until_refreshed().await;
        let begun = Instant::now();
        world.redis.cli(&["CONFIG", "RESETSTAT"]);
        world.until_refreshed().await;
        let (told, replicas) = (world.redis.cli(&["INFO", "everything"]), f64::from(number));
        let figure = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let end = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
            let figure: f64 = line[..end].parse().unwrap();
            println!("{number} replicas, {:?}: {name}{figure}", begun.elapsed());
            figure
        };
        let each_second = |figure: f64| figure / replicas / begun.elapsed().as_secs_f64();
        // The lease is renewed, or asked for, once in two seconds.
        let scripts = each_second(figure("cmdstat_evalsha:calls="));
        assert!((0.49..0.53).contains(&scripts), "{scripts}");
        let bytes = ["total_net_input_bytes:", "total_net_output_bytes:"].map(figure);
        assert!(each_second(bytes[0] + bytes[1]) < 300.0, "{bytes:?}");
        // Two of each, and those of the test.
        assert_eq!(figure("connected_clients:").to_string(), (2 * number + 2).to_string());
        memory.push(figure("used_memory:"));
    }
    let each = (memory[1] - memory[0]) / 40.0;
    assert!((10_000.0..30_000.0).contains(&each), "{each} bytes for a replica");
}
