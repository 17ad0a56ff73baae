//! What is sent when a rule fires.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rule::AlertRule;
use crate::rates::{
    Code, Condition, Digits, Direction, Quote, Snapshot, SourceName, Span, Timestamp,
};

/// A message that waits until it is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same for the same rule and snapshot, whoever decides and however often: receivers tell repeats by it.
    pub id: String,
    /// When it was decided.
    pub created: Timestamp,
    /// JSON.
    pub body: String,
}

/// What a rule was measured to be.
pub struct Measured {
    pub quote: Quote,
    /// The change in percent, for a rule about changes.
    pub change: Option<f64>,
}

/// The body. `text` is what chats show of an incoming webhook.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    text: String,
    rule: &'a str,
    base: &'a Code,
    quote: &'a Code,
    direction: Direction,
    /// A value, or for a change its percent.
    threshold: f64,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'static str>,
    snapshot_id: &'a str,
    last_updated: String,
    source: &'static str,
}

impl Message {
    /// Makes the message of a rule that has fired.
    pub fn new(
        rule: &AlertRule,
        direction: Direction,
        measured: &Measured,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let source = snapshot.source();
        let body = Body {
            r#type: "alert",
            timestamp: now.to_string(),
            text: text(rule, measured, source, snapshot.last_updated()),
            rule: &rule.name,
            base: &rule.base,
            quote: &rule.quote,
            direction,
            threshold: rule.condition.threshold(),
            value: measured.quote.value,
            change_percent: measured.change,
            within: within(rule).map(Span::as_str),
            snapshot_id: snapshot.id().as_str(),
            last_updated: snapshot.last_updated().to_string(),
            source: source.as_str(),
        };
        let id = id(rule, direction, snapshot);
        Ok(Self { id, created: now, body: serde_json::to_string(&body)? })
    }

    /// Returns whether it can be sent: what comes from a store deserves no more trust than anything else.
    pub fn is_sane(&self) -> bool {
        const LONGEST_BODY: usize = 8 * 1024;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let id = (1..=64).contains(&self.id.len()) && self.id.bytes().all(plain);
        id && self.body.len() <= LONGEST_BODY
    }
}

fn within(rule: &AlertRule) -> Option<Span> {
    match rule.condition {
        Condition::Change { within, .. } => Some(within),
        Condition::Above(_) | Condition::Below(_) => None,
    }
}

fn text(rule: &AlertRule, measured: &Measured, source: SourceName, taken: Timestamp) -> String {
    let Measured { quote, change } = measured;
    let (base, counter) = (rule.base.shown(), rule.quote.shown());
    let mut text = format!("{}: 1 {base} = {} {counter}", rule.name, quote.written(Digits::Usual));
    let threshold = |value| quote.at(value).written(Digits::Usual);
    // Writing to a string does not fail.
    let _ = match (rule.condition, change) {
        (Condition::Above(value), _) => write!(text, ", above {}", threshold(value)),
        (Condition::Below(value), _) => write!(text, ", below {}", threshold(value)),
        (Condition::Change { within, .. }, Some(change)) => {
            write!(text, ", {change:+.2} % in {}", within.label())
        }
        (Condition::Change { .. }, None) => Ok(()),
    };
    let _ = write!(text, ". {}, {}", source.label(), taken.readable());
    text
}

fn id(rule: &AlertRule, direction: Direction, snapshot: &Snapshot) -> String {
    let terms = rule.terms();
    let side = format!("{direction:?}");
    let mut digest = Sha256::new();
    for part in [&*rule.name, &*terms, &*side, snapshot.id().as_str()] {
        digest.update(part);
        digest.update([0]);
    }
    let mut id = "alert_".to_owned();
    for byte in &digest.finalize()[..16] {
        let _ = write!(id, "{byte:02x}");
    }
    id
}
