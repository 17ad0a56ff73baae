//! Keeps the recent history up to date with the store.
//!
//! A process that refreshes has in memory what it puts there. But it may not have been able to read the
//! store when it started, and another replica may have written while this one was away.

use std::{sync::Arc, time::Duration};

use crate::{
    history::{PATIENCE, STEP},
    rates::Timestamp,
    state::AppState,
};

/// Reads the recent history in each step once, and after each published change until it is complete.
pub async fn run(state: Arc<AppState>) {
    let mut changes = state.changes();
    // The start has read it.
    let mut read_in = state.published().recent_history().last_step().unix_seconds() / STEP;
    loop {
        let step = state.now().unix_seconds() / STEP;
        let due = step != read_in || !state.published().recent_history().is_complete();
        if due && reload(&state).await {
            read_in = step;
        }
        tokio::select! {
            () = tokio::time::sleep(until_next_step(state.now())) => {}
            // What adds nothing is not published: no change of ours makes us read again and again.
            _ = changes.changed() => {}
        }
    }
}

/// Reads it anew, and publishes what is not known of it; false if too many others read the history.
async fn reload(state: &AppState) -> bool {
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
        // Read at once, and nothing there: that it is complete is the only change.
        assert!(state.published().recent_history().is_complete());
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        state.store.put(&snapshot(20), START);
        until(STEP - 1).await;
        assert!(!changes.has_changed().unwrap());
        assert_eq!(known(), 0);
        until(STEP + 1).await;
        assert_eq!(known(), 1);
        // And not read again in this step, whatever is published.
        state.store.put(&snapshot(STEP + 20), START);
        state.publish(|published| Some(published.with_next_refresh(START)));
        until(STEP + 900).await;
        assert_eq!(known(), 1);
        until(2 * STEP + 1).await;
        assert_eq!(known(), 2);
        task.abort();
    }
}
