//! Query parameters of the API, read strictly: what is unknown, repeated or not UTF-8 is refused
//! with a problem that names it, so that a typing error never passes for a default.

use crate::{
    http::problem::{Problem, truncated},
    query::{self, NotUtf8},
    rates::{Code, RateType, Snapshot},
};

/// The most symbols in one request; more than there are currencies.
pub const MOST_SYMBOLS: usize = 500;

/// The parameters of one request, each to be taken once.
#[derive(Debug)]
pub struct Params {
    left: Vec<(String, String)>,
}

impl Params {
    /// Reads a query, of which only the names in `known` may be part.
    pub fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut left: Vec<(String, String)> = Vec::new();
        for pair in query::pairs(query.unwrap_or_default()) {
            let Ok(name) = pair.name else {
                return Err(Problem::parameter("query", "a parameter's name is not valid UTF-8"));
            };
            if !known.contains(&name.as_ref()) {
                let known = match known {
                    [] => "this address takes none".to_owned(),
                    known => format!("this address takes {}", known.join(", ")),
                };
                let why = format!("there is no such parameter; {known}");
                return Err(Problem::parameter(&truncated(&name), why));
            }
            if left.iter().any(|(earlier, _)| *earlier == name) {
                return Err(Problem::parameter(&name, "is given twice"));
            }
            match pair.value {
                Ok(value) => left.push((name.into_owned(), value.into_owned())),
                Err(error @ NotUtf8) => return Err(Problem::parameter(&name, error)),
            }
        }
        Ok(Self { left })
    }

    /// The value of `name`, if it was given.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let index = self.left.iter().position(|(given, _)| given == name)?;
        Some(self.left.swap_remove(index).1)
    }

    /// The currency that `name` names, which must be in the snapshot.
    pub fn currency(&mut self, name: &str, snapshot: &Snapshot) -> Result<Option<Code>, Problem> {
        self.take(name).map(|text| currency(name, &text, snapshot)).transpose()
    }

    /// The currencies in a list separated by commas: known ones, each once, at least one.
    pub fn currencies(
        &mut self,
        name: &str,
        snapshot: &Snapshot,
    ) -> Result<Option<Vec<Code>>, Problem> {
        let Some(list) = self.take(name) else { return Ok(None) };
        if list.is_empty() {
            return Err(Problem::parameter(name, "the list is empty"));
        }
        let count = list.split(',').count();
        if count > MOST_SYMBOLS {
            let why = format!("{count} codes are more than the {MOST_SYMBOLS} allowed");
            return Err(Problem::parameter(name, why));
        }
        let mut codes = Vec::with_capacity(count);
        for text in list.split(',') {
            let code = currency(name, text.trim(), snapshot)?;
            if codes.contains(&code) {
                return Err(Problem::parameter(name, format!("“{code}” stands in the list twice")));
            }
            codes.push(code);
        }
        Ok(Some(codes))
    }

    /// One of the types.
    pub fn kind(&mut self, name: &str) -> Result<Option<RateType>, Problem> {
        let kind = |text: String| {
            let why = |error| format!("“{}” is not a type; {error}", truncated(&text));
            text.parse().map_err(|error| Problem::parameter(name, why(error)))
        };
        self.take(name).map(kind).transpose()
    }
}

fn currency(name: &str, text: &str, snapshot: &Snapshot) -> Result<Code, Problem> {
    let known = |code: &Code| snapshot.get(code).is_some();
    text.parse().ok().filter(known).ok_or_else(|| {
        let why = match text {
            "" => "a code is missing".to_owned(),
            text => format!("“{}” is not the code of a currency known here", truncated(text)),
        };
        Problem::parameter(name, why)
    })
}
