//! The pages of the wallboard, which shows them in turn if there is no room for all rates.

use crate::rates::Timestamp;

/// The page that is shown, and the length of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Counts up and down without bounds; [`Paging::shown`] wraps it around.
    page: i32,
    /// Tiles per page.
    pub size: usize,
    /// Whether turning by itself is paused.
    pub paused: bool,
    /// When it turns by itself.
    turns_at: Timestamp,
}

impl Paging {
    /// Seconds for which a page is shown.
    const STAY: u64 = 12;

    /// Returns the first page.
    pub fn start(size: usize, now: Timestamp) -> Self {
        Self { page: 0, size, paused: false, turns_at: later(now) }
    }

    /// Returns the number of tiles that `style/_wallboard.scss` has room for.
    pub fn tiles(landscape: bool) -> usize {
        if landscape { 9 } else { 8 }
    }

    /// Turns by this number of pages, forwards or backwards. The page is then shown for its full time.
    #[must_use]
    pub fn by(self, pages: i32, now: Timestamp) -> Self {
        Self { page: self.page.wrapping_add(pages), turns_at: later(now), ..self }
    }

    /// Turns to the next page if it is time to. Starts again if there is room for more or fewer tiles.
    #[must_use]
    pub fn tick(self, size: usize, now: Timestamp) -> Self {
        if self.size != size {
            return Self::start(size, now);
        }
        // A clock that was set back must not keep the page from turning.
        let due = now >= self.turns_at || self.turns_at > later(now);
        if due && !self.paused { self.by(1, now) } else { self }
    }

    #[must_use]
    pub fn toggle_pause(self) -> Self {
        Self { paused: !self.paused, ..self }
    }

    /// Returns how many pages this number of tiles fills.
    pub fn pages(self, tiles: usize) -> usize {
        tiles.div_ceil(self.size.max(1))
    }

    /// Returns the index of the page shown, of `pages`: the first one follows the last.
    pub fn shown(self, pages: usize) -> usize {
        let pages = i32::try_from(pages).unwrap_or(i32::MAX).max(1);
        usize::try_from(self.page.rem_euclid(pages)).unwrap_or(0)
    }
}

fn later(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(now.unix_seconds() + Paging::STAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000 + seconds)
    }

    #[test]
    fn pages_go_round_either_way() {
        let paging = Paging::start(9, NOW);
        let shown = [0, 1, 6, 7, -1, -8].map(|pages| paging.by(pages, NOW).shown(7));
        assert_eq!(shown, [0, 1, 6, 0, 6, 6]);
        assert_eq!(paging.by(5, NOW).shown(0), 0);
    }

    #[test]
    fn pages_turn_by_themselves_unless_paused() {
        let paging = Paging::start(9, NOW);
        let page = |paging: Paging| paging.shown(7);
        assert_eq!(page(paging.tick(9, at(11))), 0);
        assert_eq!(page(paging.tick(9, at(12))), 1);
        assert_eq!(page(paging.toggle_pause().tick(9, at(60))), 0);
        // Turned by hand, a page stays for its full time.
        assert_eq!(page(paging.by(1, at(11)).tick(9, at(22))), 1);
        // The clock was set back by an hour.
        let late = Paging::start(9, at(3_600));
        assert_eq!(page(late.tick(9, at(0))), 1);
        // A screen that was turned has room for another number of tiles.
        assert_eq!(paging.by(3, NOW).tick(8, at(1)), Paging::start(8, at(1)));
    }
}
