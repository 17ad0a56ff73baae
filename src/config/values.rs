//! What the text of a variable may be: each function gives `None` for what it may not.

use std::time::Duration;

use reqwest::Url;

use crate::{
    rates::SourceName,
    store::{StoreUrl, redis_connection::Address},
};

pub fn number(text: &str, least: usize, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

pub fn seconds(text: &str, most: u64) -> Option<Duration> {
    let seconds = text.parse().ok().filter(|seconds| (1..=most).contains(seconds));
    seconds.map(Duration::from_secs)
}

pub fn sources(text: &str) -> Option<Vec<SourceName>> {
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

pub fn http_url(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then_some(url)
}

pub fn place(text: &str) -> Option<StoreUrl> {
    if text == "memory:" {
        return Some(StoreUrl::Memory);
    }
    if let Some(address) = Address::read(text) {
        return Some(StoreUrl::Shared(address));
    }
    let url: Url = text.parse().ok()?;
    let plain = url.scheme() == "file" && url.query().is_none() && url.fragment().is_none();
    url.to_file_path().ok().filter(|_| plain).map(StoreUrl::Folder)
}

pub fn printable(text: &str, most: usize) -> Option<String> {
    let usable = text.len() <= most && text.bytes().all(|b| b.is_ascii_graphic());
    usable.then(|| text.to_owned())
}
