//! The pages of the wallboard: more rates than a screen has room for are shown in turn.

/// Which page is shown, and how long pages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Counted on and on, either way. [`Paging::shown`] is where it comes round to.
    pub page: i32,
    /// Tiles on a page.
    pub size: usize,
    /// It does not turn by itself.
    pub paused: bool,
}

impl Paging {
    /// As many tiles as `style/_wallboard.scss` has room for.
    pub fn tiles(landscape: bool) -> usize {
        if landscape { 9 } else { 8 }
    }

    /// So many pages on, or back.
    #[must_use]
    pub fn by(self, pages: i32) -> Self {
        Self { page: self.page.wrapping_add(pages), ..self }
    }

    /// How many pages so many tiles fill.
    pub fn pages(self, tiles: usize) -> usize {
        tiles.div_ceil(self.size.max(1))
    }

    /// The page of `pages`, from 0: after the last one comes the first.
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
