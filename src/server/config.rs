//! The environment variables, and what they may be.
//!
//! [`SETTINGS`] is the one list of them: `--help` prints it, and [`Config::read`] takes names and
//! defaults from it. A wrong value stops the start with one line that names the variable, its
//! value and what is allowed. A variable that is set but empty counts as not set.

use std::{
    env::VarError,
    fmt::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Url;
use tracing_subscriber::EnvFilter;

use crate::{
    board::Schedule,
    rates::SourceName,
    source::ApiKey,
    store::{Place, link::Address},
};

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

pub const SETTINGS: &[Setting] = &[
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

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Runtime threads; as many as cores if `None`.
    pub workers: Option<usize>,
    pub cache_duration: Duration,
    pub api_timeout: Duration,
    /// In the order in which they are asked.
    pub sources: Vec<SourceName>,
    pub coingecko_url: Url,
    pub coinbase_url: Url,
    pub coingecko_key: Option<ApiKey>,
    pub store: Place,
    /// How long the history is kept.
    pub history: Duration,
    pub metrics_listen: Option<SocketAddr>,
    pub app_version: String,
    /// Filters in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// A variable with a value that it can't have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value} is not valid: it must be {allowed}")]
pub struct InvalidSetting {
    name: &'static str,
    value: String,
    allowed: &'static str,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Self::read(|name| match std::env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            // Shown with replacement characters, and allowed nowhere.
            Err(VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
        })
    }

    /// Reads variables from `get`.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSetting> {
        let read = Reader { get };
        let host = read.required("HOST", |value| value.parse().ok())?;
        let port = read.required("PORT", |value| value.parse().ok())?;
        let key = read.optional("COINGECKO_API_KEY", |value| printable(value, 256))?;
        let pro = read.required("COINGECKO_API_PLAN", |value| match value {
            "demo" => Some(false),
            "pro" => Some(true),
            _ => None,
        })?;
        // A key on the wrong host is refused with error 10010 or 10011.
        let public = if pro {
            "https://pro-api.coingecko.com/api/v3"
        } else {
            "https://api.coingecko.com/api/v3"
        };
        let coingecko_url = read.with_default("COINGECKO_URL", public, http_url)?;
        Ok(Self {
            listen: SocketAddr::new(host, port),
            workers: read.optional("WORKERS", |value| number(value, 1, 1024))?,
            cache_duration: read.required("CACHE_DURATION", |value| seconds(value, 86_400))?,
            api_timeout: read.required("API_TIMEOUT", |value| seconds(value, 300))?,
            sources: read.required("RATES_SOURCES", sources)?,
            coingecko_url,
            coinbase_url: read.required("COINBASE_URL", http_url)?,
            coingecko_key: key.map(if pro { ApiKey::Pro } else { ApiKey::Demo }),
            store: read.with_default("STORE_URL", &data_folder(&read), place)?,
            history: read.required("HISTORY_DAYS", |value| {
                let days = number(value, 1, 3650)?;
                Some(Duration::from_secs(u64::try_from(days).ok()? * 86_400))
            })?,
            metrics_listen: read.optional("METRICS_ADDR", |value| value.parse().ok())?,
            app_version: read.required("APP_VERSION", |value| printable(value, 64))?,
            log_filter: read.required("RUST_LOG", |value| {
                EnvFilter::try_new(value).ok().map(|_| value.to_owned())
            })?,
            log_format: read.required("LOG_FORMAT", |value| match value {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            })?,
        })
    }

    pub fn schedule(&self) -> Schedule {
        Schedule { interval: self.cache_duration, grace: self.api_timeout }
    }
}

/// The list of variables, as `--help` prints it.
pub fn help() -> String {
    let mut help = String::new();
    for Setting { name, default, meaning, allowed, .. } in SETTINGS {
        let default = if default.is_empty() { "not set" } else { default };
        let _ = write!(help, "  {name}\n      {meaning}\n      {allowed}; default: {default}\n");
    }
    help
}

struct Reader<G> {
    get: G,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    fn required<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, InvalidSetting> {
        self.with_default(name, find(name).default, parse)
    }

    fn with_default<T>(
        &self,
        name: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, InvalidSetting> {
        let value = self.value(name).unwrap_or_else(|| default.to_owned());
        parse(&value).ok_or_else(|| invalid(name, value))
    }

    fn optional<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, InvalidSetting> {
        let value = self.value(name);
        value.map(|value| parse(&value).ok_or_else(|| invalid(name, value))).transpose()
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.get)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

fn find(name: &'static str) -> &'static Setting {
    const UNLISTED: Setting = setting("", "", "", "listed in SETTINGS");
    SETTINGS.iter().find(|setting| setting.name == name).unwrap_or(&UNLISTED)
}

fn invalid(name: &'static str, value: String) -> InvalidSetting {
    let Setting { secret, allowed, .. } = *find(name);
    // An address may carry a key, too, where none belongs.
    let secret = secret || value.contains(['?', '@']);
    let value = if secret { "(not shown)".to_owned() } else { value.escape_debug().to_string() };
    InvalidSetting { name, value, allowed }
}

fn number(text: &str, least: usize, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

fn seconds(text: &str, most: u64) -> Option<Duration> {
    let seconds = text.parse().ok().filter(|seconds| (1..=most).contains(seconds));
    seconds.map(Duration::from_secs)
}

fn sources(text: &str) -> Option<Vec<SourceName>> {
    let mut sources = Vec::new();
    for word in text.split(',') {
        let source = SourceName::ALL.into_iter().find(|name| name.as_str() == word.trim())?;
        if sources.contains(&source) {
            return None;
        }
        sources.push(source);
    }
    Some(sources)
}

fn http_url(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then_some(url)
}

fn place(text: &str) -> Option<Place> {
    if text == "memory:" {
        return Some(Place::Memory);
    }
    if let Some(address) = Address::read(text) {
        return Some(Place::Shared(address));
    }
    let url: Url = text.parse().ok()?;
    let plain = url.scheme() == "file" && url.query().is_none() && url.fragment().is_none();
    url.to_file_path().ok().filter(|_| plain).map(Place::Folder)
}

/// The store of a user who asked for none: in the data folder of the XDG specification, or in memory
/// where there is no home.
fn data_folder<G: Fn(&str) -> Option<String>>(read: &Reader<G>) -> String {
    let home = || read.value("HOME").map(|home| Path::new(&home).join(".local/share"));
    let data = read.value("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
    let folder = data.map(|data| data.join("crypto-rates"));
    let url = folder.and_then(|folder| Url::from_file_path(folder).ok());
    url.map_or("memory:".to_owned(), String::from)
}

fn printable(text: &str, most: usize) -> Option<String> {
    let usable = text.len() <= most && text.bytes().all(|b| b.is_ascii_graphic());
    usable.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Config, InvalidSetting> {
        Config::read(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn everything_has_a_default() {
        let config = Config::read(|_| None).unwrap();
        assert_eq!(config.listen, "0.0.0.0:5000".parse().unwrap());
        assert_eq!(config.sources, [SourceName::Coingecko]);
        assert_eq!(config.coingecko_url.as_str(), "https://api.coingecko.com/api/v3");
        assert_eq!(config.cache_duration, Duration::from_secs(300));
        assert_eq!(config.app_version, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn every_wrong_value_is_named_with_what_is_allowed() {
        for (name, value) in [
            ("HOST", "localhost:80"),
            ("PORT", "65536"),
            ("WORKERS", "0"),
            ("CACHE_DURATION", "5m"),
            ("API_TIMEOUT", "-1"),
            ("RATES_SOURCES", "coingecko,coingecko"),
            ("RATES_SOURCES", "kraken"),
            ("COINGECKO_URL", "ftp://example.org"),
            ("COINBASE_URL", "example.org"),
            ("COINGECKO_API_PLAN", "free"),
            ("METRICS_ADDR", "9090"),
            ("APP_VERSION", "1.0 beta"),
            ("RUST_LOG", "crypto_rates=loud"),
            ("LOG_FORMAT", "xml"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}={value} is not valid")), "{error}");
            assert!(error.contains(find(name).allowed) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let error = read("COINGECKO_API_KEY", "CG-geheim mit blank").unwrap_err().to_string();
        assert!(error.contains("COINGECKO_API_KEY=(not shown)"), "{error}");
        let config = read("COINGECKO_API_KEY", "CG-geheim").unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn a_shared_store_has_an_address_that_weakens_nothing() {
        for url in ["redis://cache", "rediss://user:geheim@cache.example:6380/2"] {
            let config = read("STORE_URL", url).unwrap();
            assert!(matches!(config.store, Place::Shared(_)), "{url}");
            assert!(!format!("{config:?}").contains("geheim"));
        }
        for url in [
            "redis://",
            "redis:///0",
            "redis://cache/zero",
            "rediss://cache/#insecure",
            "redis://cache?protocol=resp3",
            "redis+unix:///run/redis.sock",
        ] {
            assert!(read("STORE_URL", url).is_err(), "{url}");
        }
        let error = read("STORE_URL", "redis://:geheim@cache/zero").unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
    }

    #[test]
    fn the_plan_picks_the_host() {
        let config = read("COINGECKO_API_PLAN", "pro").unwrap();
        assert_eq!(config.coingecko_url.host_str(), Some("pro-api.coingecko.com"));
    }

    #[test]
    fn empty_counts_as_not_set() {
        assert_eq!(read("PORT", " ").unwrap().listen.port(), 5000);
    }
}
