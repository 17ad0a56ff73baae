//! The body of Frankfurter's answer.
#![no_main]

use std::sync::LazyLock;

use crypto_rates::{
    rates::Snapshot,
    sources::{frankfurter, sample},
};
use libfuzzer_sys::fuzz_target;

static RATES: LazyLock<Snapshot> = LazyLock::new(sample::snapshot);

fuzz_target!(|body: &[u8]| {
    let rates = frankfurter::parse(body, RATES.last_updated());
    crypto_rates_fuzz::check_reference(&rates, &RATES);
});
