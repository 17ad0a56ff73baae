//! A short flash of the rows whose values have moved with a refresh.

use std::sync::Arc;

use super::dom;
use crate::app::row::Row;

const MOVED: &str = "data-moved";

/// Marks the rows whose values are shown otherwise than before. A style sheet starts an animation when an
/// attribute changes, so the mark is another one each time.
pub fn moved(before: &[Arc<Row>], now: &[Arc<Row>]) {
    for row in now {
        let earlier = before.iter().find(|earlier| earlier.code == row.code);
        if earlier.is_none_or(|earlier| earlier.value == row.value) {
            continue;
        }
        if let Some(row) = dom::find(&format!(".rates tr:has([value=\"{}\"])", row.code)) {
            let again = row.get_attribute(MOVED).as_deref() == Some("a");
            let _ = row.set_attribute(MOVED, if again { "b" } else { "a" });
        }
    }
}
