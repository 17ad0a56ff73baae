//! The settings.
//!
//! Each is one field of [`Config`]: a flag and an environment variable, with a default, a parser and its
//! help. A wrong value stops the start with one line that names the setting, the value and what is
//! allowed.

mod arguments;
mod values;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::builder::TypedValueParser;
use reqwest::Url;

use self::values::{
    address, alert_rules, base_path, codes, days_or_none, frame_ancestors, http_url, log_filter,
    must_be, number, one_of, parsed, printable, references, seconds, sources, store_url,
    webhook_secret, webhook_url,
};
pub use self::{
    arguments::{Arguments, InvalidArguments},
    values::{BasePath, FrameAncestors},
};
use crate::{
    alerts::AlertRules,
    rates::{Code, ReferenceName, RefreshSchedule, SourceName},
    sources::{ApiKey, Plan},
    store::StoreUrl,
    webhook::{WebhookSecret, WebhookUrl},
};

/// The settings, checked.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "it is the text of --help, which would show backticks")]
#[command(next_help_heading = "Settings, by flag or by environment variable")]
pub struct Config {
    /// IP address to listen on; :: takes IPv4 and IPv6.
    #[arg(long, env, default_value = "0.0.0.0")]
    #[arg(value_parser = must_be("an IP address", parsed::<IpAddr>))]
    pub host: IpAddr,

    /// Port to listen on; 0 takes a free one.
    #[arg(long, env, default_value = "5000")]
    #[arg(value_parser = must_be("a number from 0 to 65535", parsed::<u16>))]
    pub port: u16,

    /// Runtime threads, from 1 to 1024; as many as cores if not set.
    #[arg(long, env, value_parser = number("a number", 1024))]
    pub workers: Option<usize>,

    /// Seconds between refreshes, and until a snapshot counts as stale.
    /// From 1 to 86400.
    #[arg(long, env, default_value = "300", value_parser = seconds(86_400), verbatim_doc_comment)]
    pub cache_duration: Duration,

    /// Seconds for one call to a source, from 1 to 300.
    #[arg(long, env, default_value = "10", value_parser = seconds(300))]
    pub api_timeout: Duration,

    /// Where rates come from: a list of coingecko, coinbase, kraken and sample, with commas.
    /// The first live source is in charge. When it has given nothing for two intervals, the next
    /// that answers takes over, and hands back once the first has answered in two intervals.
    /// sample is an example that is built in. It is used only
    /// while there are no other rates.
    #[arg(long, env, default_value = "coingecko", value_parser = sources(), verbatim_doc_comment)]
    pub rates_sources: Box<[SourceName]>,

    /// What rates are compared with: a list of frankfurter, the ECB's daily rates, and kraken,
    /// separated by commas. They tell which of two values is right
    /// where one jumps.
    #[arg(long, env, value_parser = references(), verbatim_doc_comment)]
    pub rates_references: Option<Box<[ReferenceName]>>,

    /// Seconds for which a rate that the source has ceased to send keeps its last value, marked
    /// with its age, before it is gone. From 1 to 2592000.
    #[arg(long, env, default_value = "86400", value_parser = seconds(2_592_000))]
    #[arg(verbatim_doc_comment)]
    pub delist_after: Duration,

    /// Seconds for which a source may answer with the same rates until they count as stale.
    /// From 1 to 86400.
    #[arg(long, env, default_value = "3600", value_parser = seconds(86_400), verbatim_doc_comment)]
    pub unchanged_after: Duration,

    /// Currencies whose next jump is believed at once, and once, such as lbp,vef: an announced
    /// redenomination. Take them out afterwards.
    #[arg(long, env, value_parser = codes(), verbatim_doc_comment)]
    pub accept_outliers: Option<Box<[Code]>>,

    /// Base address of CoinGecko's API; the plan's public one if not set.
    #[arg(long, env, value_parser = http_url())]
    pub coingecko_url: Option<Url>,

    /// Base address of Coinbase's API.
    #[arg(long, env, default_value = "https://api.coinbase.com/v2", value_parser = http_url())]
    pub coinbase_url: Url,

    /// Base address of Kraken's API.
    #[arg(long, env, default_value = "https://api.kraken.com/0/public", value_parser = http_url())]
    pub kraken_url: Url,

    /// Base address of Frankfurter's API, the public one or
    /// your own.
    #[arg(long, env, default_value = "https://api.frankfurter.dev/v2", value_parser = http_url())]
    #[arg(verbatim_doc_comment)]
    pub frankfurter_url: Url,

    /// Key for CoinGecko's API; without one the public limits hold.
    #[arg(long, env, value_parser = printable(256).map(ApiKey))]
    pub coingecko_api_key: Option<ApiKey>,

    /// Plan of the key, demo or pro.
    #[arg(long, env, default_value = "demo")]
    #[arg(value_parser = one_of([("demo", Plan::Demo), ("pro", Plan::Pro)]))]
    pub coingecko_api_plan: Plan,

    /// Where the last good rates and the history are kept: memory:, file:///folder, redis://host
    /// or rediss://host, these two with user, password, port and database if need be.
    /// A file in the user's data folder if not set.
    #[arg(long, env, value_parser = store_url(), verbatim_doc_comment)]
    pub store_url: Option<StoreUrl>,

    /// Days of history that are kept, from 1 to 3650.
    #[arg(long, env, default_value = "30", value_parser = number("a number", 3650))]
    pub history_days: usize,

    /// How far back a new history, and gaps of an hour and more, are filled from CoinGecko's.
    /// From 1d to 90d, at most HISTORY_DAYS;
    /// 0 switches it off.
    #[arg(long, env, default_value = "30d", value_parser = days_or_none(90), verbatim_doc_comment)]
    pub history_backfill: u64,

    /// File of alert rules in TOML: when ALERT_WEBHOOK_URL is told that a value has crossed a
    /// threshold.
    #[arg(long, env, value_parser = alert_rules(), verbatim_doc_comment)]
    pub alert_rules: Option<AlertRules>,

    /// Address that is sent a message for each crossing, once, as JSON.
    #[arg(long, env, value_parser = webhook_url())]
    pub alert_webhook_url: Option<WebhookUrl>,

    /// Secret that they are signed with, as Standard Webhooks have it: whsec_ and base64.
    /// Unsigned if not set.
    #[arg(long, env, value_parser = webhook_secret(), verbatim_doc_comment)]
    pub alert_webhook_secret: Option<WebhookSecret>,

    /// Path below which everything is served, such as /rates.
    #[arg(long, env, default_value = "/", value_parser = base_path())]
    pub base_path: BasePath,

    /// Who may show the pages in a frame: self, or origins such as https://intranet.example.org,
    /// separated by commas; nobody if not set.
    #[arg(long, env, value_parser = frame_ancestors(), verbatim_doc_comment)]
    pub frame_ancestors: Option<FrameAncestors>,

    /// IP address and port to serve /metrics on, instead of the main port.
    #[arg(long, env, value_parser = address())]
    pub metrics_addr: Option<SocketAddr>,

    /// Version to show in /health and as a metric.
    #[arg(long, env, default_value = env!("CARGO_PKG_VERSION"), value_parser = printable(64))]
    pub app_version: String,

    /// What to log, as in info,crypto_rates=debug.
    #[arg(long, env, default_value = "info", value_parser = log_filter())]
    pub rust_log: String,

    /// How to log: text, or json for clusters.
    #[arg(long, env, default_value = "text")]
    #[arg(value_parser = one_of([("text", LogFormat::Text), ("json", LogFormat::Json)]))]
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    pub fn listen_address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    pub fn schedule(&self) -> RefreshSchedule {
        RefreshSchedule {
            interval: self.cache_duration,
            grace: self.api_timeout,
            unchanged_after: self.unchanged_after,
        }
    }

    /// Returns the source that is in charge. The sample is always tried last, wherever it is in the list.
    pub fn first_source(&self) -> Option<SourceName> {
        self.rates_sources.iter().copied().find(|source| *source != SourceName::Sample)
    }

    /// Returns how long the history is kept.
    pub fn history(&self) -> Duration {
        Duration::from_secs(self.history_days as u64 * 86_400)
    }

    /// Returns how many days back the history is filled, which is not beyond what is kept.
    pub fn backfill_days(&self) -> u64 {
        self.history_backfill.min(self.history_days as u64)
    }

    /// Returns the base address of CoinGecko's API.
    #[expect(clippy::missing_panics_doc, reason = "both constants are addresses")]
    pub fn coingecko_url(&self) -> Url {
        // CoinGecko refuses a key on the wrong host with error 10010 or 10011.
        let public = match self.coingecko_api_plan {
            Plan::Demo => "https://api.coingecko.com/api/v3",
            Plan::Pro => "https://pro-api.coingecko.com/api/v3",
        };
        self.coingecko_url.clone().unwrap_or_else(|| Url::parse(public).expect("a valid URL"))
    }

    /// Returns where the store is. By default it is in the user's data folder (XDG), or in memory if there
    /// is none.
    pub fn store_url(&self) -> StoreUrl {
        let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
        let in_folder = || {
            let home = folder("HOME").map(|home| home.join(".local/share"));
            let mut data = [folder("XDG_DATA_HOME"), home].into_iter().flatten();
            data.find(|data| data.is_absolute()).map(|data| data.join("crypto-rates"))
        };
        let store = self.store_url.clone().or_else(|| in_folder().map(StoreUrl::Folder));
        store.unwrap_or(StoreUrl::Memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Config, InvalidArguments> {
        Config::read(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn everything_has_a_default() {
        let config = Config::read(|_| None).unwrap();
        assert_eq!(config.listen_address(), "0.0.0.0:5000".parse().unwrap());
        assert_eq!(*config.rates_sources, [SourceName::Coingecko]);
        assert_eq!(config.coingecko_url().as_str(), "https://api.coingecko.com/api/v3");
        assert_eq!(config.cache_duration, Duration::from_secs(300));
        assert_eq!(config.history(), Duration::from_secs(2_592_000));
        assert_eq!(config.app_version, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn a_key_is_never_shown() {
        let error = read("COINGECKO_API_KEY", "CG-geheim mit blank").unwrap_err().to_string();
        assert!(error.contains("=(not shown) is not valid"), "{error}");
        let config = read("COINGECKO_API_KEY", "CG-geheim").unwrap();
        assert_eq!(config.coingecko_api_key, Some(ApiKey("CG-geheim".to_owned())));
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn a_shared_store_has_an_address_that_weakens_nothing() {
        for url in ["redis://cache", "rediss://user:geheim@cache.example:6380/2"] {
            let config = read("STORE_URL", url).unwrap();
            assert!(matches!(config.store_url(), StoreUrl::Shared(_)), "{url}");
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
    }

    #[test]
    fn the_plan_picks_the_host() {
        let config = read("COINGECKO_API_PLAN", "pro").unwrap();
        assert_eq!(config.coingecko_url().host_str(), Some("pro-api.coingecko.com"));
    }

    #[test]
    fn a_base_path_is_what_can_stand_before_every_path() {
        for (path, expected) in [
            ("/", ""),
            ("//", ""),
            ("/rates", "/rates"),
            ("/rates/", "/rates"),
            ("/a-b/c.d_e~f", "/a-b/c.d_e~f"),
        ] {
            assert_eq!(read("BASE_PATH", path).unwrap().base_path.as_str(), expected, "{path}");
        }
        for path in [
            "rates",
            "//rates",
            "/a//b",
            "/.",
            "/a/../b",
            "/a?b",
            "/a#b",
            "/a b",
            "/%2e",
            "/{a}",
            "/*",
            "/é",
            "https://example.org/rates",
        ] {
            assert!(read("BASE_PATH", path).is_err(), "{path}");
        }
    }

    #[test]
    fn frames_are_allowed_by_origin() {
        for (list, expected) in [
            ("self", "'self'"),
            ("'self', https://a.example.org", "'self' https://a.example.org"),
            (
                "HTTPS://A.example.org:443/,http://10.0.0.1:8080",
                "https://a.example.org http://10.0.0.1:8080",
            ),
        ] {
            let ancestors = read("FRAME_ANCESTORS", list).unwrap().frame_ancestors.unwrap();
            assert_eq!(ancestors.as_str(), expected, "{list}");
        }
        for list in [
            "*",
            "none",
            "self,",
            "example.org",
            "https:",
            "https://*.example.org",
            "https://example.org/page",
            "https://example.org?page",
            "https://me@example.org",
            "https://a https://b",
            "https://a;script-src",
            "https://[::1]",
            "ftp://example.org",
        ] {
            assert!(read("FRAME_ANCESTORS", list).is_err(), "{list}");
        }
    }

    #[test]
    fn the_history_is_filled_by_days_and_no_further_than_it_is_kept() {
        for (text, days) in [("30d", 30), ("1d", 1), ("90d", 30), ("0", 0)] {
            assert_eq!(read("HISTORY_BACKFILL", text).unwrap().backfill_days(), days, "{text}");
        }
        for text in ["30", "0d", "91d", "d", "-1d", "1.5d", "24h"] {
            assert!(read("HISTORY_BACKFILL", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_webhook_s_address_and_secret_are_never_shown() {
        for (name, value) in [
            ("ALERT_WEBHOOK_URL", "ftp://chat.example.org/geheim"),
            ("ALERT_WEBHOOK_SECRET", "whsec_geheim"),
        ] {
            let error = read(name, value).unwrap_err().to_string();
            assert!(error.contains("=(not shown) is not valid: "), "{error}");
        }
        let config = read("ALERT_WEBHOOK_URL", "https://chat.example.org/geheim").unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn empty_counts_as_not_set() {
        assert_eq!(read("PORT", " ").unwrap().port, 5000);
    }
}
