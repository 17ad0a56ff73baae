//! What is wrong in an address.

use crate::app::texts::Texts;

/// Something in the query of an address that the page can't go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWarning {
    /// The name in the query.
    pub name: String,
    pub problem: QueryProblem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryProblem {
    /// The name stands there twice.
    Twice,
    NotUtf8,
    /// The name has this value, and takes what the text with the id `allowed` says.
    Value {
        value: String,
        allowed: &'static str,
    },
    /// The server has found it, and says so in the language of the page.
    Told(String),
}

impl QueryWarning {
    /// What the server says of a name that the browser does not know.
    pub fn told(sentence: String) -> Self {
        Self { name: String::new(), problem: QueryProblem::Told(sentence) }
    }

    /// Returns the warning as a sentence.
    pub fn text(&self, texts: Texts) -> String {
        let name = ("name", (&self.name).into());
        match &self.problem {
            QueryProblem::Twice => texts.format("warning-twice", &[name]),
            QueryProblem::NotUtf8 => texts.format("warning-not-utf8", &[name]),
            QueryProblem::Told(sentence) => sentence.clone(),
            QueryProblem::Value { value, allowed } => {
                let allowed = ("allowed", texts.get(allowed).into());
                texts.format("warning-value", &[name, ("value", value.into()), allowed])
            }
        }
    }
}
