//! Reading and writing the query of an address, for server and browser.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters to escape: all but RFC 3986's unreserved ones and the comma.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

/// Error returned when the percent-encoded bytes of a query are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not valid UTF-8")]
pub struct NotUtf8;

/// One `name=value` of a query. A name without `=` has an empty value.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    pub name: Result<Cow<'a, str>, NotUtf8>,
    pub value: Result<Cow<'a, str>, NotUtf8>,
}

/// Returns the pairs of a query, without its `?`, in their order.
pub fn pairs(query: &str) -> impl Iterator<Item = Pair<'_>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Pair { name: decode(name), value: decode(value) }
    })
}

/// Writes a query, without its `?`.
pub fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, ESCAPED));
        query.push('=');
        query.extend(utf8_percent_encode(value, ESCAPED));
    }
    query
}

fn decode(text: &str) -> Result<Cow<'_, str>, NotUtf8> {
    if !text.contains('+') {
        return percent_decode_str(text).decode_utf8().map_err(|_| NotUtf8);
    }
    // Forms write a space as `+`.
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| NotUtf8)?;
    Ok(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Vec<(String, Result<String, NotUtf8>)> {
        let owned = |pair: Pair| (pair.name.unwrap().into_owned(), pair.value.map(Cow::into_owned));
        pairs(query).map(owned).collect()
    }

    #[test]
    fn pairs_are_decoded() {
        let expected = vec![
            ("q".to_owned(), Ok("new zealand".to_owned())),
            ("base".to_owned(), Ok("€".to_owned())),
            ("flag".to_owned(), Ok(String::new())),
        ];
        assert_eq!(read("q=new+zealand&&base=%E2%82%AC&flag"), expected);
        assert_eq!(read("q=%FF"), [("q".to_owned(), Err(NotUtf8))]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let query = write([("q", "50 % + a&b=ł"), ("sort", "name")]);
        assert_eq!(query, "q=50%20%25%20%2B%20a%26b%3D%C5%82&sort=name");
        assert_eq!(read(&query)[0].1, Ok("50 % + a&b=ł".to_owned()));
    }
}
