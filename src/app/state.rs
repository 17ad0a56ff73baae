//! What the reader is looking at: all of it stands in the address, so that a link reproduces it.

use std::{cmp::Ordering, str::FromStr};

use crate::{
    query::{self, NotUtf8},
    rates::{Amount, Code, Per, Rate, RateType, Snapshot, Written},
};

/// The page's own part of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct PageState {
    /// The table is in units per `amount` of this.
    pub base: Code,
    pub amount: Amount,
    /// The amount as it stands in its field: not always one, while it is typed.
    pub typed: String,
    /// Only this type; all if `None`.
    pub kind: Option<RateType>,
    /// Only what contains this in code, name or unit.
    pub search: String,
    pub sort: Sort,
}

/// The column that the table is sorted by, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Code,
    Type,
    Unit,
    Value,
}

impl Column {
    pub const ALL: [Self; 5] = [Self::Name, Self::Code, Self::Type, Self::Unit, Self::Value];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Code => "code",
            Self::Type => "type",
            Self::Unit => "unit",
            Self::Value => "value",
        }
    }

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Code => "Code",
            Self::Type => "Type",
            Self::Unit => "Unit",
            Self::Value => "Value",
        }
    }

    /// How a column is sorted when it is chosen: values largest first, words from A.
    pub fn first_sort(self) -> Sort {
        Sort { column: self, descending: self == Self::Value }
    }
}

impl FromStr for Column {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|column| column.as_str() == text).ok_or(())
    }
}

impl Sort {
    /// The word for the way in the address.
    pub fn direction(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// The sort that a click on the heading of `column` asks for.
    #[must_use]
    pub fn clicked(self, column: Column) -> Self {
        if self.column == column {
            Self { descending: !self.descending, ..self }
        } else {
            column.first_sort()
        }
    }
}

impl Default for PageState {
    fn default() -> Self {
        Self {
            base: Code::btc(),
            amount: Amount::ONE,
            typed: Amount::ONE.to_string(),
            kind: None,
            search: String::new(),
            sort: Column::Value.first_sort(),
        }
    }
}

impl PageState {
    /// The longest search kept, in characters; no name is half as long.
    const LONGEST_SEARCH: usize = 80;

    /// Reads the query of an address. Whatever is wrong in it keeps its default and is named in
    /// a note for the reader; names that are not the page's are passed over.
    pub fn read(query: &str) -> (Self, Vec<String>) {
        let mut state = Self::default();
        let mut notes = Vec::new();
        let mut descending = None;
        let mut seen = Vec::new();
        for pair in query::pairs(query) {
            let Ok(name) = pair.name else { continue };
            if !["base", "amount", "type", "q", "sort", "dir"].contains(&name.as_ref()) {
                continue;
            }
            if seen.contains(&name) {
                notes.push(format!("“{name}” stands twice in the address; the first one counts."));
                continue;
            }
            seen.push(name.clone());
            let value = match pair.value {
                Ok(value) => value,
                Err(NotUtf8) => {
                    notes.push(format!("“{name}” is not valid UTF-8; it was left out."));
                    continue;
                }
            };
            // An empty field of a form is a field not filled in.
            if value.is_empty() {
                continue;
            }
            let allowed = match name.as_ref() {
                "base" => value
                    .parse()
                    .map(|base| state.base = base)
                    .or(Err("the code of a currency, such as btc or eur")),
                "amount" => value
                    .parse()
                    .map(|amount| state.amount = amount)
                    .or(Err("a number above 0 with at most 15 digits")),
                "type" => match (value.as_ref(), value.parse()) {
                    ("all", _) => Ok(()),
                    (_, Ok(kind)) => {
                        state.kind = Some(kind);
                        Ok(())
                    }
                    (_, Err(_)) => Err("all, crypto, fiat or commodity"),
                },
                "q" => {
                    state.search = value.chars().take(Self::LONGEST_SEARCH).collect();
                    Ok(())
                }
                "sort" => value
                    .parse()
                    .map(|column: Column| state.sort = column.first_sort())
                    .or(Err("name, code, type, unit or value")),
                _ => match value.as_ref() {
                    "asc" => Ok(false),
                    "desc" => Ok(true),
                    _ => Err("asc or desc"),
                }
                .map(|way| descending = Some(way)),
            };
            if let Err(allowed) = allowed {
                let value: String = value.chars().take(Self::LONGEST_SEARCH).collect();
                notes.push(format!(
                    "“{name}” can't be “{value}”: it takes {allowed}. The default is shown."
                ));
            }
        }
        if let Some(descending) = descending {
            state.sort.descending = descending;
        }
        state.typed = state.amount.to_string();
        (state, notes)
    }

    /// With this in the field of the amount; the last amount holds until there is a new one.
    #[must_use]
    pub fn with_typed(self, typed: String) -> Self {
        Self { amount: typed.parse().unwrap_or(self.amount), typed, ..self }
    }

    /// The query that reads back as this state, without its `?`; defaults are left out.
    pub fn query(&self) -> String {
        let default = Self::default();
        let amount = self.amount.to_string();
        let mut pairs = Vec::new();
        if self.base != default.base {
            pairs.push(("base", self.base.as_str()));
        }
        if self.amount != default.amount {
            pairs.push(("amount", &amount));
        }
        if let Some(kind) = self.kind {
            pairs.push(("type", kind.as_str()));
        }
        if !self.search.is_empty() {
            pairs.push(("q", &self.search));
        }
        if self.sort.column != default.sort.column {
            pairs.push(("sort", self.sort.column.as_str()));
        }
        if self.sort.descending != self.sort.column.first_sort().descending {
            pairs.push(("dir", self.sort.direction()));
        }
        query::write(pairs)
    }

    /// A link to this state.
    pub fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/".to_owned() } else { ["/?", &query].concat() }
    }

    /// The rates to show, in their order.
    pub fn select<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a Rate> {
        let search = self.search.trim().to_ascii_lowercase();
        // Equal keys stay in order of value, which is the same for every base.
        let compare: &dyn Fn(&Rate, &Rate) -> Ordering = match self.sort.column {
            Column::Value => &|_, _| Ordering::Equal,
            Column::Name => &|a, b| ignoring_case(&a.name, &b.name),
            Column::Code => &|a, b| a.code.cmp(&b.code),
            Column::Type => &|a, b| a.kind.cmp(&b.kind),
            Column::Unit => &|a, b| ignoring_case(&a.unit, &b.unit),
        };
        let mut rates = snapshot.by(&|a, b| compare(a, b).then_with(|| Rate::by_value(a, b)));
        rates.retain(|rate| self.kind.is_none_or(|kind| kind == rate.kind) && finds(&search, rate));
        if self.sort.descending != (self.sort.column == Column::Value) {
            rates.reverse();
        }
        rates
    }

    /// What the amount of the base is worth in the currency of `rate`.
    pub fn quote(&self, per: Per, rate: &Rate) -> Written {
        per.quote(rate).times(self.amount.value()).written()
    }

    /// `250 EUR`: what everything is measured in.
    pub fn measure(&self) -> String {
        [&self.amount.written().to_string(), " ", &self.base.shown()].concat()
    }

    /// How many rates the search finds of one type, or of all.
    pub fn count(&self, snapshot: &Snapshot, kind: Option<RateType>) -> usize {
        let search = self.search.trim().to_ascii_lowercase();
        let of_kind = |rate: &&Rate| kind.is_none_or(|kind| kind == rate.kind);
        snapshot.rates().iter().filter(of_kind).filter(|rate| finds(&search, rate)).count()
    }
}

/// Whether a rate has `search`, which is in lower case, in its code, name or unit. Case counts only
/// beyond ASCII: the tables for the rest of Unicode are larger than this page's own code.
fn finds(search: &str, rate: &Rate) -> bool {
    search.is_empty()
        || [rate.code.as_str(), &rate.name, &rate.unit]
            .iter()
            .any(|text| text.to_ascii_lowercase().contains(search))
}

fn ignoring_case(a: &str, b: &str) -> Ordering {
    a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::source::sample;

    fn codes(query: &str) -> Vec<String> {
        let (state, notes) = PageState::read(query);
        assert_eq!(notes, Vec::<String>::new(), "{query}");
        let snapshot = sample::snapshot();
        state.select(&snapshot).iter().map(|rate| rate.code.to_string()).collect()
    }

    #[test]
    fn a_state_reads_back_from_its_own_query() {
        for query in [
            "",
            "type=fiat",
            "base=eur&amount=250.5&type=crypto&q=bit%20coin&sort=name&dir=desc",
            "sort=code",
            "dir=asc",
        ] {
            let (state, notes) = PageState::read(query);
            assert!(notes.is_empty(), "{notes:?}");
            assert_eq!(state.query(), query);
        }
    }

    #[test]
    fn defaults_and_empty_fields_leave_the_address_clean() {
        let (state, notes) = PageState::read("base=&amount=1&q=&type=all&sort=value&dir=desc");
        assert_eq!((state.href().as_str(), notes.len()), ("/", 0));
    }

    #[test]
    fn wrong_values_are_named_and_their_defaults_kept() {
        let query = "base=%20&amount=-1&type=stocks&sort=up&dir=down&q=%FF&utm_source=mail&q=x";
        let (state, notes) = PageState::read(query);
        assert_eq!(state, PageState::default());
        for name in ["base", "amount", "type", "sort", "dir", "q"] {
            let named = |note: &String| note.contains(&format!("“{name}”"));
            assert!(notes.iter().any(named), "{name} is missing in {notes:?}");
        }
        assert!(!notes.iter().any(|note| note.contains("utm_source")));
    }

    #[test]
    fn rows_are_selected_and_sorted() {
        assert_eq!(codes("")[..3], ["lbp", "vnd", "idr"]);
        assert_eq!(codes("dir=asc")[..3], ["btc", "xau", "yfi"]);
        assert_eq!(codes("type=commodity&sort=name"), ["xau", "xag"]);
        assert_eq!(codes("type=commodity&sort=name&dir=desc"), ["xag", "xau"]);
        assert_eq!(codes("q=DOLLAR&sort=code")[..2], ["aud", "bmd"]);
        assert_eq!(codes("q=%E2%82%AC"), ["eur"]);
        assert_eq!(codes("q=nothing"), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn any_address_is_read_and_written_back(query in ".*") {
            let (state, _) = PageState::read(&query);
            let (again, notes) = PageState::read(&state.query());
            proptest::prop_assert_eq!(again, state);
            proptest::prop_assert_eq!(notes, Vec::<String>::new());
        }

        #[test]
        fn any_search_is_kept(search in "\\PC{0,80}") {
            let state = PageState { search, ..PageState::default() };
            proptest::prop_assert_eq!(PageState::read(&state.query()).0, state);
        }
    }
}
