//! The columns of the table, and the order of its rows.

use std::str::FromStr;

use super::texts::Texts;
use crate::rates::Span;

/// The column that the table is sorted by, and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// What readers look for first, or the order of a link that names its currencies. It is the default, and has
    /// no heading.
    Popularity,
    Name,
    Code,
    Type,
    Unit,
    Value,
    /// The change over one of [`crate::rates::Trend::SPANS`].
    Change(Span),
}

impl Column {
    /// Those with a heading.
    pub const ALL: [Self; 8] = [
        Self::Code,
        Self::Name,
        Self::Type,
        Self::Unit,
        Self::Value,
        Self::Change(Span::Hour),
        Self::Change(Span::Day),
        Self::Change(Span::Week),
    ];

    /// Returns the word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::Name => "name",
            Self::Code => "code",
            Self::Type => "type",
            Self::Unit => "unit",
            Self::Value => "value",
            Self::Change(Span::Hour) => "change-1h",
            Self::Change(Span::Day | Span::Month) => "change",
            Self::Change(Span::Week) => "change-7d",
        }
    }

    /// Returns the heading.
    pub fn label(self, texts: Texts) -> &'static str {
        texts.get(match self {
            Self::Popularity => return "",
            Self::Name => "column-name",
            Self::Code => "column-code",
            Self::Type => "column-type",
            Self::Unit => "column-unit",
            Self::Value => "column-value",
            Self::Change(span) => return span_label(texts, span),
        })
    }

    /// Returns the direction on the first click: numbers largest first, words from A.
    pub fn first_sort(self) -> Sort {
        Sort { column: self, descending: matches!(self, Self::Value | Self::Change(_)) }
    }
}

/// Returns the words for a span of time.
pub fn span_label(texts: Texts, span: Span) -> &'static str {
    texts.get(match span {
        Span::Hour => "span-hour",
        Span::Day => "span-day",
        Span::Week => "span-week",
        Span::Month => "span-month",
    })
}

impl FromStr for Column {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter().chain([Self::Popularity]);
        all.find(|column| column.as_str() == text).ok_or(())
    }
}

impl Sort {
    /// Returns the word for the direction in the address.
    pub fn direction(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }

    /// Returns the sort after a click on the heading of `column`.
    #[must_use]
    pub fn clicked(self, column: Column) -> Self {
        if self.column == column {
            Self { descending: !self.descending, ..self }
        } else {
            column.first_sort()
        }
    }
}
