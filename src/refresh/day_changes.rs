//! Changes over a day by the source's own account, until the history here can tell them.
//!
//! They are asked for at the start, and once an hour as long as a currency that the source knows has no change of
//! our own. They go with the snapshot to the store and to the other replicas.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    published::Published,
    rates::{Code, DayChanges, Quotation, Span, Timestamp},
    state::AppState,
};

/// The time between two questions.
pub const EVERY: Duration = Duration::from_secs(3_600);

/// How many percentage points the source's account and ours may differ: they are up to an hour apart.
const TOLERATED: f64 = 3.0;

/// Returns the currencies to ask for, if it is time to ask. `known` are those that the source knows, if it has been
/// asked.
pub fn to_ask(
    published: &Published,
    known: Option<&BTreeSet<Code>>,
    now: Timestamp,
) -> Option<Vec<Code>> {
    let snapshot = published.snapshot()?;
    let recent = |changes: &Arc<DayChanges>| now.seconds_since(changes.time()) < EVERY.as_secs();
    if snapshot.day_changes().is_some_and(recent) {
        return None;
    }
    let moving = snapshot.given().map(|rate| &rate.code).filter(|code| !code.is_constant());
    let codes: Vec<Code> =
        moving.filter(|code| known.is_none_or(|known| known.contains(code))).cloned().collect();
    codes.iter().any(|code| own(published, code).is_none()).then_some(codes)
}

/// Publishes what the source has told, and has it stored.
pub fn publish(state: &Arc<AppState>, changes: DayChanges) {
    compare(&state.published(), &changes);
    let changes = Some(Arc::new(changes));
    state.publish(|published| {
        let snapshot = published.snapshot()?.as_ref().clone().with_day_changes(changes);
        Some(published.with_snapshot(snapshot, published.next_refresh()))
    });
    // Not awaited: a disk that hangs must not delay the next refresh.
    let state = Arc::clone(state);
    tokio::task::spawn_blocking(move || {
        if let Some(snapshot) = state.published().snapshot() {
            state.store.put(snapshot, state.now());
        }
    });
}

/// Logs how far the source's account is from ours, where there are both.
fn compare(published: &Published, changes: &DayChanges) {
    let Some((code, points)) = largest_difference(published, changes) else { return };
    let source = changes.source();
    if points > TOLERATED {
        tracing::warn!(%source, %code, points, "the source tells other changes over a day than the history");
    } else {
        tracing::info!(%source, %code, points, "the source's changes over a day agree with the history");
    }
}

/// Returns by how many percentage points the two differ most, and where.
fn largest_difference(published: &Published, changes: &DayChanges) -> Option<(Code, f64)> {
    let rates = published.snapshot()?.given().filter(|rate| !rate.code.is_constant());
    let differences = rates.filter_map(|rate| {
        let told = changes.change(&rate.code, &Code::btc(), Quotation::Inverse)?;
        Some((rate.code.clone(), (told - own(published, &rate.code)?).abs()))
    });
    differences.max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Returns the change that the history tells.
fn own(published: &Published, code: &Code) -> Option<f64> {
    let snapshot = published.snapshot()?;
    let recent = published.recent_history();
    recent.own_change(snapshot, Span::Day, code, &Code::btc(), Quotation::Inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rates::SourceName,
        test_support::{self, at, with_dollars},
    };

    const NOW: u64 = 1_795_420_800;

    #[test]
    fn the_two_accounts_are_compared_where_both_are_there() {
        let state = test_support::state(Arc::new(|| at(NOW)));
        for (time, dollars) in [(NOW - 86_400, 70_000.0), (NOW, 77_000.0)] {
            state.publish(|published| {
                Some(
                    published.refreshed(
                        with_dollars(at(time), dollars),
                        at(NOW) + Duration::from_secs(300),
                    ),
                )
            });
        }
        let told = |changes: &[(&str, f64)]| {
            let changes = changes.iter().map(|(code, by)| (code.parse().unwrap(), *by)).collect();
            let changes = DayChanges::new(SourceName::Coingecko, at(NOW), changes).unwrap();
            let (code, points) = largest_difference(&state.published(), &changes)?;
            Some((code.to_string(), (points * 100.0).round()))
        };
        assert_eq!(told(&[("usd", 12.5), ("eur", -1.0)]), Some(("usd".to_owned(), 250.0)));
        assert_eq!(told(&[("usd", 10.1), ("eur", -1.0)]), Some(("eur".to_owned(), 100.0)));
        assert_eq!(told(&[]), None);
    }
}
