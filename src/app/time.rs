//! Times on the page: UTC in the server's HTML, the reader's local time once the page is hydrated.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::rates::{Origin, Timestamp};

/// A point in time.
#[component]
pub fn Time(time: Timestamp, hydrated: bool) -> impl IntoView {
    view! {
        <time
            datetime=time.to_string()
            title=time.readable()
            translate="no"
            inner_html=text(time, hydrated)
        ></time>
    }
}

/// `2026-11-23 08:21:28 UTC` or, once hydrated, the reader's `2026-11-23 09:21:28 +01`.
pub fn text(time: Timestamp, hydrated: bool) -> String {
    if hydrated { local(time) } else { time.readable() }
}

/// `2026-11-23 08:21 UTC`; without ` UTC` if it is the reader's local time.
pub fn minute(time: Timestamp, hydrated: bool) -> String {
    let zone = if hydrated { "" } else { " UTC" };
    format!("{}{zone}", &text(time, hydrated)[..16])
}

/// `Stale: CoinGecko, 2026-11-23 08:21:28 UTC`, for a value that was carried forward.
pub fn stale(Origin { source, time }: Origin, hydrated: bool) -> String {
    format!("Stale: {}, {}", source.label(), text(time, hydrated))
}

/// Returns the reader's local date and time in the server's format and width.
///
/// `toLocaleString` would block a phone for 60 ms while it loads the browser's language data.
fn local(time: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit a double")]
    let milliseconds = time.unix_seconds() as f64 * 1000.0;
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a time zone")]
    let ahead = -(date.get_timezone_offset() as i64);
    let local = time.unix_seconds().saturating_add_signed(ahead * 60);
    let (sign, minutes) = (if ahead < 0 { '-' } else { '+' }, ahead.unsigned_abs());
    let zone = match minutes % 60 {
        0 => format!(" {sign}{:02}", minutes / 60),
        rest => format!(" {sign}{:02}:{rest:02}", minutes / 60),
    };
    Timestamp::from_unix_seconds(local).readable().replace(" UTC", &zone)
}

/// `just now`, `4 min ago`, `3 h ago`, `175 days ago`.
pub fn ago(seconds: u64) -> String {
    match seconds {
        0..10 => "just now".to_owned(),
        10..60 => format!("{seconds} s ago"),
        60..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_as_people_do() {
        assert_eq!(
            [0, 42, 61, 7200, 172_800].map(ago),
            ["just now", "42 s ago", "1 min ago", "2 h ago", "2 days ago"]
        );
    }

    #[test]
    fn countdowns_have_two_digits_for_seconds() {
        assert_eq!([0, 65, 299, 3600].map(countdown), ["0:00", "1:05", "4:59", "1:00:00"]);
    }
}
