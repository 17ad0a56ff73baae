//! Times on the page: UTC in the server's HTML, and the reader's local time soon after the page is hydrated.

use wasm_bindgen::JsValue;

use super::{browser::language, texts::Texts};
use crate::rates::{Origin, Timestamp};

/// How much of a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2026-11-23 08:21:28 UTC`
    Second,
    /// `2026-11-23 08:21 UTC`
    Minute,
    /// `11-23 08:21`
    NoYear,
    /// `08:21`
    Clock,
}

/// Returns a point in time as HTML.
pub fn html(time: Timestamp, local: bool) -> String {
    let (shown, title) = (text(time, local, Form::Second), time.readable());
    format!("<time datetime=\"{time}\" title=\"{title}\" translate=\"no\">{shown}</time>")
}

/// Writes a time in UTC or, once the browser has loaded how the reader's language writes it, as the reader does.
pub fn text(time: Timestamp, local: bool, form: Form) -> String {
    if local {
        return self::local(time, form);
    }
    let utc = time.readable();
    match form {
        Form::Second => utc,
        Form::Minute => format!("{} UTC", &utc[..16]),
        Form::NoYear => utc[5..16].to_owned(),
        Form::Clock => utc[11..16].to_owned(),
    }
}

/// `Stale: CoinGecko, 2026-11-23 08:21 UTC`, for a value that was carried forward.
pub fn stale(Origin { source, time }: Origin, local: bool, texts: Texts) -> String {
    let (source, time) = (source.label(), text(time, local, Form::Minute));
    texts.format("stale-origin", &[("source", source.into()), ("time", (&time).into())])
}

/// Returns the reader's local date and time, as the reader's language writes them.
fn local(time: Timestamp, form: Form) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit a double")]
    let milliseconds = time.unix_seconds() as f64 * 1000.0;
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
    let options: &[(&str, &str)] = match form {
        Form::Second => &[("dateStyle", "medium"), ("timeStyle", "medium")],
        Form::Minute => &[("dateStyle", "medium"), ("timeStyle", "short")],
        Form::NoYear => {
            &[("month", "short"), ("day", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]
        }
        Form::Clock => &[("timeStyle", "short")],
    };
    let written = js_sys::Object::new();
    for (name, value) in options {
        // It fails on objects that can't be changed.
        let _ = js_sys::Reflect::set(&written, &JsValue::from(*name), &JsValue::from(*value));
    }
    date.to_locale_string(&language::of_times(), &written).into()
}

/// `just now`, `4 min ago`, `3 h ago`, `175 days ago`.
pub fn ago(seconds: u64, texts: Texts) -> String {
    let (id, n) = match seconds {
        0..10 => return texts.get("ago-now").to_owned(),
        10..60 => ("ago-seconds", seconds),
        60..7200 => ("ago-minutes", seconds / 60),
        7200..172_800 => ("ago-hours", seconds / 3600),
        _ => ("ago-days", seconds / 86_400),
    };
    texts.format(id, &[("n", n.into())])
}

/// `4:05`, `1:00:00`.
pub fn countdown(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_as_people_do() {
        assert_eq!(
            [0, 42, 61, 7200, 172_800].map(|seconds| ago(seconds, Texts::default())),
            ["just now", "42 s ago", "1 min ago", "2 h ago", "2 days ago"]
        );
    }

    #[test]
    fn countdowns_have_two_digits_for_seconds() {
        assert_eq!([0, 65, 299, 3600].map(countdown), ["0:00", "1:05", "4:59", "1:00:00"]);
    }
}
