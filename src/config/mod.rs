//! The environment variables, and what they may be.
//!
//! `settings.rs` has the one list of them: `--help` prints it, and [`Config::read`] takes names and
//! defaults from it. A wrong value stops the start with one line that names the variable, its
//! value and what is allowed. A variable that is set but empty counts as not set.

mod settings;
mod values;

use std::{
    env::VarError,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Url;
use tracing_subscriber::EnvFilter;

pub use self::settings::help;
use self::{
    settings::{Setting, find},
    values::{http_url, number, place, printable, seconds, sources},
};
use crate::{published::Schedule, rates::SourceName, sources::ApiKey, store::StoreUrl};

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
    pub store: StoreUrl,
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

fn invalid(name: &'static str, value: String) -> InvalidSetting {
    let Setting { secret, allowed, .. } = *find(name);
    // An address may carry a key, too, where none belongs.
    let secret = secret || value.contains(['?', '@']);
    let value = if secret { "(not shown)".to_owned() } else { value.escape_debug().to_string() };
    InvalidSetting { name, value, allowed }
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
            assert!(matches!(config.store, StoreUrl::Shared(_)), "{url}");
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
