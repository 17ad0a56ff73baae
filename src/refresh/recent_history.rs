//! Keeps the recent history up to date with the store.
//!
//! A process adds its own snapshots in memory. But the store may have been unreadable at the start, and
//! other replicas write to it, too.

use std::{sync::Arc, time::Duration};

use crate::{
    history::{PATIENCE, STEP},
    rates::Timestamp,
    state::AppState,
};

/// Reads the recent history once per step, and after each published change until it is complete.
pub async fn run(state: Arc<AppState>) {
    let mut changes = state.changes();
    // It was read at the start.
    let mut read_in = state.published().recent_history().last_step().unix_seconds() / STEP;
    loop {
        let step = state.now().unix_seconds() / STEP;
        let due = step != read_in || !state.published().recent_history().is_complete();
        if due && reload(&state).await {
            read_in = step;
        }
        tokio::select! {
            () = tokio::time::sleep(until_next_step(state.now())) => {}
            // A read that adds nothing is not published, so this can't trigger itself for ever.
            _ = changes.changed() => {}
        }
    }
}

/// Reads the recent history again, and publishes what is new. Returns false if it could not be read.
pub async fn reload(state: &AppState) -> bool {
    let Ok(read) = state.history.recent(state.now(), PATIENCE).await else { return false };
    state.publish(|published| published.with_recent_history(&read, state.now()));
    true
}

fn until_next_step(now: Timestamp) -> Duration {
    Duration::from_secs(STEP - now.unix_seconds() % STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rates::Snapshot, test_support};

    /// A full hour.
    const START: Timestamp = Timestamp::from_unix_seconds(1_795_420_800);

    fn snapshot(second: u64) -> Snapshot {
        test_support::live(START + Duration::from_secs(second))
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_replica_has_kept_is_there_with_the_next_step() {
        let started = tokio::time::Instant::now();
        let state = test_support::state(Arc::new(move || START + started.elapsed()));
        let mut changes = state.changes();
        let until = async |second| {
            tokio::time::sleep_until(started + Duration::from_secs(second)).await;
        };
        let known = || state.published().recent_history().steps().iter().flatten().count();
        let task = tokio::spawn(run(Arc::clone(&state)));
        until(10).await;
        // Read at once. The store is empty, so the only change is that the history is complete.
        assert!(state.published().recent_history().is_complete());
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        state.store.put(&snapshot(20), START);
        until(STEP - 1).await;
        assert!(!changes.has_changed().unwrap());
        assert_eq!(known(), 0);
        until(STEP + 1).await;
        assert_eq!(known(), 1);
        // Not read again in this step, whatever is published.
        state.store.put(&snapshot(STEP + 20), START);
        state.publish(|published| Some(published.with_next_refresh(START)));
        until(STEP + 900).await;
        assert_eq!(known(), 1);
        until(2 * STEP + 1).await;
        assert_eq!(known(), 2);
        task.abort();
    }
}
