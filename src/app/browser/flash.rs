//! A short flash of the rows whose rates have moved with a refresh.

use super::dom;
use crate::rates::Snapshot;

const MOVED: &str = "data-moved";

/// Marks the rows of what has moved. A style sheet starts an animation when an attribute changes, so the mark is
/// another one each time.
pub fn moved(before: &Snapshot, now: &Snapshot) {
    for rate in now.rates() {
        let earlier = before.get(&rate.code).map(|rate| rate.value.to_bits());
        if earlier == Some(rate.value.to_bits()) {
            continue;
        }
        if let Some(row) = dom::find(&format!(".rates tr:has([value=\"{}\"])", rate.code)) {
            let again = row.get_attribute(MOVED).as_deref() == Some("a");
            let _ = row.set_attribute(MOVED, if again { "b" } else { "a" });
        }
    }
}
