//! Brings the last day up to date with the store.
//!
//! A process that refreshes has in memory what it puts there. But it may not have been able to read the
//! store when it started, and another replica may have written while this one was away.

use std::{sync::Arc, time::Duration};

use super::recent::{STEP, step_of};
use crate::{rates::Timestamp, state::AppState};

/// Reads the last day in each step once, and after each new board until it is complete.
pub async fn run(state: Arc<AppState>) {
    let mut changes = state.changes();
    // The start has read it.
    let mut read_in = state.published().day().last_step();
    loop {
        let step = step_of(state.now());
        let due = step != read_in || !state.published().day().is_complete();
        if due && state.recall_day().await {
            read_in = step;
        }
        tokio::select! {
            () = tokio::time::sleep(until_next_step(state.now())) => {}
            // A day that tells nothing new is not put up: no board of ours makes us read again and again.
            _ = changes.changed() => {}
        }
    }
}

fn until_next_step(now: Timestamp) -> Duration {
    Duration::from_secs(STEP - now.unix_seconds() % STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Config,
        rates::{Snapshot, SourceName},
        sources::sample,
    };

    /// A full hour.
    const START: Timestamp = Timestamp::from_unix_seconds(1_795_420_800);

    fn snapshot(second: u64) -> Snapshot {
        let (time, rates) = (START + Duration::from_secs(second), sample::snapshot());
        Snapshot::new(SourceName::Coingecko, time, rates.rates().to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_replica_has_kept_is_there_with_the_next_step() {
        let started = tokio::time::Instant::now();
        let clock = Arc::new(move || START + started.elapsed());
        let config = Config::read(|name| (name == "STORE_URL").then(|| "memory:".to_owned()));
        let state = AppState::new(config.unwrap(), clock);
        let mut changes = state.changes();
        let until = async |second| {
            tokio::time::sleep_until(started + Duration::from_secs(second)).await;
        };
        let known = || state.published().day().steps().iter().flatten().count();
        let task = tokio::spawn(run(Arc::clone(&state)));
        until(10).await;
        // Read at once, and nothing there; no new board makes the next one.
        assert!(state.published().day().is_complete());
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        state.store.put(&snapshot(20), START);
        until(STEP - 1).await;
        assert!(!changes.has_changed().unwrap());
        assert_eq!(known(), 0);
        until(STEP + 1).await;
        assert_eq!(known(), 1);
        // And not read again in this step, whatever goes up.
        state.store.put(&snapshot(STEP + 20), START);
        state.publish(|published| Some(published.standing(START)));
        until(STEP + 900).await;
        assert_eq!(known(), 1);
        until(2 * STEP + 1).await;
        assert_eq!(known(), 2);
        task.abort();
    }
}
