//! A source that answers, with the same rates again and again.

use super::*;
use crate::rates::{CacheStatus, Quotation};

fn frozen(_: &Rate) -> f64 {
    FROZEN
}

impl Simulation {
    /// Returns the status of the published rates, and for how long their source has answered the same.
    fn status(&self) -> (CacheStatus, u64) {
        let published = self.state.published();
        let snapshot = published.snapshot().unwrap();
        (published.status(snapshot, self.state.now()), snapshot.unchanged().as_secs())
    }

    fn records(&self) -> usize {
        let mut records = 0;
        let now = self.state.now();
        assert!(self.state.store.read(START, now, now, &mut |_| records += 1));
        records
    }
}

#[tokio::test(start_paused = true)]
async fn rates_that_do_not_change_are_as_old_as_they_are() {
    use CacheStatus::{Cached, Fresh, Stale};

    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| match now {
        600..6_600 => Ok(frozen),
        _ => Ok(everything),
    })]);
    simulation.until(601).await;
    let first = simulation.state.published().snapshot().cloned().unwrap();
    for (second, status) in [
        (601, (Fresh, 0)),
        // One or two equal answers are normal.
        (901, (Cached, 300)),
        (1_201, (Cached, 600)),
        (4_199, (Cached, 3_300)),
        // An hour of them is not.
        (4_201, (Stale, 3_600)),
        (6_599, (Stale, 5_700)),
    ] {
        simulation.until(second).await;
        assert_eq!(simulation.status(), status, "{second}");
        // It is the same snapshot as ever, with the time at which it was new.
        let published = simulation.state.published();
        let snapshot = published.snapshot().unwrap();
        assert_eq!((simulation.shown().1, snapshot.id()), (600, first.id()), "{second}");
        assert_eq!(published.failure(), None, "{second}");
        let next = published.next_refresh().seconds_since(START);
        assert_eq!(next, (second / INTERVAL + 1) * INTERVAL, "{second}");
        let (base, now) = ("btc".parse().unwrap(), simulation.state.now());
        let latest = simulation.state.latest(&published, &base, Quotation::Inverse, now);
        assert_eq!(latest.unchanged, second > 4_200, "{second}");
        let since = published.unchanged_since();
        assert_eq!(since.is_some(), second > 900, "{second}");
    }
    assert_eq!(simulation.records(), 3);
    // One value that moves ends it.
    simulation.until(6_601).await;
    assert_eq!((simulation.status(), simulation.shown().1), ((Fresh, 0), 6_600));
    assert_eq!(simulation.records(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failure_among_equal_answers_is_a_failure_and_no_take_over() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |now| match now {
            2_100..2_400 => oops(),
            _ => Ok(frozen),
        }),
        (SourceName::Coinbase, |_| Ok(everything)),
    ]);
    simulation.until(2_399).await;
    assert_eq!(simulation.status(), (CacheStatus::Stale, 1_800));
    simulation.until(2_401).await;
    // The source has been silent for one interval, not for as long as the rates are old.
    assert_eq!((simulation.shown(), simulation.status().1), ((SourceName::Coingecko, 0), 2_400));
    assert_eq!(simulation.status().0, CacheStatus::Cached);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_lost_among_equal_values_makes_nothing_new() {
    fn but_usd(rate: &Rate) -> f64 {
        if rate.code.as_str() == "usd" { 0.0 } else { FROZEN }
    }
    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| match now {
        0..300 => Ok(frozen),
        _ => Ok(but_usd),
    })]);
    simulation.until(901).await;
    let published = simulation.state.published();
    let usd = published.snapshot().unwrap().get(&"usd".parse().unwrap()).unwrap();
    assert_eq!(usd.carried_forward.map(|origin| origin.time), Some(START));
    assert_eq!((simulation.shown().1, simulation.status()), (0, (CacheStatus::Cached, 900)));
    assert_eq!(simulation.records(), 1);
}
