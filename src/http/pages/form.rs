//! The addresses to which the forms of the page lead.

use std::borrow::Cow;

use crate::{
    app::{SHOWN, state::PageState},
    query,
};

/// Returns the query in place of one that a form has written: what its fields say, and of all else what was shown,
/// which it has in one field. `None` if no form has written it.
pub fn plain_query(query: &str) -> Option<String> {
    let fields = pairs(query);
    let (_, shown) = fields.iter().find(|(name, _)| name == SHOWN)?;
    let shown = pairs(shown);
    let has_no_field = |(name, _): &&(Cow<str>, Cow<str>)| {
        fields.iter().all(|(field, _)| field != name) && name != SHOWN
    };
    // A field that was left empty says that there is none.
    let filled = fields.iter().filter(|(name, value)| name != SHOWN && !value.is_empty());
    let whole = filled.chain(shown.iter().filter(has_no_field));
    let whole = query::write(whole.map(|(name, value)| (&**name, &**value)));
    let (state, query_warnings) = PageState::read(&whole);
    Some(if query_warnings.is_empty() { state.query() } else { whole })
}

fn pairs(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    query::pairs(query).filter_map(|pair| pair.name.ok().zip(pair.value.ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(plain_query(query).as_deref(), plain, "{query}");
        }
    }
}
