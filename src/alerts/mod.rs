//! Alert rules: when somebody is told that a value has crossed a threshold. No I/O.
//!
//! A [`rule`] is a threshold with a name, [`rule_file`] reads rules from TOML, and the [`ledger`] has what must outlive
//! a process: where each rule stands, and the messages that nobody has taken yet.

mod ledger;
mod message;
mod rule;
mod rule_file;

pub use ledger::{Ledger, Observation, Unmeasured};
pub use message::Message;
pub use rule::AlertRule;
pub use rule_file::{AlertRules, InvalidRules, MOST_RULES};
