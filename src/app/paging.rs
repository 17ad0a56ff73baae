//! The pages of the wallboard, which shows them in turn if there is no room for all rates.

/// The page that is shown, and the length of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Counts up and down without bounds; [`Paging::shown`] wraps it around.
    pub page: i32,
    /// Tiles per page.
    pub size: usize,
    /// Whether turning by itself is paused.
    pub paused: bool,
}

impl Paging {
    /// Returns the number of tiles that `style/_wallboard.scss` has room for.
    pub fn tiles(landscape: bool) -> usize {
        if landscape { 9 } else { 8 }
    }

    /// Moves by this number of pages, forwards or backwards.
    #[must_use]
    pub fn by(self, pages: i32) -> Self {
        Self { page: self.page.wrapping_add(pages), ..self }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_round_either_way() {
        let paging = Paging { page: 0, size: 9, paused: false };
        let shown = [0, 1, 6, 7, -1, -8].map(|pages| paging.by(pages).shown(7));
        assert_eq!(shown, [0, 1, 6, 0, 6, 6]);
        assert_eq!(paging.by(5).shown(0), 0);
    }
}
