//! The pages of the wallboard, which shows them in turn if there is no room for all rates: the first ones
//! stay, and only the rest turns.

use crate::rates::Timestamp;

/// The page that is shown, and when it turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Counts up and down without bounds; [`Paging::shown`] wraps it around.
    page: i32,
    /// Whether the screen is wider than high.
    landscape: bool,
    /// Seconds for which a page is shown; `None` if none turns by itself, until the reader has it go on.
    rotate: Option<u16>,
    /// Whether turning by itself is paused.
    pub paused: bool,
    /// When it turns by itself.
    turns_at: Timestamp,
}

impl Paging {
    /// Seconds for which a page is shown, if the address says nothing of it.
    pub const SECONDS: u16 = 12;
    /// The most tiles that any screen has room for.
    pub const MOST_TILES: usize = 9;

    /// Returns the first page.
    pub fn start(landscape: bool, rotate: Option<u16>, now: Timestamp) -> Self {
        let paging = Self { page: 0, landscape, rotate, paused: rotate.is_none(), turns_at: now };
        paging.by(0, now)
    }

    /// Returns the number of tiles that `style/_wallboard.scss` has room for, and how many of them stay: its
    /// first row.
    fn tiles(self) -> (usize, usize) {
        if self.landscape { (Self::MOST_TILES, 3) } else { (8, 2) }
    }

    /// Returns when a page turns that is shown from `now` on.
    fn later(self, now: Timestamp) -> Timestamp {
        let seconds = self.rotate.unwrap_or(Self::SECONDS);
        Timestamp::from_unix_seconds(now.unix_seconds() + u64::from(seconds))
    }

    /// Turns by this number of pages, forwards or backwards. The page is then shown for its full time.
    #[must_use]
    pub fn by(self, pages: i32, now: Timestamp) -> Self {
        Self { page: self.page.wrapping_add(pages), turns_at: self.later(now), ..self }
    }

    /// Turns to the next page if it is time to. Starts again if there is room for more or fewer tiles, or
    /// another time for each page.
    #[must_use]
    pub fn tick(self, landscape: bool, rotate: Option<u16>, now: Timestamp) -> Self {
        if (self.landscape, self.rotate) != (landscape, rotate) {
            return Self::start(landscape, rotate, now);
        }
        // A clock that was set back must not keep the page from turning.
        let due = now >= self.turns_at || self.turns_at > self.later(now);
        if due && !self.paused { self.by(1, now) } else { self }
    }

    #[must_use]
    pub fn toggle_pause(self) -> Self {
        Self { paused: !self.paused, ..self }
    }

    /// Returns how many pages this number of rates fills.
    pub fn pages(self, rates: usize) -> usize {
        let (tiles, stay) = self.tiles();
        if rates <= tiles { 1 } else { (rates - stay).div_ceil(tiles - stay) }
    }

    /// Returns the index of the page shown, of `pages`: the first one follows the last.
    fn shown(self, pages: usize) -> usize {
        let pages = i32::try_from(pages).unwrap_or(i32::MAX).max(1);
        usize::try_from(self.page.rem_euclid(pages)).unwrap_or(0)
    }

    /// `2 / 9, paused`, with this word. A board that never turns by itself is not called paused.
    pub fn place(self, rates: usize, word: &str) -> String {
        let pages = self.pages(rates);
        let paused = if self.paused && self.rotate.is_some() { [", ", word] } else { ["", ""] };
        format!("{} / {pages}{}{}", self.shown(pages) + 1, paused[0], paused[1])
    }

    /// Returns the rates of the page that is shown. The last page is filled up with some of the one before, so
    /// that no tile is empty.
    pub fn page<T: Clone>(self, rates: &[T]) -> Vec<T> {
        let (tiles, stay) = self.tiles();
        if rates.len() <= tiles {
            return rates.to_vec();
        }
        let turning = tiles - stay;
        let first = stay + self.shown(self.pages(rates.len())) * turning;
        let first = first.min(rates.len() - turning);
        let mut page = rates[..stay].to_vec();
        page.extend_from_slice(&rates[first..first + turning]);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const ROTATE: Option<u16> = Some(Paging::SECONDS);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000 + seconds)
    }

    fn landscape(page: i32) -> Paging {
        Paging::start(true, ROTATE, NOW).by(page, NOW)
    }

    fn portrait(page: i32) -> Paging {
        Paging::start(false, ROTATE, NOW).by(page, NOW)
    }

    #[test]
    fn pages_go_round_either_way() {
        let shown = [0, 1, 6, 7, -1, -8].map(|pages| landscape(pages).shown(7));
        assert_eq!(shown, [0, 1, 6, 0, 6, 6]);
        assert_eq!(landscape(5).shown(0), 0);
    }

    #[test]
    fn the_first_row_stays_and_the_rest_turns() {
        let page = |paging: Paging, rates: u32| paging.page(&(1..=rates).collect::<Vec<_>>());
        assert_eq!(page(landscape(0), 15), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(page(landscape(1), 15), [1, 2, 3, 10, 11, 12, 13, 14, 15]);
        assert_eq!(page(portrait(1), 14), [1, 2, 9, 10, 11, 12, 13, 14]);
        // The last page is full, too.
        assert_eq!(page(landscape(0), 10), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(page(landscape(1), 10), [1, 2, 3, 5, 6, 7, 8, 9, 10]);
        // What fits does not turn.
        assert_eq!(page(landscape(1), 9), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(page(portrait(1), 8), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(page(landscape(1), 0), Vec::<u32>::new());
    }

    #[test]
    fn every_rate_has_its_page() {
        for paging in [landscape(0), portrait(0)] {
            for rates in 0..=80 {
                let rates: Vec<usize> = (0..rates).collect();
                let pages = i32::try_from(paging.pages(rates.len())).unwrap();
                let mut shown: Vec<usize> =
                    (0..pages).flat_map(|page| paging.by(page, NOW).page(&rates)).collect();
                shown.sort_unstable();
                shown.dedup();
                assert_eq!(shown, rates);
            }
        }
        assert_eq!([9, 10, 15, 16, 75].map(|rates| landscape(0).pages(rates)), [1, 2, 2, 3, 12]);
        assert_eq!(
            [0, 8, 9, 14, 15, 75].map(|rates| portrait(0).pages(rates)),
            [1, 1, 2, 2, 3, 13]
        );
    }

    #[test]
    fn pages_turn_by_themselves_unless_paused() {
        let paging = landscape(0);
        let page = |paging: Paging| paging.shown(7);
        let tick = |paging: Paging, seconds| paging.tick(true, ROTATE, at(seconds));
        assert_eq!(page(tick(paging, 11)), 0);
        assert_eq!(page(tick(paging, 12)), 1);
        assert_eq!(page(tick(paging.toggle_pause(), 60)), 0);
        // Turned by hand, a page stays for its full time.
        assert_eq!(page(tick(paging.by(1, at(11)), 22)), 1);
        // The clock was set back by an hour.
        let late = Paging::start(true, ROTATE, at(3_600));
        assert_eq!(page(tick(late, 0)), 1);
        // A screen that was turned has room for another number of tiles.
        let turned = paging.by(3, NOW).tick(false, ROTATE, at(1));
        assert_eq!(turned, Paging::start(false, ROTATE, at(1)));
    }

    #[test]
    fn the_address_says_how_long_a_page_is_shown() {
        let hour = Paging::start(true, Some(3_600), NOW);
        assert_eq!(hour.tick(true, Some(3_600), at(3_599)).place(75, "paused"), "1 / 12");
        assert_eq!(hour.tick(true, Some(3_600), at(3_600)).place(75, "paused"), "2 / 12");
        let never = Paging::start(true, None, NOW);
        assert_eq!(never.tick(true, None, at(86_400)).place(75, "paused"), "1 / 12");
        // The reader turns it, and has it go on.
        assert_eq!(never.by(-1, NOW).place(75, "paused"), "12 / 12");
        assert_eq!(never.toggle_pause().tick(true, None, at(12)).place(75, "paused"), "2 / 12");
        assert_eq!(hour.toggle_pause().place(75, "paused"), "1 / 12, paused");
        // Another address.
        assert_eq!(hour.by(1, NOW).tick(true, None, at(1)), Paging::start(true, None, at(1)));
    }
}
