//! The body of CoinGecko's answer.
#![no_main]

use crypto_rates::{
    rates::{SourceName, Timestamp},
    sources::coingecko,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let now = Timestamp::from_unix_seconds(0);
    crypto_rates_fuzz::check(&coingecko::parse(body, SourceName::Coingecko, now));
});
