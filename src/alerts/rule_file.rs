//! Reads rules from TOML.

use std::{collections::BTreeSet, ops::Range, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, de::Error};

use super::rule::AlertRule;
use crate::rates::{Code, Condition, Span, USUAL_HYSTERESIS};

/// The most rules in a file: each is looked at with each snapshot.
pub const MOST_RULES: usize = 100;

/// The longest name of a rule, in characters.
const LONGEST_NAME: usize = 100;

/// The rules of one file, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRules(Arc<[AlertRule]>);

/// Error returned when a text is no file of rules: where, and what is allowed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct InvalidRules {
    line: usize,
    problem: String,
}

impl AlertRules {
    /// Returns the rules.
    pub fn get(&self) -> &[AlertRule] {
        &self.0
    }
}

impl FromStr for AlertRules {
    type Err = InvalidRules;

    fn from_str(text: &str) -> Result<Self, InvalidRules> {
        let invalid = |at: Option<Range<usize>>, problem: &str| {
            let before = at.and_then(|at| text.get(..at.start)).unwrap_or_default();
            // An error is told in one line.
            let problem = problem.split_whitespace().collect::<Vec<_>>().join(" ");
            InvalidRules { line: before.matches('\n').count() + 1, problem }
        };
        let read: Result<Written, toml::de::Error> = toml::from_str(text);
        let written = read.map_err(|error| invalid(error.span(), error.message()))?;
        let mut names = BTreeSet::new();
        let mut rules = Vec::new();
        for rule in written.alert {
            let (span, rule) = (rule.span(), rule.into_inner());
            if rules.len() == MOST_RULES {
                return Err(invalid(Some(span), &format!("more than {MOST_RULES} alerts")));
            }
            if !names.insert(rule.name.clone()) {
                let problem = format!("two alerts have the name “{}”", rule.name);
                return Err(invalid(Some(span), &problem));
            }
            rules.push(rule);
        }
        Ok(Self(rules.into()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    alert: Vec<toml::Spanned<AlertRule>>,
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    #[serde(deserialize_with = "name")]
    name: String,
    base: Code,
    quote: Code,
    #[serde(default, deserialize_with = "threshold")]
    above: Option<f64>,
    #[serde(default, deserialize_with = "threshold")]
    below: Option<f64>,
    change: Option<Percent>,
    #[serde(default, deserialize_with = "within")]
    within: Option<Span>,
    hysteresis: Option<Percent>,
}

impl<'de> Deserialize<'de> for AlertRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WrittenRule::deserialize(deserializer)?.checked().map_err(D::Error::custom)
    }
}

impl WrittenRule {
    fn checked(self) -> Result<AlertRule, &'static str> {
        let Self { name, base, quote, above, below, change, within, hysteresis } = self;
        let hysteresis = hysteresis.map_or(USUAL_HYSTERESIS, |Percent(percent)| percent);
        let condition = match (above, below, change) {
            (Some(above), None, None) => Condition::Above(above),
            (None, Some(below), None) => Condition::Below(below),
            (None, None, Some(Percent(percent))) => {
                Condition::Change { percent, within: within.unwrap_or(Span::Day) }
            }
            _ => return Err("an alert has one of above, below and change"),
        };
        match condition {
            Condition::Change { percent, .. } if percent <= 0.0 => Err("a change is more than 0%"),
            Condition::Change { percent, .. } if hysteresis >= percent => {
                Err("the hysteresis, 0.5% unless it is named, is less than the change")
            }
            Condition::Above(_) | Condition::Below(_) if within.is_some() => {
                Err("within goes with change alone")
            }
            _ if base == quote => Err("base and quote are two currencies"),
            _ => Ok(AlertRule { name, base, quote, condition, hysteresis }),
        }
    }
}

/// A number of percent, as in `"0.5%"`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Percent(f64);

impl TryFrom<String> for Percent {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.strip_suffix('%').and_then(|number| number.trim_end().parse().ok());
        let number = number.filter(|number| (0.0..=50.0).contains(number));
        number.map(Self).ok_or("a percentage is from \"0%\" to \"50%\", such as \"0.5%\"")
    }
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let sane = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    let problem =
        || D::Error::custom(format!("a name is one line of 1 to {LONGEST_NAME} characters"));
    sane.then_some(name).ok_or_else(problem)
}

fn threshold<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let threshold = f64::deserialize(deserializer)?;
    let sane = threshold.is_finite() && threshold > 0.0;
    let problem = || D::Error::custom("a threshold is a number above zero");
    sane.then_some(Some(threshold)).ok_or_else(problem)
}

/// Reads a span over which the history tells changes from memory.
fn within<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    let span = String::deserialize(deserializer)?.parse().ok();
    let span = span.filter(|span| *span != Span::Month);
    let problem = || D::Error::custom("within is one of 1h, 24h, 7d");
    span.map(Some).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<AlertRules>().unwrap_err().to_string()
    }

    /// A rule on the lines from 2 to 5, with this for the rest of it from line 6 on.
    fn with(rest: &str) -> String {
        format!("# ours\n[[alert]]\nname = \"a\"\nbase = \"btc\"\nquote = \"usd\"\n{rest}\n")
    }

    #[test]
    fn each_kind_of_rule_is_read() {
        let text = include_str!("../../tests/fixtures/alerts.toml");
        let rules: AlertRules = text.parse().unwrap();
        let read: Vec<_> = rules.get().iter().map(|rule| (rule.terms(), rule.hysteresis)).collect();
        let expected = [
            ("btc/usd above 80000", 0.5),
            ("eur/usd below 1.05", 0.2),
            ("btc/usd ±3% in 24h", 0.5),
            ("xau/usd ±2.5% in 7d", 1.0),
        ];
        assert_eq!(read, expected.map(|(terms, hysteresis)| (terms.to_owned(), hysteresis)));
        assert_eq!(rules.get()[0].name, "Bitcoin above 80,000");
        assert_eq!("".parse::<AlertRules>().unwrap().get(), []);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, problem) in [
            (with("above = 8\nabov = 8"), 7, "unknown field `abov`, expected one of `name`, "),
            (with("above = \"80k\""), 6, "invalid type: string \"80k\", expected f64"),
            (with("above = -1"), 6, "a threshold is a number above zero"),
            (with("below = inf"), 6, "a threshold is a number above zero"),
            (with("change = 3"), 6, "invalid type: integer `3`, expected a string"),
            (with("change = \"3\""), 6, "a percentage is from \"0%\" to \"50%\""),
            (with("change = \"-3%\""), 6, "a percentage is from \"0%\" to \"50%\""),
            (with("change = \"NaN%\""), 6, "a percentage is from \"0%\" to \"50%\""),
            (with("change = \"3%\"\nwithin = \"30d\""), 7, "within is one of 1h, 24h, 7d"),
            (with(""), 2, "an alert has one of above, below and change"),
            (with("above = 8\nbelow = 9"), 2, "an alert has one of above, below and change"),
            (with("above = 8\nwithin = \"1h\""), 2, "within goes with change alone"),
            (with("change = \"0%\""), 2, "a change is more than 0%"),
            (with("change = \"0.5%\""), 2, "the hysteresis, 0.5% unless it is named, is less"),
            (with("above = 8").replace("usd", "u$d"), 5, "a currency code is 1 to 16 letters"),
            (with("above = 8").replace("usd", "BTC"), 2, "base and quote are two currencies"),
            (with("above = 8").replace("\"a\"", "\" \""), 3, "a name is one line of 1 to 100"),
            (with("above = 8") + &with("below = 7"), 8, "two alerts have the name “a”"),
            (
                with("above = 8").replace("[alert]", "[alerts]"),
                2,
                "unknown field `alerts`, expected",
            ),
            ("[[alert]]\nname = \"a\"\nabove = 8\n".to_owned(), 1, "missing field `base`"),
            ("[[alert]]\nname = \"a\n".to_owned(), 2, "invalid basic string"),
        ] {
            let refusal = refusal(&text);
            let expected = format!("line {line}: {problem}");
            assert!(refusal.starts_with(&expected), "{refusal} for {text}");
            assert!(!refusal.contains('\n'), "{refusal}");
        }
    }

    #[test]
    fn there_is_a_bound() {
        let rule = |n: usize| with("above = 8").replace("\"a\"", &format!("\"{n}\""));
        let many: String = (0..MOST_RULES).map(rule).collect();
        assert_eq!(many.parse::<AlertRules>().unwrap().get().len(), MOST_RULES);
        assert_eq!(refusal(&(many + &rule(MOST_RULES))), "line 602: more than 100 alerts");
    }
}
