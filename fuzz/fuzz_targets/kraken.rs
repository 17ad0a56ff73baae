//! The body of Kraken's answer, with the catalogue that is in the binary.
#![no_main]

use std::sync::LazyLock;

use crypto_rates::{
    rates::{Snapshot, Timestamp},
    sources::{kraken, sample},
};
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Snapshot> = LazyLock::new(sample::snapshot);

fuzz_target!(|body: &[u8]| {
    let now = Timestamp::from_unix_seconds(0);
    crypto_rates_fuzz::check(&kraken::parse(body, Some(&CATALOGUE), now));
});
