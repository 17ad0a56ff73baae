//! The body of CoinGecko's answer to the calls for the past. Each of their parsers reads it.
#![no_main]

use crypto_rates::sources::coingecko::{market_chart, simple_price, vs_currencies};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    crypto_rates_fuzz::check_past(&market_chart::parse(body));
    crypto_rates_fuzz::check_changes(&simple_price::parse(body));
    crypto_rates_fuzz::check_codes(&vs_currencies::parse(body));
});
