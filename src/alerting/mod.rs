//! Tells somebody when a value has crossed a threshold: looks at each new snapshot, and sends what the rules say.
//!
//! What is decided is written to the store before it is sent (an outbox). So it is sent after a restart, too, and by
//! the next leader; and what was sent is not decided again. `evaluation` decides, `delivery` sends, and both share the
//! [`Desk`]. Only a process that decides alone does either: one with the lease, or with its store to itself.

mod delivery;
mod desk;
mod evaluation;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use self::desk::Desk;
use crate::{alerts::AlertRules, state::AppState, webhook::Webhook};

/// Evaluates these rules and sends what comes of it, until the service drains. Ends when a message under way is sent.
pub async fn run(
    state: Arc<AppState>,
    rules: AlertRules,
    webhook: Webhook,
    draining: CancellationToken,
) {
    tracing::info!(rules = rules.get().len(), to = webhook.url.host(), "alerts are sent");
    let desk = Desk::new(state);
    let evaluation = draining.run_until_cancelled(evaluation::run(&desk, &rules));
    let _ = tokio::join!(evaluation, delivery::run(&desk, &webhook, &draining));
}
