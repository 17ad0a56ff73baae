//! Fixtures for tests.

use std::sync::Arc;

use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::{
    config::Config,
    rates::{Rate, Snapshot, SourceName, Timestamp},
    sources::sample,
    state::{AppState, Clock},
};

pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

/// Returns the rates of the sample with these values, as sent by `source` at `time`. Rates with the value 0
/// are left out.
pub fn snapshot(source: SourceName, time: Timestamp, value: impl Fn(&Rate) -> f64) -> Snapshot {
    let with_value = |rate: &Rate| Rate { value: value(rate), ..rate.clone() };
    let sample = sample::snapshot();
    let rates = sample.rates().iter().map(with_value).filter(|rate| rate.value > 0.0);
    Snapshot::new(source, time, rates.collect()).unwrap()
}

/// Returns the rates of the sample, as sent by CoinGecko at `time`.
pub fn live(time: Timestamp) -> Snapshot {
    snapshot(SourceName::Coingecko, time, |rate| rate.value)
}

/// Like [`live`], with another price of a bitcoin in dollars.
pub fn with_dollars(time: Timestamp, dollars: f64) -> Snapshot {
    dollars_of(SourceName::Coingecko, time, dollars)
}

/// Like [`with_dollars`], from any source.
pub fn dollars_of(source: SourceName, time: Timestamp, dollars: f64) -> Snapshot {
    let value = |rate: &Rate| if rate.code.as_str() == "usd" { dollars } else { rate.value };
    snapshot(source, time, value)
}

/// Returns a service with default settings and a store in memory.
pub fn state(clock: Clock) -> Arc<AppState> {
    state_with(clock, &[])
}

/// Like [`state`], with these variables.
pub fn state_with(clock: Clock, variables: &[(&str, &str)]) -> Arc<AppState> {
    let config = Config::read(|asked| {
        let (_, value) = variables.iter().find(|(name, _)| *name == asked)?;
        Some((*value).to_owned())
    });
    AppState::new(config.unwrap(), clock)
}

/// Returns a good body with some of its bytes changed, and half the time cut off: most get past the first bracket,
/// unlike random bytes.
pub fn damaged(body: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let places = proptest::collection::vec((0..body.len(), any::<u8>()), 1..9);
    let end = prop_oneof![Just(body.len()), 10..body.len()];
    (places, end).prop_map(|(places, end)| {
        let mut body = body.to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        body.truncate(end);
        body
    })
}
