//! Remarks on rates that do not move as the others do.

use super::Code;

/// Why a rate does not move with a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Bitcoin or a unit of it.
    Constant,
    /// No longer traded, but sources still send a rate.
    Defunct,
}

impl Code {
    /// Returns the remark on this currency beside a base, if there is one. That bitcoin is a unit of itself says
    /// nothing of its price.
    pub fn remark_beside(&self, base: &Self) -> Option<Remark> {
        let says_nothing = *self == Self::btc() && !base.is_constant();
        self.remark().filter(|_| !says_nothing)
    }

    /// Returns the remark on this currency, if there is one.
    pub fn remark(&self) -> Option<Remark> {
        match self.as_str() {
            // The bolívar fuerte was replaced in 2018. CoinGecko has sent 0.10013 to the dollar in
            // every answer since 2023.
            "vef" => Some(Remark::Defunct),
            _ => self.is_constant().then_some(Remark::Constant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_do_not_move_say_why() {
        let remark = |code: &str| code.parse::<Code>().unwrap().remark();
        assert_eq!(remark("sats"), Some(Remark::Constant));
        assert_eq!(remark("vef"), Some(Remark::Defunct));
        assert_eq!(remark("usd"), None);
    }
}
