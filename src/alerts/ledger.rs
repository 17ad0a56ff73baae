//! What must outlive a process: where each rule stands, and the messages that nobody has taken yet.
//!
//! Both change together, and are written together before anything is sent. So a crossing is decided once, and its
//! message is there until it is taken, whoever stops in between.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    message::{Measured, Message},
    rule::AlertRule,
    rule_file::AlertRules,
};
use crate::rates::{AlertState, Code, Condition, Snapshot, Span, Timestamp};

/// The most messages that wait. Beyond it the oldest is given up: the newest say how things are.
const MOST_WAITING: usize = 256;

/// Rules and messages, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// By the names of the rules.
    rules: BTreeMap<String, Standing>,
    /// In order of time.
    waiting: Vec<Message>,
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Standing {
    /// [`AlertRule::terms`]: with other ones it is another rule, which stands nowhere yet.
    terms: String,
    state: AlertState,
}

/// What came of looking at a snapshot.
#[derive(Debug, Default, PartialEq)]
pub struct Observation {
    /// Whether the ledger has changed.
    pub changed: bool,
    /// The names of the rules that have fired.
    pub fired: Vec<String>,
    /// Those that could not be measured, and why. They stay where they were.
    pub unmeasured: BTreeMap<String, Unmeasured>,
    /// How many messages were given up for want of room.
    pub given_up: usize,
}

/// Why a rule could not be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmeasured {
    #[error("there is no rate of {0}")]
    UnknownCurrency(Code),
    #[error("the source lacks a rate, whose last value stays")]
    CarriedForward,
    #[error("the history does not reach back so far")]
    NoHistory,
}

impl Ledger {
    /// Looks at the rates of a snapshot. `change` tells how a pair has moved over a span, in percent.
    pub fn observe(
        &mut self,
        rules: &AlertRules,
        snapshot: &Snapshot,
        now: Timestamp,
        change: impl Fn(&AlertRule, Span) -> Option<f64>,
    ) -> Observation {
        let before = self.clone();
        let mut seen = Observation::default();
        self.rules.retain(|name, _| rules.get().iter().any(|rule| rule.name == *name));
        for rule in rules.get() {
            let measured = match measure(rule, snapshot, &change) {
                Ok(measured) => measured,
                Err(why) => {
                    seen.unmeasured.insert(rule.name.clone(), why);
                    continue;
                }
            };
            let state = self.state(rule);
            let next = rule.next(state, measured.change.unwrap_or(measured.quote.value));
            if let AlertState::Fired(direction) = next
                && next != state
            {
                match Message::new(rule, direction, &measured, snapshot, now) {
                    Ok(message) => self.waiting.push(message),
                    // It is looked at again with the next snapshot.
                    Err(_) => continue,
                }
                seen.fired.push(rule.name.clone());
            }
            self.rules.insert(rule.name.clone(), Standing { terms: rule.terms(), state: next });
        }
        seen.given_up = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..seen.given_up);
        seen.changed = *self != before;
        seen
    }

    /// Returns where a rule stands. One that was never measured is armed: if its threshold is crossed already, it
    /// fires at once.
    fn state(&self, rule: &AlertRule) -> AlertState {
        let standing = self.rules.get(&rule.name).filter(|standing| standing.terms == rule.terms());
        standing.map_or(AlertState::Armed, |standing| standing.state)
    }

    /// Returns how many rules have fired and wait until their values come back.
    pub fn fired(&self) -> usize {
        self.rules.values().filter(|standing| standing.state != AlertState::Armed).count()
    }

    /// Returns the messages that nobody has taken yet, the oldest first.
    pub fn waiting(&self) -> &[Message] {
        &self.waiting
    }

    /// Removes a message.
    pub fn remove(&mut self, id: &str) {
        self.waiting.retain(|message| message.id != id);
    }

    /// Removes the messages that have waited for so `long`, and returns how many they were.
    pub fn give_up(&mut self, long: Duration, now: Timestamp) -> usize {
        let before = self.waiting.len();
        self.waiting.retain(|message| now.seconds_since(message.created) < long.as_secs());
        before - self.waiting.len()
    }

    /// Leaves out what can't be sent of a ledger from a store.
    #[must_use]
    pub fn checked(mut self) -> Self {
        self.waiting.retain(Message::is_sane);
        let surplus = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..surplus);
        self
    }
}

fn measure(
    rule: &AlertRule,
    snapshot: &Snapshot,
    change: impl Fn(&AlertRule, Span) -> Option<f64>,
) -> Result<Measured, Unmeasured> {
    let unknown = |code: &Code| Unmeasured::UnknownCurrency(code.clone());
    let rebased = snapshot.per(&rule.base).ok_or_else(|| unknown(&rule.base))?;
    let rate = snapshot.get(&rule.quote).ok_or_else(|| unknown(&rule.quote))?;
    if rebased.carried_forward(rate).is_some() {
        return Err(Unmeasured::CarriedForward);
    }
    let quote = rebased.quote(rate);
    let change = match rule.condition {
        Condition::Change { within, .. } => {
            Some(change(rule, within).ok_or(Unmeasured::NoHistory)?)
        }
        Condition::Above(_) | Condition::Below(_) => None,
    };
    Ok(Measured { quote, change })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{at, live, with_dollars};

    fn rules(text: &str) -> AlertRules {
        text.parse().unwrap()
    }

    fn above(name: &str, threshold: f64) -> String {
        format!(
            "[[alert]]\nname = \"{name}\"\nbase = \"btc\"\nquote = \"usd\"\nabove = {threshold}\n"
        )
    }

    fn observe(ledger: &mut Ledger, rules: &AlertRules, time: u64, dollars: f64) -> Observation {
        ledger.observe(rules, &with_dollars(at(time), dollars), at(time), |_, _| None)
    }

    fn bodies(ledger: &Ledger) -> Vec<serde_json::Value> {
        let body = |message: &Message| serde_json::from_str(&message.body).unwrap();
        ledger.waiting().iter().map(body).collect()
    }

    #[test]
    fn a_crossing_is_one_message_that_says_all() {
        let (mut ledger, rules) = (Ledger::default(), rules(&above("Bitcoin above 80,000", 80e3)));
        assert!(observe(&mut ledger, &rules, 1_000, 79_000.0).changed);
        let crossed = observe(&mut ledger, &rules, 1_300, 80_123.456);
        assert_eq!(crossed.fired, ["Bitcoin above 80,000"]);
        let after = ledger.clone();
        for (time, dollars) in [(1_600, 80_100.0), (1_900, 79_999.0), (2_200, 80_001.0)] {
            assert_eq!(observe(&mut ledger, &rules, time, dollars), Observation::default());
        }
        assert_eq!(ledger, after);
        let snapshot = with_dollars(at(1_300), 80_123.456);
        let expected = serde_json::json!({
            "type": "alert",
            "timestamp": "1970-01-01T00:21:40Z",
            "text": "Bitcoin above 80,000: 1 BTC = 80,123.46 USD, above 80,000.00. \
                     CoinGecko, 1970-01-01 00:21:40 UTC",
            "rule": "Bitcoin above 80,000",
            "base": "btc",
            "quote": "usd",
            "direction": "above",
            "threshold": 80_000.0,
            "value": 80_123.456,
            "snapshot_id": snapshot.id().as_str(),
            "last_updated": "1970-01-01T00:21:40Z",
            "source": "coingecko",
        });
        assert_eq!(bodies(&ledger), [expected]);
        let message = &ledger.waiting()[0];
        assert!(message.is_sane() && message.id.len() == 38, "{message:?}");
        ledger.remove(&ledger.waiting()[0].id.clone());
        assert_eq!((ledger.waiting().len(), ledger.fired()), (0, 1));
    }

    #[test]
    fn a_change_says_how_far_and_within_which_time() {
        let text = above("Bitcoin moves", 1.0).replace("above = 1", "change = \"3%\"");
        let (mut ledger, rules) = (Ledger::default(), rules(&text));
        let snapshot = with_dollars(at(90_000), 80_000.0);
        let unmeasured = ledger.observe(&rules, &snapshot, at(90_000), |_, _| None).unmeasured;
        assert_eq!(unmeasured["Bitcoin moves"], Unmeasured::NoHistory);
        let seen = ledger.observe(&rules, &snapshot, at(90_000), |rule, span| {
            assert_eq!((rule.quote.as_str(), span), ("usd", Span::Day));
            Some(-3.21)
        });
        assert_eq!(seen.fired.len(), 1);
        let body = &bodies(&ledger)[0];
        let text = body["text"].as_str().unwrap();
        let start = "Bitcoin moves: 1 BTC = 80,000.00 USD, -3.21 % in 24 h. CoinGecko, ";
        assert!(text.starts_with(start), "{text}");
        let told =
            ["direction", "threshold", "change_percent", "within"].map(|it| body[it].clone());
        let expected = serde_json::json!(["down", 3.0, -3.21, "24h"]);
        assert_eq!(serde_json::json!(told), expected);
    }

    #[test]
    fn a_rule_that_is_new_or_changed_fires_if_its_threshold_is_crossed_already() {
        let mut ledger = Ledger::default();
        let mut fired =
            |text: &str, time| observe(&mut ledger, &rules(text), time, 80_000.0).fired.len();
        assert_eq!(fired(&above("a", 70e3), 1_000), 1);
        assert_eq!(fired(&above("a", 70e3), 1_300), 0);
        assert_eq!(fired(&above("a", 75e3), 1_600), 1);
        // Another hysteresis is no other rule.
        assert_eq!(fired(&(above("a", 75e3) + "hysteresis = \"2%\"\n"), 1_900), 0);
        assert_eq!(fired(&(above("a", 75e3) + &above("b", 75e3)), 2_200), 1);
        assert_eq!(fired(&above("b", 75e3), 2_500), 0);
        // One that was gone meanwhile is new.
        assert_eq!(fired(&(above("a", 75e3) + &above("b", 75e3)), 2_800), 1);
        assert_eq!(ledger.fired(), 2);
    }

    #[test]
    fn what_is_unknown_or_old_moves_no_rule() {
        let text = above("a", 70e3) + &above("b", 1.0).replace("usd", "xyz");
        let (mut ledger, rules) = (Ledger::default(), rules(&text));
        let usd = "usd".parse().unwrap();
        let without = live(at(1_300)).without(std::slice::from_ref(&usd));
        let old = without.clone().carry_forward(&with_dollars(at(1_000), 80_000.0), |_| true);
        let look = |ledger: &mut Ledger, snapshot: &Snapshot| {
            let seen = ledger.observe(&rules, snapshot, at(1_300), |_, _| None);
            assert_eq!(seen.fired, [""; 0]);
            seen.unmeasured.into_values().map(|why| why.to_string()).collect::<Vec<_>>()
        };
        let xyz = "there is no rate of xyz";
        assert_eq!(look(&mut ledger, &without), ["there is no rate of usd", xyz]);
        let stays = "the source lacks a rate, whose last value stays";
        assert_eq!(look(&mut ledger, &old), [stays, xyz]);
        // Nor does it arm one that has fired.
        assert_eq!(observe(&mut ledger, &rules, 1_600, 80_000.0).fired, ["a"]);
        let low = with_dollars(at(1_600), 60_000.0);
        look(&mut ledger, &without.carry_forward(&low, |_| true));
        assert_eq!(observe(&mut ledger, &rules, 1_900, 80_000.0).fired, [""; 0]);
    }

    #[test]
    fn the_same_decision_has_the_same_id_and_another_has_another() {
        let id = |text: &str, time, dollars| {
            let mut ledger = Ledger::default();
            observe(&mut ledger, &rules(text), time, dollars);
            ledger.waiting()[0].id.clone()
        };
        let a = above("a", 70e3);
        let first = id(&a, 1_000, 80_000.0);
        assert_eq!(id(&a, 1_000, 80_000.0), first);
        for (text, time, dollars) in [
            (a.clone(), 1_300, 80_000.0),
            (a.clone(), 1_000, 80_001.0),
            (above("b", 70e3), 1_000, 80_000.0),
            (above("a", 75e3), 1_000, 80_000.0),
        ] {
            assert_ne!(id(&text, time, dollars), first, "{text}");
        }
    }

    #[test]
    fn the_oldest_are_given_up_beyond_a_number_and_after_a_time() {
        let rules = rules(&above("a", 100.0));
        let (mut ledger, mut time, mut given_up) = (Ledger::default(), 0, 0);
        for _ in 0..MOST_WAITING + 2 {
            for dollars in [200.0, 50.0] {
                time += 300;
                given_up += observe(&mut ledger, &rules, time, dollars).given_up;
            }
        }
        assert_eq!((ledger.waiting().len(), given_up), (MOST_WAITING, 2));
        assert_eq!(ledger.waiting()[0].created, at(1_500));
        let day = Duration::from_secs(86_400);
        assert_eq!(ledger.give_up(day, at(1_500 + 86_399)), 0);
        assert_eq!(ledger.give_up(day, at(1_500 + 86_400)), 1);
        // A clock that was set back gives up nothing.
        assert_eq!(ledger.give_up(day, at(0)), 0);
    }

    #[test]
    fn it_reads_back_whole_but_for_what_can_not_be_sent() {
        let mut ledger = Ledger::default();
        observe(&mut ledger, &rules(&above("a", 70e3)), 1_000, 80_000.0);
        let text = serde_json::to_string(&ledger).unwrap();
        let read = |text: &str| serde_json::from_str::<Ledger>(text).unwrap().checked();
        assert_eq!(read(&text), ledger);
        assert_eq!(read(&text.replace("\"alert_", "\"alert\\n")).waiting(), []);
    }
}
