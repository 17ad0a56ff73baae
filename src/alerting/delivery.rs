//! Sends what was decided.

use std::{collections::HashMap, time::Duration};

use rand::RngExt;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use crate::{
    alerts::Message,
    backoff::full_jitter,
    webhook::{Webhook, WebhookError},
};

/// How long a message is worth sending.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// The longest pause after a first failure. It doubles with each further one, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// Sends the messages in the ledger to this webhook, until the service drains. One under way is finished.
pub async fn run(desk: &Desk, webhook: &Webhook, draining: &CancellationToken) {
    let mut role = desk.state.role();
    let mut delivery = Delivery::new(desk, webhook);
    while !draining.is_cancelled() {
        let due = match delivery.next().await {
            Some((message, due)) if due <= Instant::now() => {
                delivery.send(message).await;
                continue;
            }
            next => next.map(|(_, due)| due),
        };
        tokio::select! {
            () = draining.cancelled() => {}
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            () = desk.news.notified() => {}
            _ = role.changed() => {}
        }
    }
}

struct Delivery<'a> {
    desk: &'a Desk,
    webhook: &'a Webhook,
    /// By the ids of the messages.
    tries: HashMap<String, Tries>,
    /// Until when the receiver wants no messages.
    rested: Instant,
    /// The outcome of the last call, if that failed.
    failure: Option<&'static str>,
}

/// What has come of sending a message.
struct Tries {
    count: u32,
    /// No further call begins before.
    due: Instant,
}

impl<'a> Delivery<'a> {
    fn new(desk: &'a Desk, webhook: &'a Webhook) -> Self {
        let rested = Instant::now();
        Self { desk, webhook, tries: HashMap::new(), rested, failure: None }
    }

    /// Returns the message to send next, and when. Gives up what has waited for too long.
    async fn next(&mut self) -> Option<(Message, Instant)> {
        let Desk { state, .. } = self.desk;
        let mut kept = self.desk.open().await;
        let given_up = kept.ledger.as_mut()?.give_up(GIVEN_UP_AFTER, state.now());
        if given_up > 0 {
            tracing::warn!(messages = given_up, "alerts that nobody took for a day are given up");
            state.metrics.alerts_sent("given_up", given_up);
            self.desk.write(&mut kept, true).await;
        }
        let waiting = kept.ledger.as_ref()?.waiting();
        self.tries.retain(|id, _| waiting.iter().any(|message| message.id == *id));
        let now = Instant::now();
        let due = |message: &&Message| self.tries.get(&message.id).map_or(now, |tries| tries.due);
        // Of several the oldest.
        let next = waiting.iter().min_by_key(due)?;
        Some((next.clone(), due(&next).max(self.rested)))
    }

    /// Sends a message once, and removes it if it was taken.
    async fn send(&mut self, message: Message) {
        let state = &self.desk.state;
        let sent = self.webhook.post(&message.id, &message.body, state.now()).await;
        let outcome = sent.as_ref().map_or_else(WebhookError::outcome, |()| "ok");
        state.metrics.alerts_sent(outcome, 1);
        match sent {
            Ok(()) => {
                tracing::info!(id = message.id, "an alert was sent");
                self.failure = None;
                self.remove(&message).await;
            }
            Err(error) if error.is_gone() => {
                tracing::warn!(id = message.id, %error, "an alert is wanted by nobody: given up");
                state.metrics.alerts_sent("given_up", 1);
                self.remove(&message).await;
            }
            Err(error) => {
                if self.failure.replace(outcome) == Some(outcome) {
                    tracing::debug!(id = message.id, %error, "an alert could not be sent");
                } else {
                    tracing::warn!(id = message.id, %error, "an alert could not be sent: tried again");
                }
                self.put_off(message, error.retry_after());
            }
        }
    }

    async fn remove(&mut self, message: &Message) {
        let mut kept = self.desk.open().await;
        // Nothing is there any more if another replica has taken over, which sends it again, under the same id.
        if let Some(ledger) = kept.ledger.as_mut() {
            ledger.remove(&message.id);
            self.desk.write(&mut kept, true).await;
        }
    }

    /// Lets a message wait after a failure.
    fn put_off(&mut self, message: Message, retry_after: Option<Duration>) {
        let now = Instant::now();
        if let Some(wait) = retry_after {
            self.rested = now + wait;
        }
        // Short intervals are for tests, as they are for refreshes.
        let first = FIRST_PAUSE.min(self.desk.state.config.cache_duration / 4);
        let tries = self.tries.entry(message.id).or_insert(Tries { count: 0, due: now });
        tries.count = tries.count.saturating_add(1);
        tries.due = now + full_jitter(first, LONGEST_PAUSE, tries.count, rand::rng().random());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use prometheus_client::encoding::text::encode_registry;

    use super::*;
    use crate::{
        sources,
        state::AppState,
        test_support::{self, at, with_dollars},
    };

    const START: u64 = 1_795_420_800;
    const DAY: u64 = 86_400;

    fn counted(state: &AppState, outcome: &str) -> u32 {
        let mut text = String::new();
        encode_registry(&mut text, state.metrics.registry()).unwrap();
        let series = format!("crypto_app_alerts_sent_total{{outcome=\"{outcome}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&series)?.parse().ok()).unwrap_or(0)
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_takes_is_tried_ever_more_rarely_for_a_day() {
        let started = Instant::now();
        let state = test_support::state(Arc::new(move || at(START) + started.elapsed()));
        let rules = include_str!("../../tests/fixtures/alerts.toml").parse().unwrap();
        let snapshot = with_dollars(at(START), 90_000.0);
        let mut ledger = crate::alerts::Ledger::default();
        assert_eq!(ledger.observe(&rules, &snapshot, at(START), |_, _| None).fired.len(), 1);
        state.store.put_alerts(&ledger, at(START)).unwrap();
        let timeout = Duration::from_secs(10);
        let client = sources::client(timeout).unwrap();
        let url = "http://127.0.0.1:9/hooks".parse().unwrap();
        let webhook = Webhook { client, url, secret: None, timeout };
        let (desk, draining) = (Desk::new(Arc::clone(&state)), CancellationToken::new());
        let until = |seconds| sleep_until(started + Duration::from_secs(seconds));
        let failed = || counted(&state, "unreachable") + counted(&state, "timeout");
        let watch = async {
            until(3_600).await;
            // Pauses of up to 15 and 30 seconds, 1, 2, 4, 8, 16 and 30 minutes.
            assert!(failed() >= 8, "{}", failed());
            until(DAY - 1).await;
            assert_eq!(counted(&state, "given_up"), 0);
            until(DAY + 1_800).await;
            assert_eq!((counted(&state, "given_up"), counted(&state, "ok")), (1, 0));
            let tries = failed();
            // One in half an hour at least, and on average two.
            assert!((48..200).contains(&tries), "{tries}");
            until(2 * DAY).await;
            assert_eq!(failed(), tries);
            draining.cancel();
        };
        tokio::join!(run(&desk, &webhook, &draining), watch);
        assert_eq!(state.store.alerts(at(START)).unwrap().waiting(), []);
    }
}
