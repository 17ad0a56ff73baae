//! The reason that an upstream gives for an answer without rates, cleaned for logs and `/health`.

use serde_json::Value;

/// How much of the body of an error is read, in bytes.
pub const LIMIT: usize = 16 * 1024;
/// The longest reason, in characters.
const LONGEST: usize = 200;
/// Longer words are left out: no word of a message is that long, but identifiers and tokens are.
const LONGEST_WORD: usize = 48;
/// A word with so many characters of the key in a row is left out.
const OF_THE_KEY: usize = 8;

/// Returns the error code and the message in a body: of an error document in any of the shapes seen, else of its
/// text or HTML. Neither `key` nor anything like a key is in it.
pub fn reason(body: &[u8], key: Option<&str>) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(LIMIT)]);
    let reason = match serde_json::from_str::<Value>(&text) {
        Ok(document) => {
            let message = find(&document, &MESSAGES).unwrap_or_default();
            match find(&document, &CODES) {
                Some(code) if message.is_empty() => format!("error code {code}"),
                Some(code) => format!("error code {code}: {message}"),
                None => message,
            }
        }
        Err(_) => text.into_owned(),
    };
    Some(clean(&reason, key)).filter(|reason| !reason.is_empty())
}

const CODES: [&str; 2] = ["error_code", "code"];
const MESSAGES: [&str; 7] =
    ["error_message", "message", "error", "detail", "title", "status", "errors"];

/// Returns the first text or number under one of these names, however deep it is. A `status` of a document may
/// be the message, or have it.
fn find(document: &Value, names: &[&str]) -> Option<String> {
    match document {
        Value::Array(items) => items.iter().find_map(|item| find(item, names)),
        Value::Object(fields) => {
            let own = names.iter().find_map(|name| match fields.get(*name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            own.or_else(|| fields.values().find_map(|inner| find(inner, names)))
        }
        _ => None,
    }
}

/// Makes one short line of a text. Tags, control characters and whatever may be a secret are left out.
pub fn clean(text: &str, key: Option<&str>) -> String {
    let text = without_tags(text);
    let printable = |c: char| if is_control(c) { ' ' } else { c };
    let text: String = text.chars().map(printable).collect();
    let words = text.split_whitespace();
    let words = words.map(|word| if is_secret(word, key) { "…" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Also those that turn the direction of writing, or take no room.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Leaves out tags, and what stands in scripts and styles.
fn without_tags(text: &str) -> String {
    let (mut rest, mut plain) = (text, String::new());
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        plain.push(' ');
        let lower = tag.to_ascii_lowercase();
        let hidden = ["script", "style"].into_iter().find(|hidden| lower.starts_with(hidden));
        let end = hidden.map_or(Some(0), |hidden| lower.find(&format!("</{hidden}")));
        let tag = end.map_or("", |end| &tag[end..]);
        rest = tag.split_once('>').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// Returns whether a word may be a secret: a part of the key, what CoinGecko's keys look like, or a long run of
/// letters and digits mixed.
fn is_secret(word: &str, key: Option<&str>) -> bool {
    let lower = word.to_ascii_lowercase();
    let mixed = |run: &str| {
        run.len() >= 16
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let of_the_key = |key: &str| {
        let key = key.to_ascii_lowercase();
        let length = key.len().clamp(1, OF_THE_KEY);
        let bytes = lower.as_bytes();
        key.as_bytes().windows(length).any(|part| bytes.windows(length).any(|own| own == part))
    };
    word.chars().count() > LONGEST_WORD
        || lower.contains("cg-")
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(mixed)
        || key.is_some_and(of_the_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "CG-0123456789abcdefghijklmn";

    fn of(body: &str) -> String {
        reason(body.as_bytes(), Some(KEY)).unwrap_or_default()
    }

    #[test]
    fn code_and_message_are_found_in_every_shape() {
        for (body, expected) in [
            (
                r#"{"status":{"error_code":10010,"error_message":"Use pro-api.coingecko.com"}}"#,
                "error code 10010: Use pro-api.coingecko.com",
            ),
            (
                r#"{"error":{"status":{"error_code":"10005","error_message":"Not in your plan"}}}"#,
                "error code 10005: Not in your plan",
            ),
            (r#"{"error_code":1020}"#, "error code 1020"),
            (r#"{"error":"coin not found"}"#, "coin not found"),
            (r#"{"status":"500","error":"Internal Server Error"}"#, "Internal Server Error"),
            (r#"{"errors":[{"id":"rate_limit","message":"Slow down"}]}"#, "Slow down"),
            ("Forbidden\r\n", "Forbidden"),
            (
                "<!DOCTYPE html><html><head><title>Just a moment…</title><style>a{b:c}</style></head>",
                "Just a moment…",
            ),
            (
                "<SCRIPT>var a = '<b>';</SCRIPT><h1>Access denied</h1> Error 1020",
                "Access denied Error 1020",
            ),
            ("{}", ""),
            ("[]", ""),
            ("", ""),
            ("<", ""),
        ] {
            assert_eq!(of(body), expected, "{body}");
        }
    }

    #[test]
    fn no_key_and_nothing_that_may_be_one_is_told() {
        for (body, expected) in [
            ("The key CG-0123456789abcdefghijklmn is not valid", "The key … is not valid"),
            ("key=cg-0123456789ABCDEFGHIJKLMN, sorry", "… sorry"),
            ("It ends with ghijklmn.", "It ends with …"),
            ("0123**** and 456789abc", "0123**** and …"),
            ("another: CG-x", "another: …"),
            ("token eyJhbGciOiJIUzI1NiJ9.e30 was refused", "token … was refused"),
            (
                "see https://docs.coingecko.com/reference/errors",
                "see https://docs.coingecko.com/reference/errors",
            ),
        ] {
            assert_eq!(of(body), expected);
        }
        assert_eq!(reason(b"a short one: k9", Some("k9")), Some("a short one: …".to_owned()));
    }

    #[test]
    fn it_is_one_short_line() {
        assert_eq!(of("a\nb\u{1b}[31m\u{202e}c\0"), "a b [31m c");
        assert_eq!(of(&format!("a {} b", "x".repeat(9_000))), "a … b");
        let long = of(&"word ".repeat(1_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST + 1, true));
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..900)) {
            if let Some(reason) = reason(&body, Some(KEY)) {
                proptest::prop_assert!(reason.chars().count() <= LONGEST + 1);
                proptest::prop_assert!(!reason.contains(char::is_control));
            }
        }

        #[test]
        fn no_message_tells_the_key(before in ".{0,40}", after in ".{0,40}") {
            let body = serde_json::json!({"error": format!("{before}{KEY}{after}")}).to_string();
            let told = of(&body).to_lowercase();
            proptest::prop_assert!(!told.contains("0123456789"), "{told}");
        }
    }
}
