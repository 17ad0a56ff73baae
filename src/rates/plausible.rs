//! How far a value may move.

/// The largest factor by which one value may move, against the others, from one snapshot to the next.
const LARGEST_MOVE: f64 = 1.5;

/// Returns whether a value can't have been multiplied by this.
pub fn too_far(by: f64) -> bool {
    !(1.0 / LARGEST_MOVE..=LARGEST_MOVE).contains(&by)
}
