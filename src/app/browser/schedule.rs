//! When an open page asks its server for new rates.

use crate::rates::Timestamp;

/// Seconds after the server's refresh within which open pages ask, each at a random moment. All at once would
/// be a burst, and earlier would be in vain.
const SPREAD: f64 = 5.0;
/// The same after an event of the stream.
const NEWS_SPREAD: f64 = 2.0;
/// Seconds after the server's next refresh from which a page is old when it is opened.
const LATE: f64 = 30.0;
/// Seconds until the first retry if the server can't be reached; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: u32 = 5;
const LONGEST_PAUSE: u32 = 60;

/// The next question, and what it depends on. All times are in seconds since 1970. A random number is from 0
/// to 1.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Seconds from the reader's clock to the server's.
    offset: f64,
    /// When to ask next, by the server's clock.
    due: f64,
    /// Seconds to wait after the next failure.
    pause: u32,
}

impl Schedule {
    /// Returns the schedule of a page that was just opened: it asks at once if it is old, as one from the
    /// worker or from the browser's history may be.
    pub fn start(next_refresh: Timestamp, interval: u32, clock: f64, random: f64) -> Self {
        let mut schedule = Self { offset: 0.0, due: clock, pause: FIRST_PAUSE };
        if clock <= seconds(next_refresh) + LATE {
            schedule.plan(next_refresh, interval, clock, random);
        }
        schedule
    }

    /// Returns the server's time at the reader's.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
    pub fn server_time(&self, clock: f64) -> Timestamp {
        Timestamp::from_unix_seconds(self.now(clock) as u64)
    }

    fn now(&self, clock: f64) -> f64 {
        clock + self.offset
    }

    pub fn is_due(&self, clock: f64) -> bool {
        self.now(clock) >= self.due
    }

    /// Goes on after an answer: shortly after the server's own refresh.
    pub fn answered(
        &mut self,
        server_time: Timestamp,
        next_refresh: Timestamp,
        interval: u32,
        clock: f64,
        random: f64,
    ) {
        self.offset = seconds(server_time) - clock;
        self.pause = FIRST_PAUSE;
        self.plan(next_refresh, interval, clock, random);
    }

    /// Goes on after a failure.
    pub fn failed(&mut self, clock: f64, random: f64) {
        self.due = self.now(clock) + f64::from(self.pause) * (1.0 + random);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Brings the next question forward: the stream tells of new rates.
    pub fn hurry(&mut self, clock: f64, random: f64) {
        self.due = self.due.min(self.now(clock) + random * NEWS_SPREAD);
    }

    fn plan(&mut self, next_refresh: Timestamp, interval: u32, clock: f64, random: f64) {
        let (now, interval) = (self.now(clock), f64::from(interval));
        let wait = seconds(next_refresh) - now;
        // A reader's clock that is far off must not delay the refresh, and a server that is late is not asked
        // again at once.
        let wait = if wait > 0.0 { wait.min(interval) } else { interval.min(10.0) };
        self.due = now + wait + 1.0 + random * SPREAD;
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a double")]
fn seconds(time: Timestamp) -> f64 {
    time.unix_seconds() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: Timestamp = Timestamp::from_unix_seconds(10_000);

    /// Returns the first second at which a schedule asks.
    fn due(schedule: Schedule, clock: u32) -> Option<u32> {
        (0..1_000).find(|wait| schedule.is_due(f64::from(clock + wait)))
    }

    #[test]
    fn pages_ask_shortly_after_the_server_has() {
        let at =
            |clock: u32, random| due(Schedule::start(NEXT, 300, f64::from(clock), random), clock);
        assert_eq!((at(9_900, 0.0), at(9_900, 1.0)), (Some(101), Some(106)));
        // A server that is late, a page that is old, and a clock that is an hour behind.
        assert_eq!(
            (at(10_020, 0.0), at(10_031, 0.0), at(6_400, 0.0)),
            (Some(11), Some(0), Some(301))
        );
    }

    #[test]
    fn the_time_is_the_server_s() {
        let mut schedule = Schedule::start(NEXT, 300, 9_000.0, 0.0);
        schedule.answered(Timestamp::from_unix_seconds(9_800), NEXT, 300, 9_010.0, 0.0);
        assert_eq!((schedule.now(9_015.0).round(), due(schedule, 9_010)), (9_805.0, Some(201)));
        schedule.hurry(9_020.0, 1.0);
        assert_eq!(due(schedule, 9_020), Some(2));
    }

    #[test]
    fn failures_are_followed_by_longer_and_longer_pauses() {
        let mut schedule = Schedule::start(NEXT, 300, 9_900.0, 0.0);
        let pauses = [0; 6].map(|_| {
            schedule.failed(9_900.0, 0.0);
            due(schedule, 9_900).unwrap()
        });
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }
}
