//! Looks at each new snapshot.

use std::{collections::BTreeMap, time::Duration};

use super::desk::{Desk, Kept};
use crate::{
    alerts::{AlertRules, Observation, Unmeasured},
    published::Published,
    rates::{CacheStatus, Quotation, Snapshot, SourceName, Timestamp},
};

/// How often a store is asked again that could not be read or written.
const RETRY: Duration = Duration::from_secs(2);

/// Evaluates these rules for each snapshot that is published, for ever.
pub async fn run(desk: &Desk, rules: &AlertRules) {
    let (mut changes, mut role) = (desk.state.changes(), desk.state.role());
    let mut evaluation = Evaluation { desk, rules, unmeasured: BTreeMap::new() };
    loop {
        evaluation.evaluate().await;
        tokio::select! {
            _ = changes.changed() => {}
            // A leader renews its lease, so that it also comes by here every two seconds.
            _ = role.changed() => {}
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

struct Evaluation<'a> {
    desk: &'a Desk,
    rules: &'a AlertRules,
    /// The rules that can't be measured.
    unmeasured: BTreeMap<String, Unmeasured>,
}

impl Evaluation<'_> {
    /// Looks at the current snapshot, unless it was looked at before, and writes down what comes of it.
    async fn evaluate(&mut self) {
        let mut kept = self.desk.open().await;
        let seen = self.look(&mut kept).unwrap_or_default();
        self.desk.write(&mut kept, seen.changed).await;
        if !seen.fired.is_empty() {
            self.desk.news.notify_one();
        }
    }

    fn look(&mut self, kept: &mut Kept) -> Option<Observation> {
        let state = &self.desk.state;
        let (published, now) = (state.published(), state.now());
        let (ledger, snapshot) = (kept.ledger.as_mut()?, current(&published, now)?);
        if kept.evaluated.as_ref() == Some(snapshot.id()) {
            return None;
        }
        let recent = published.recent_history();
        let seen = ledger.observe(self.rules, snapshot, now, |rule, within| {
            recent.own_change(snapshot, within, &rule.quote, &rule.base, Quotation::Inverse)
        });
        kept.evaluated = Some(snapshot.id().clone());
        for rule in &seen.fired {
            tracing::info!(rule, snapshot_id = %snapshot.id(), "an alert rule has fired");
        }
        if seen.given_up > 0 {
            let messages = seen.given_up;
            tracing::warn!(messages, "too many alerts wait: the oldest are given up");
            state.metrics.alerts_sent("given_up", messages);
        }
        let (fired, unmeasured) = (ledger.fired(), seen.unmeasured.len());
        let armed = self.rules.get().len().saturating_sub(fired + unmeasured);
        let states = [("armed", armed), ("fired", fired), ("unmeasured", unmeasured)];
        state.metrics.alert_rules(states);
        for (rule, why) in &seen.unmeasured {
            if self.unmeasured.get(rule) != Some(why) {
                tracing::warn!(rule, %why, "an alert rule can't be measured");
            }
        }
        self.unmeasured.clone_from(&seen.unmeasured);
        Some(seen)
    }
}

/// Returns the published snapshot, if it tells what things are worth now.
///
/// The sample tells nothing of now. Stale rates are known to be overtaken, nobody knows by how much: a threshold that
/// lies between them and the last ones was crossed long ago, or is already crossed back.
fn current(published: &Published, now: Timestamp) -> Option<&Snapshot> {
    let snapshot = published.snapshot()?;
    let live = snapshot.source() != SourceName::Sample;
    (live && published.status(snapshot, now) != CacheStatus::Stale).then_some(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rates::RefreshSchedule,
        sources::{SourceError, sample},
        test_support::{at, live},
    };

    #[test]
    fn only_live_rates_that_are_not_stale_tell_what_things_are_worth_now() {
        let seconds = Duration::from_secs;
        let [interval, grace, unchanged_after] = [300, 10, 3_600].map(seconds);
        let schedule = RefreshSchedule { interval, grace, unchanged_after };
        let empty = Published::empty(at(0), schedule);
        let looks = |published: &Published, now| current(published, at(now)).is_some();
        assert!(!looks(&empty, 1_000));
        let live = empty.refreshed(live(at(1_000)), at(1_300));
        assert_eq!([1_000, 1_310, 1_311].map(|now| looks(&live, now)), [true, true, false]);
        // As after a restart in an outage.
        let failed = live.failed(&SourceError::NoRates, at(1_400));
        assert_eq!([1_300, 1_301].map(|now| looks(&failed, now)), [true, false]);
        assert!(!looks(&empty.refreshed(sample::snapshot(), at(1_300)), 1_000));
    }
}
