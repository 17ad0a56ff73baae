//! Answers that lack rates which earlier ones had.

use super::*;

const DAY: u64 = 86_400;

/// As CoinGecko's list was cut off once: the codes from `m` on are gone.
fn a_part(rate: &Rate) -> f64 {
    if rate.code.as_str() < "m" || rate.code.is_constant() { 1.0 } else { 0.0 }
}

impl Simulation {
    /// Returns how many rates are published, how many of them the source has sent itself, and how many have
    /// been delisted so far.
    fn rates(&self) -> (usize, usize, u64) {
        let published = self.state.published();
        let snapshot = published.snapshot().unwrap();
        let mut text = String::new();
        encode_registry(&mut text, self.state.metrics.registry()).unwrap();
        let counted = r#"rates_delisted_total{source="coingecko"} "#;
        let delisted = text.lines().find_map(|line| line.strip_prefix(counted)?.parse().ok());
        (snapshot.rates().len(), snapshot.given().count(), delisted.unwrap_or(0))
    }

    fn given_by_a_part() -> usize {
        let whole = test_support::live(START);
        whole.rates().iter().filter(|rate| a_part(rate) > 0.0).count()
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_source_no_longer_sends_stays_for_a_day_with_its_age() {
    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| match now {
        // For twenty hours, and an hour later for good.
        300..72_000 | 75_600.. => Ok(a_part),
        _ => Ok(everything),
    })]);
    let given = Simulation::given_by_a_part();
    assert!((38..76).contains(&given), "{given}");
    simulation.until(71_999).await;
    assert_eq!(simulation.rates(), (76, given, 0));
    assert_eq!(simulation.shown().1, 71_700, "the others are new");
    let published = simulation.state.published().snapshot().cloned().unwrap();
    let origin = published.get(&"usd".parse().unwrap()).unwrap().carried_forward.unwrap();
    assert_eq!((origin.source, origin.time), (SourceName::Coingecko, START));
    assert_eq!(published.get(&"sats".parse().unwrap()).unwrap().carried_forward, None);
    // What comes back within the day is as ever, and its time begins anew.
    simulation.until(75_599).await;
    assert_eq!(simulation.rates(), (76, 76, 0));
    simulation.until(75_600 + DAY - 1).await;
    assert_eq!(simulation.rates(), (76, given, 0));
    simulation.until(75_600 + DAY + 1).await;
    assert_eq!(simulation.rates(), (given, given, 76 - given as u64));
    simulation.until(75_600 + 2 * DAY).await;
    assert_eq!(simulation.rates(), (given, given, 76 - given as u64));
}

#[tokio::test(start_paused = true)]
async fn a_stand_in_delists_nothing_and_interrupts_the_day() {
    let simulation = Simulation::start(&[
        (SourceName::Coingecko, |now| match now {
            0..300 => Ok(everything),
            43_200..200_000 => oops(),
            _ => Ok(a_part),
        }),
        (SourceName::Coinbase, |_| Ok(a_part)),
    ]);
    let given = Simulation::given_by_a_part();
    for second in [43_199, 199_999, 200_000 + DAY] {
        simulation.until(second).await;
        assert_eq!(simulation.rates(), (76, given, 0), "{second}");
    }
    simulation.until(200_000 + DAY + 2 * INTERVAL).await;
    assert_eq!(simulation.rates(), (given, given, 76 - given as u64));
}

#[tokio::test(start_paused = true)]
async fn next_to_nothing_is_refused_three_times_and_then_the_others_stay_for_a_day() {
    let simulation = Simulation::start(&[(SourceName::Coingecko, |now| match now {
        0..300 => Ok(everything),
        _ => Ok(next_to_nothing),
    })]);
    simulation.until(899).await;
    assert_eq!((simulation.rates(), simulation.shown().1), ((76, 76, 0), 0));
    for second in [901, 1_201, 1_501, 900 + DAY - 1] {
        simulation.until(second).await;
        assert_eq!((simulation.rates().0, simulation.rates().2), (76, 0), "{second}");
        assert!(simulation.state.published().failure().is_none(), "{second}");
    }
    simulation.until(900 + DAY + 1).await;
    assert_eq!(simulation.rates().0, 5, "btc, usd and eur, and the units of bitcoin");
}
