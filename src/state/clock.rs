//! The time that the service goes by.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::rates::Timestamp;

/// Returns the current time. Tests have clocks of their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Returns the system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| std::time::SystemTime::now().into())
}

/// A difference that is none: a time has no fractions.
const PRECISION: i64 = 1;

/// This machine's clock, and how far it is from the one that all replicas go by.
pub struct CorrectedClock {
    clock: Clock,
    /// In seconds; 0 if this machine's clock is right.
    correction: AtomicI64,
}

impl CorrectedClock {
    pub fn new(clock: Clock) -> Self {
        Self { clock, correction: AtomicI64::new(0) }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)().moved(self.correction())
    }

    pub fn correction(&self) -> i64 {
        self.correction.load(Ordering::Relaxed)
    }

    /// Goes by another clock, which says `time`. Returns by how many seconds that moves the time.
    pub fn correct(&self, time: Timestamp) -> i64 {
        let now = (self.clock)();
        let correction = time.signed_seconds_since(now);
        let correction = if correction.abs() <= PRECISION { 0 } else { correction };
        correction - self.correction.swap(correction, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_right_is_left_alone() {
        let at = Timestamp::from_unix_seconds;
        let clock = CorrectedClock::new(Arc::new(move || at(1_000)));
        assert_eq!((clock.correct(at(1_130)), clock.now()), (130, at(1_130)));
        assert_eq!((clock.correct(at(940)), clock.now()), (-190, at(940)));
        assert_eq!((clock.correct(at(1_001)), clock.now()), (60, at(1_000)));
    }
}
