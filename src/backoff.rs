//! How long to wait after a failure.

use std::time::Duration;

/// Returns the pause after try number `tries`: a random part of a bound that doubles from `first` up to `longest`
/// (full jitter), so that many copies of this program do not ask in step. `jitter` is from 0 to 1.
pub fn full_jitter(first: Duration, longest: Duration, tries: u32, jitter: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    first.saturating_mul(doubled).min(longest).mul_f64(jitter.clamp(0.0, 1.0))
}
