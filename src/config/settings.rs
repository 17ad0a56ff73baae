//! The one list of the environment variables: names, defaults, and what is allowed.

use std::fmt::Write;

/// One variable.
pub struct Setting {
    pub name: &'static str,
    /// What holds without it; empty for none.
    pub default: &'static str,
    pub meaning: &'static str,
    /// Completes "must be …".
    pub allowed: &'static str,
    /// Never shown in an error.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    allowed: &'static str,
) -> Setting {
    Setting { name, default, meaning, allowed, secret: false }
}

const SETTINGS: &[Setting] = &[
    setting("HOST", "0.0.0.0", "address to listen on", "an IP address"),
    setting("PORT", "5000", "port to listen on; 0 takes a free one", "a number from 0 to 65535"),
    setting("WORKERS", "", "threads; as many as cores if not set", "a number from 1 to 1024"),
    setting(
        "CACHE_DURATION",
        "300",
        "seconds between refreshes, and until a snapshot counts as stale",
        "a number of seconds from 1 to 86400",
    ),
    setting(
        "API_TIMEOUT",
        "10",
        "seconds for one call to an upstream",
        "a number of seconds from 1 to 300",
    ),
    setting(
        "RATES_SOURCES",
        "coingecko",
        "where rates come from; the first that answers wins",
        "an ordered list of coingecko, coinbase, sample, separated by commas, each at most once",
    ),
    setting(
        "COINGECKO_URL",
        "",
        "base address of CoinGecko's API; the public one of the plan if not set",
        "an http or https address without user, query or fragment",
    ),
    setting(
        "COINBASE_URL",
        "https://api.coinbase.com/v2",
        "base address of Coinbase's API",
        "an http or https address without user, query or fragment",
    ),
    Setting {
        secret: true,
        ..setting(
            "COINGECKO_API_KEY",
            "",
            "key for CoinGecko's API; without one the public limits hold",
            "up to 256 printable ASCII characters without spaces",
        )
    },
    setting("COINGECKO_API_PLAN", "demo", "the plan of the key", "demo or pro"),
    setting(
        "STORE_URL",
        "",
        "where the last good rates and the history are kept; a file in the user's data folder if not set",
        "memory:, file:///folder, redis://host or rediss://host with user, password, port and database if need be",
    ),
    setting("HISTORY_DAYS", "30", "days of history that are kept", "a number from 1 to 3650"),
    setting(
        "METRICS_ADDR",
        "",
        "address and port to serve /metrics on, instead of the main port",
        "an IP address and port, such as 127.0.0.1:9090",
    ),
    setting(
        "APP_VERSION",
        env!("CARGO_PKG_VERSION"),
        "version to show in /health and as a metric",
        "up to 64 printable ASCII characters without spaces",
    ),
    setting(
        "RUST_LOG",
        "info",
        "what to log, as in info,crypto_rates=debug",
        "a list of filters such as info,crypto_rates=debug",
    ),
    setting("LOG_FORMAT", "text", "how to log; json for clusters", "text or json"),
];

/// The list of variables, as `--help` prints it.
pub fn help() -> String {
    let mut help = String::new();
    for Setting { name, default, meaning, allowed, .. } in SETTINGS {
        let default = if default.is_empty() { "not set" } else { default };
        let _ = write!(help, "  {name}\n      {meaning}\n      {allowed}; default: {default}\n");
    }
    help
}

pub fn find(name: &'static str) -> &'static Setting {
    const UNLISTED: Setting = setting("", "", "", "listed in SETTINGS");
    SETTINGS.iter().find(|setting| setting.name == name).unwrap_or(&UNLISTED)
}
