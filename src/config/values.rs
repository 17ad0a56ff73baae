//! Parsers for the settings. Each trims the text, and refuses it with words that complete "it must be …".

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    net::SocketAddr,
    path::Path,
    str::FromStr,
    time::Duration,
};

use clap::builder::{OsStringValueParser, TypedValueParser};
use reqwest::Url;
use tracing_subscriber::EnvFilter;

use crate::{
    alerts::AlertRules,
    rates::{Code, ReferenceName, SourceName},
    store::{StoreUrl, redis_connection::Address},
    webhook::{WebhookSecret, WebhookUrl},
};

/// A path before that of every address: empty, or such as `/rates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who may show the pages in a frame, as a Content-Security-Policy has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameAncestors(String);

impl FrameAncestors {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a parser for text that `parse` accepts. Refuses text that is not UTF-8.
pub fn must_be<T: Clone + Send + Sync + 'static>(
    allowed: impl Into<String>,
    parse: impl Fn(&str) -> Option<T> + Clone + Send + Sync + 'static,
) -> impl TypedValueParser<Value = T> {
    let allowed = allowed.into();
    OsStringValueParser::new().try_map(move |value: OsString| {
        let parsed = value.to_str().and_then(|text| parse(text.trim()));
        parsed.ok_or_else(|| allowed.clone())
    })
}

/// Parses by the type's own `FromStr`, for [`must_be`].
pub fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

pub fn address() -> impl TypedValueParser<Value = SocketAddr> {
    must_be("an IP address and port, such as 127.0.0.1:9090", parsed)
}

/// Returns a parser for numbers from 1 to `most`. `what` names them in the error.
pub fn number(what: &str, most: usize) -> impl TypedValueParser<Value = usize> + use<> {
    must_be(format!("{what} from 1 to {most}"), move |text| {
        parsed(text).filter(|number| (1..=most).contains(number))
    })
}

pub fn seconds(most: usize) -> impl TypedValueParser<Value = Duration> {
    number("a number of seconds", most).map(|seconds| Duration::from_secs(seconds as u64))
}

/// Returns a parser for days from `1d` to `most`, and `0` for none.
pub fn days_or_none(most: u64) -> impl TypedValueParser<Value = u64> {
    must_be(format!("0, or days from 1d to {most}d"), move |text| match text {
        "0" => Some(0),
        days => parsed(days.strip_suffix('d')?).filter(|days| (1..=most).contains(days)),
    })
}

pub fn one_of<T: Copy + Send + Sync + 'static>(
    words: [(&'static str, T); 2],
) -> impl TypedValueParser<Value = T> {
    must_be(words.map(|(word, _)| word).join(" or "), move |text| {
        words.into_iter().find(|(word, _)| *word == text).map(|(_, value)| value)
    })
}

pub fn printable(most: usize) -> impl TypedValueParser<Value = String> {
    must_be(format!("up to {most} printable ASCII characters without spaces"), move |text| {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        (printable && (1..=most).contains(&text.len())).then(|| text.to_owned())
    })
}

pub fn log_filter() -> impl TypedValueParser<Value = String> {
    must_be("a list of filters such as info,crypto_rates=debug", |text| {
        EnvFilter::try_new(text).ok().map(|_| text.to_owned())
    })
}

pub fn sources() -> impl TypedValueParser<Value = Box<[SourceName]>> {
    let allowed = "an ordered list of coingecko, coinbase, kraken, sample, separated by commas, each \
                   at most once";
    must_be(allowed, each_at_most_once)
}

pub fn references() -> impl TypedValueParser<Value = Box<[ReferenceName]>> {
    let allowed = "a list of frankfurter, kraken, separated by commas, each at most once";
    must_be(allowed, each_at_most_once)
}

/// Parses a list, for [`must_be`].
fn each_at_most_once<T: FromStr + PartialEq>(text: &str) -> Option<Box<[T]>> {
    let mut list = Vec::new();
    for word in text.split(',') {
        let item = parsed(word.trim()).filter(|item| !list.contains(item))?;
        list.push(item);
    }
    Some(list.into())
}

pub fn codes() -> impl TypedValueParser<Value = Box<[Code]>> {
    must_be("a list of currency codes such as lbp,vef, separated by commas", |text| {
        text.split(',').map(|code| parsed(code.trim())).collect()
    })
}

pub fn http_url() -> impl TypedValueParser<Value = Url> {
    must_be("an http or https address without user, query or fragment", |text| {
        parsed(text).filter(|url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        })
    })
}

pub fn base_path() -> impl TypedValueParser<Value = BasePath> {
    let allowed = "a path such as /rates, of letters, digits and -._~, without . or .. as a part";
    must_be(allowed, |text| {
        let path = text.strip_prefix('/')?.trim_end_matches('/');
        if path.is_empty() {
            return Some(BasePath(String::new()));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
        path.split('/').all(is_part).then(|| BasePath(format!("/{path}")))
    })
}

pub fn frame_ancestors() -> impl TypedValueParser<Value = FrameAncestors> {
    let allowed = "self or origins such as https://example.org, separated by commas";
    must_be(allowed, |text| {
        let ancestors: Option<Vec<_>> = text.split(',').map(|word| ancestor(word.trim())).collect();
        Some(FrameAncestors(ancestors?.join(" ")))
    })
}

/// Reads `self` or an origin as a source of a Content-Security-Policy, which has no word for an IPv6 address.
fn ancestor(word: &str) -> Option<String> {
    if matches!(word, "self" | "'self'") {
        return Some("'self'".to_owned());
    }
    let url: Url = parsed(word)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| host.bytes().all(plain))
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    is_origin.then(|| url.origin().ascii_serialization())
}

/// Returns a parser that reads the rules in the file at a path.
pub fn alert_rules() -> impl TypedValueParser<Value = AlertRules> {
    OsStringValueParser::new().try_map(|path: OsString| {
        let path = path.to_str().map_or(&*path, |path| path.trim().as_ref());
        let read = read_file(Path::new(path)).map_err(|error| error.to_string());
        let rules = read.and_then(|text| text.parse().map_err(|error| format!("{error}")));
        rules.map_err(|problem| format!("a file of alert rules in TOML; {problem}"))
    })
}

/// Reads a small file of text.
fn read_file(path: &Path) -> io::Result<String> {
    const LARGEST: u64 = 256 * 1024;
    let mut text = String::new();
    File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    let fits = text.len() as u64 <= LARGEST;
    fits.then_some(text)
        .ok_or_else(|| io::Error::other(format!("it has more than {LARGEST} bytes")))
}

pub fn webhook_url() -> impl TypedValueParser<Value = WebhookUrl> {
    must_be("an http or https address without user or fragment", parsed)
}

pub fn webhook_secret() -> impl TypedValueParser<Value = WebhookSecret> {
    must_be("whsec_ and base64 of 24 to 64 bytes", parsed)
}

pub fn store_url() -> impl TypedValueParser<Value = StoreUrl> {
    let allowed = "memory:, file:///folder, redis://host or rediss://host with user, password, port \
                   and database if need be";
    must_be(allowed, |text| {
        if text == "memory:" {
            return Some(StoreUrl::Memory);
        }
        if let Some(address) = Address::read(text) {
            return Some(StoreUrl::Shared(address));
        }
        let url: Url = parsed(text)?;
        let plain = url.scheme() == "file" && url.query().is_none() && url.fragment().is_none();
        url.to_file_path().ok().filter(|_| plain).map(StoreUrl::Folder)
    })
}
