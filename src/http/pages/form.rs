//! The addresses to which the forms of the page lead.

use std::borrow::Cow;

use axum::http::HeaderMap;

use crate::{
    app::{
        SHOWN,
        state::{PageState, ReadAs},
        texts::Texts,
    },
    http::negotiation::negotiated,
    query,
    rates::{NumberStyle, Snapshot},
};

const AMOUNT: &str = "amount";

/// Returns the query in place of one that a form has written: what its fields say, and of all else what was shown,
/// which it has in one field. `None` if no form has written it.
///
/// The amount stands in its field as the page's language writes numbers, and is read like that: `1,234` in German is
/// not a thousand. In an address, numbers are those of JSON.
pub fn plain_query(
    query: &str,
    headers: &HeaderMap,
    snapshot: Option<&Snapshot>,
) -> Option<String> {
    let fields = pairs(query);
    let (_, shown) = fields.iter().find(|(name, _)| name == SHOWN)?;
    let shown = pairs(shown);
    let has_no_field = |(name, _): &&(Cow<str>, Cow<str>)| {
        fields.iter().all(|(field, _)| field != name) && name != SHOWN
    };
    // A field that was left empty says that there is none.
    let (typed, others): (Vec<_>, Vec<_>) = (fields.iter())
        .filter(|(name, value)| name != SHOWN && !value.is_empty())
        .partition(|(name, _)| name == AMOUNT);
    let rest: Vec<(&str, &str)> = (others.into_iter())
        .chain(shown.iter().filter(has_no_field))
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let (state, query_warnings) = PageState::read(&query::write(rest.iter().copied()));
    let read = match typed.first() {
        Some((_, typed)) => {
            let language = state.language.unwrap_or_else(|| negotiated(headers));
            let style = Texts::of(language).number_style();
            with_amount(state.clone(), typed, &style, snapshot)
        }
        None => Some(state.clone()),
    };
    match read {
        Some(read) if query_warnings.is_empty() => Some(read.query()),
        // The page that follows names what is wrong.
        read => {
            let amount = read.filter(|read| read.base == state.base);
            let amount = amount.map(|read| read.amount.to_string());
            let typed = typed
                .into_iter()
                .map(|(name, typed)| (&**name, amount.as_deref().unwrap_or(typed)));
            Some(query::write(typed.chain(rest)))
        }
    }
}

/// Returns the state with the amount that was typed, and its currency if it names one. `None` if it is no amount.
fn with_amount(
    state: PageState,
    typed: &str,
    style: &NumberStyle,
    snapshot: Option<&Snapshot>,
) -> Option<PageState> {
    let Some(snapshot) = snapshot else {
        let read = style.read(typed).filter(|read| read.currency.is_empty())?;
        return Some(PageState { amount: read.amount, ..state });
    };
    let state = state.with_typed(typed.to_owned(), style, snapshot);
    let is_amount = state.typed.as_ref().is_some_and(|typed| typed.read_as != ReadAs::Nothing);
    is_amount.then_some(state)
}

fn pairs(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    query::pairs(query).filter_map(|pair| pair.name.ok().zip(pair.value.ok())).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;
    use crate::sources::sample;

    #[test]
    fn fields_count_and_then_what_was_shown() {
        for (query, plain) in [
            ("", None),
            ("base=eur&date=2026-10-31", None),
            ("shown=&date=2026-10-31", Some("date=2026-10-31")),
            (
                "date=2026-10-31&shown=base%3Deur%26q%3Ddollar",
                Some("base=eur&q=dollar&date=2026-10-31"),
            ),
            (
                "amount=2&base=btc&symbol=&q=&shown=amount%3D3%26symbol%3Dusd%26q%3Deuro%26digits%3Dall",
                Some("amount=2&digits=all"),
            ),
            ("shown=date%3D2026-10-31%26base%3Deur&date=", Some("base=eur")),
            ("shown=shown%3Dbase%3Deur", Some("")),
            // The page that follows names what is wrong.
            ("amount=-1&base=%3F&shown=span%3D7d", Some("amount=-1&base=%3F&span=7d")),
            ("amount=1,234&base=%3F&shown=lang%3Dde", Some("amount=1.234&base=%3F&lang=de")),
            ("amount=much&base=eur&shown=", Some("amount=much&base=eur")),
        ] {
            let snapshot = sample::snapshot();
            let read = plain_query(query, &HeaderMap::new(), Some(&snapshot));
            assert_eq!(read.as_deref(), plain, "{query}");
        }
    }

    #[test]
    fn an_amount_is_read_as_the_page_s_language_writes_it() {
        let snapshot = sample::snapshot();
        for (accepted, query, plain) in [
            ("de", "amount=1,234&shown=", "amount=1.234"),
            ("de", "amount=1.000&shown=", "amount=1000"),
            ("de", "amount=1,234&shown=lang%3Den", "amount=1234&lang=en"),
            ("en", "amount=0,5&shown=lang%3Dfr", "amount=0.5&lang=fr"),
            ("", "amount=2+eur&base=usd&shown=", "base=eur&amount=2"),
            // What was shown is no field.
            ("de", "base=eur&shown=amount%3D1.234", "base=eur&amount=1.234"),
        ] {
            let headers = [(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())];
            let headers = HeaderMap::from_iter(headers);
            let read = plain_query(query, &headers, Some(&snapshot));
            assert_eq!(read.as_deref(), Some(plain), "{query}");
            if !query.contains("eur") {
                assert_eq!(plain_query(query, &headers, None).as_deref(), Some(plain), "{query}");
            }
        }
    }
}
