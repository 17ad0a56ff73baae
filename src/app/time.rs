//! Times on the page: UTC in the server's HTML, the reader's local time once the page is hydrated.

use leptos::prelude::*;

use super::platform;
use crate::rates::{Origin, Timestamp};

/// A point in time.
pub fn point(time: Timestamp, hydrated: bool) -> impl IntoView {
    let utc = time.readable();
    let text = if hydrated { platform::local_time(time) } else { utc.clone() };
    view! { <time datetime=time.to_string() title=utc>{text}</time> }
}

/// `Stale: CoinGecko, 2026-11-23 08:21:28 UTC` for a value that was carried forward; else nothing.
pub fn of_old(held: Option<Origin>, hydrated: bool) -> impl IntoView {
    held.map(|Origin { source, time }| {
        let time = if hydrated { platform::local_time(time) } else { time.readable() };
        let text = ["Stale: ", source.label(), ", ", &time].concat();
        view! { <small class="held">{text}</small> }
    })
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
