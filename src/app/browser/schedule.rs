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

/// Seconds by which the reader's wall clock may run ahead from one tick to the next. By more, it was set, or
/// the device slept.
const JUMP: f64 = 5.0;

/// The reader's two clocks, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// Since the page was opened; it goes evenly, but in some browsers not while the device sleeps.
    pub steady: f64,
    /// Since 1970; it may be off, and may be set.
    pub wall: f64,
}

impl Clocks {
    fn ahead(self) -> f64 {
        self.wall - self.steady
    }
}

/// The next question, and what it depends on. A `clock` is the steady one, and a random number is from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Seconds from the steady clock to the server's.
    offset: f64,
    /// Seconds from the steady clock to the wall clock, at the last tick.
    ahead: f64,
    /// When to ask next, by the server's clock.
    due: f64,
    /// Seconds to wait after the next failure.
    pause: u32,
}

impl Schedule {
    /// Returns the schedule of a page that was made at `server_time`, and has just been opened. It asks at once
    /// if it is old, as one from the worker or from the browser's history may be, or if the reader's clock is
    /// off. Until it is told the time, that is the later one of the two it knows: rates must not look younger
    /// than they are.
    pub fn start(
        server_time: Timestamp,
        next_refresh: Timestamp,
        interval: u32,
        clocks: Clocks,
        random: f64,
    ) -> Self {
        let now = clocks.wall.max(seconds(server_time));
        let offset = now - clocks.steady;
        let mut schedule = Self { offset, ahead: clocks.ahead(), due: now, pause: FIRST_PAUSE };
        let right = seconds(server_time) - LATE..=seconds(next_refresh) + LATE;
        if right.contains(&clocks.wall) {
            schedule.plan(next_refresh, interval, clocks.steady, random);
        }
        schedule
    }

    /// Notices that the device has slept or its clock was set forward. Which of the two it was, only the server
    /// can tell: until it does, time is taken to have passed.
    pub fn tick(&mut self, clocks: Clocks) {
        let jump = clocks.ahead() - self.ahead;
        self.ahead = clocks.ahead();
        if jump > JUMP {
            self.offset += jump;
            self.due = self.now(clocks.steady);
        }
    }

    /// Returns the server's time.
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

    /// The steady clock began at 0 when the wall clock stood at 9,000, as did the server's.
    fn clocks(steady: u32, wall: u32) -> Clocks {
        Clocks { steady: steady.into(), wall: wall.into() }
    }

    fn start(steady: u32, wall: u32, random: f64) -> Schedule {
        let made = Timestamp::from_unix_seconds(9_800);
        Schedule::start(made, NEXT, 300, clocks(steady, wall), random)
    }

    /// Returns the first second at which a schedule asks.
    fn due(schedule: Schedule, clock: u32) -> Option<u32> {
        (0..1_000).find(|wait| schedule.is_due(f64::from(clock + wait)))
    }

    #[test]
    fn pages_ask_shortly_after_the_server_has() {
        let at = |wall: u32, random| due(start(7, wall, random), 7);
        assert_eq!((at(9_900, 0.0), at(9_900, 1.0)), (Some(101), Some(106)));
        // A server that is late, and a page that is old.
        assert_eq!((at(10_020, 0.0), at(10_031, 0.0)), (Some(11), Some(0)));
        // A clock that is an hour behind, and one that is an hour ahead.
        assert_eq!((at(6_400, 0.0), at(13_400, 0.0)), (Some(0), Some(0)));
    }

    #[test]
    fn the_time_is_the_server_s() {
        let mut schedule = start(0, 9_000, 0.0);
        schedule.answered(Timestamp::from_unix_seconds(9_800), NEXT, 300, 10.0, 0.0);
        assert_eq!((schedule.now(15.0).round(), due(schedule, 10)), (9_805.0, Some(201)));
        schedule.hurry(20.0, 1.0);
        assert_eq!(due(schedule, 20), Some(2));
    }

    #[test]
    fn a_page_is_never_younger_than_the_server_has_said() {
        assert_eq!(start(5, 6_200, 0.0).server_time(5.0), Timestamp::from_unix_seconds(9_800));
        assert_eq!(start(5, 9_900, 0.0).server_time(5.0), Timestamp::from_unix_seconds(9_900));
    }

    #[test]
    fn a_clock_that_is_set_changes_no_age_for_long() {
        let mut schedule = start(0, 9_800, 0.0);
        // Slow or fast by some seconds in an hour is no jump.
        schedule.tick(clocks(1, 9_801));
        schedule.tick(clocks(60, 9_862));
        assert_eq!((schedule.now(60.0).round(), due(schedule, 60)), (9_860.0, Some(141)));
        // Back by an hour: the steady clock goes on.
        schedule.tick(clocks(61, 6_263));
        assert_eq!((schedule.now(61.0).round(), due(schedule, 61)), (9_861.0, Some(140)));
        // Forward by an hour, or a sleep of as long: it asks at once, and rates look an hour older until then.
        schedule.tick(clocks(62, 9_864));
        assert_eq!((schedule.now(62.0).round(), due(schedule, 62)), (13_462.0, Some(0)));
        schedule.answered(Timestamp::from_unix_seconds(9_862), NEXT, 300, 62.0, 0.0);
        assert_eq!(schedule.server_time(63.0), Timestamp::from_unix_seconds(9_863));
    }

    #[test]
    fn failures_are_followed_by_longer_and_longer_pauses() {
        let mut schedule = start(0, 9_900, 0.0);
        let pauses = [0; 6].map(|_| {
            schedule.failed(0.0, 0.0);
            due(schedule, 0).unwrap()
        });
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }
}
