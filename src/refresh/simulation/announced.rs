//! A redenomination that was announced.

use super::*;

fn lbp_at(rate: &Rate, factor: f64) -> f64 {
    if rate.code.as_str() == "lbp" { factor } else { 1.0 }
}

fn a_thousandth_of_lbp(rate: &Rate) -> f64 {
    lbp_at(rate, 0.001)
}

fn a_millionth_of_lbp(rate: &Rate) -> f64 {
    lbp_at(rate, 0.000_001)
}

const ANNOUNCED: [(&str, &str); 1] = [("ACCEPT_OUTLIERS", "vef,LBP")];

impl Simulation {
    /// Returns what the pound is worth, as a share of what it was, and the last failure.
    fn pound(&self) -> (f64, Option<String>) {
        let published = self.state.published();
        let lbp = "lbp".parse().unwrap();
        let now = published.snapshot().unwrap().get(&lbp).unwrap().value;
        let share = now / test_support::live(START).get(&lbp).unwrap().value;
        let share = (share * 1e9).round() / 1e9;
        (share, published.failure().map(|failure| failure.outcome.clone()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_announced_jump_is_believed_at_once_and_once() {
    let script: Script = |now| match now {
        0..600 => Ok(everything),
        600..1_200 => Ok(a_thousandth_of_lbp),
        _ => Ok(a_millionth_of_lbp),
    };
    let simulation = Simulation::start_with(&[(SourceName::Coingecko, script)], &ANNOUNCED);
    simulation.until(601).await;
    assert_eq!(simulation.pound(), (0.001, None));
    simulation.until(1_199).await;
    assert_eq!(simulation.pound(), (0.001, None));
    // The next jump is one that nobody has announced.
    for second in [1_201, 1_799] {
        simulation.until(second).await;
        assert_eq!(simulation.pound(), (0.001, Some("absurd".to_owned())), "{second}");
    }
    let reason = simulation.state.published().failure().unwrap().reason.clone();
    assert_eq!(reason.as_deref(), Some("lbp"));
    simulation.until(1_801).await;
    assert_eq!(simulation.pound(), (0.000_001, None));
}

#[tokio::test(start_paused = true)]
async fn other_outliers_beside_it_are_refused_and_it_waits() {
    fn and_usd(rate: &Rate) -> f64 {
        if rate.code.as_str() == "usd" { 0.001 } else { a_thousandth_of_lbp(rate) }
    }
    let script: Script = |now| match now {
        0..300 => Ok(everything),
        300..600 => Ok(and_usd),
        _ => Ok(a_thousandth_of_lbp),
    };
    let simulation = Simulation::start_with(&[(SourceName::Coingecko, script)], &ANNOUNCED);
    simulation.until(599).await;
    assert_eq!(simulation.pound(), (1.0, Some("absurd".to_owned())));
    simulation.until(601).await;
    assert_eq!(simulation.pound(), (0.001, None));
}

#[tokio::test(start_paused = true)]
async fn a_stand_in_that_is_behind_does_not_undo_it() {
    let simulation = Simulation::start_with(
        &[
            (SourceName::Coingecko, |now| match now {
                0..300 => Ok(everything),
                900..2_100 => oops(),
                _ => Ok(a_thousandth_of_lbp),
            }),
            (SourceName::Coinbase, |_| Ok(everything)),
        ],
        &ANNOUNCED,
    );
    for (second, source) in [
        (301, SourceName::Coingecko),
        (1_599, SourceName::Coinbase),
        (2_701, SourceName::Coingecko),
    ] {
        simulation.until(second).await;
        assert_eq!((simulation.shown().0, simulation.pound()), (source, (0.001, None)), "{second}");
    }
}
