//! In which language a page is sent.
//!
//! `lang=` in the address comes first, which is how a reader chooses. Without it, it is the first of the reader's
//! languages (`Accept-Language`, RFC 9110) that there is a page in.

use std::sync::LazyLock;

use axum::{
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

use crate::language::Language;

/// The most languages that are read. Browsers name a handful.
const MOST: usize = 32;

/// In the order of [`Language::ALL`].
static AVAILABLE: LazyLock<Vec<LanguageIdentifier>> =
    LazyLock::new(|| Language::ALL.iter().filter_map(|it| it.tag().parse().ok()).collect());

/// Returns the language that fits the reader's best; English if none does.
pub fn negotiated(headers: &HeaderMap) -> Language {
    let wanted = accepted_languages(headers);
    if wanted.is_empty() {
        return Language::default();
    }
    let best =
        negotiate_languages(&wanted, AVAILABLE.as_slice(), None, NegotiationStrategy::Lookup);
    let place = best.first().and_then(|best| AVAILABLE.iter().position(|it| it == *best));
    place.and_then(|place| Language::ALL.get(place).copied()).unwrap_or_default()
}

/// Returns the reader's languages, the one with the highest weight first.
fn accepted_languages(headers: &HeaderMap) -> Vec<LanguageIdentifier> {
    let weighed = |entry: &str| {
        let (language, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight.trim().strip_prefix(['q', 'Q']).and_then(|it| it.strip_prefix('='));
        let weight: f32 = weight.and_then(|it| it.parse().ok()).unwrap_or(1.0);
        Some((identifier(language.trim())?, weight)).filter(|(_, weight)| *weight > 0.0)
    };
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).into_iter();
    let entries = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let mut languages: Vec<(LanguageIdentifier, f32)> =
        entries.take(MOST).filter_map(weighed).collect();
    languages.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    languages.into_iter().map(|(language, _)| language).collect()
}

/// Reads a tag without its extensions, which no page differs by: `de-DE-u-co-phonebk` is `de-DE`.
fn identifier(tag: &str) -> Option<LanguageIdentifier> {
    let is_one_letter = |after: &str| after.split('-').next().is_some_and(|it| it.len() == 1);
    let extensions = tag.match_indices('-').find(|(at, _)| is_one_letter(&tag[at + 1..]));
    extensions.map_or(tag, |(at, _)| &tag[..at]).parse().ok()
}

/// Returns what tells the cached responses to an address apart: the language, where that is negotiated. So the
/// many forms of the header that mean the same share one.
pub fn variant(uri: &Uri, headers: &HeaderMap) -> &'static str {
    // Only the page's address ends like this, with or without a path before it.
    let is_page = uri.path().ends_with('/');
    let mut names = uri.query().unwrap_or_default().split('&');
    let is_chosen = names.any(|pair| pair.len() > 5 && pair.starts_with("lang="));
    if is_page && !is_chosen { negotiated(headers).tag() } else { "" }
}

/// Says which language a response is in and, if `varies`, that it was negotiated.
pub fn of_language(mut response: Response, language: Language, varies: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    if varies {
        // In one line, because some caches read but one.
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accepted: &str) -> HeaderMap {
        let value = HeaderValue::from_str(accepted).unwrap();
        HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)])
    }

    #[test]
    fn the_best_of_the_readers_languages_is_taken() {
        for (accepted, language) in [
            ("de", Language::De),
            ("de-CH,de;q=0.9,en;q=0.8", Language::De),
            ("pt-BR,pt;q=0.9,es;q=0.8,en;q=0.7", Language::Es),
            ("en-GB", Language::En),
            ("zh-CN, ja-JP", Language::Ja),
            ("ar-EG", Language::Ar),
            ("en;q=0.1, fr;q=0.9", Language::Fr),
            ("de;q=0, fr;q=0.1", Language::Fr),
            ("*", Language::En),
            ("pt, *;q=0.5", Language::En),
            ("de;q=x", Language::De),
            ("", Language::En),
            (";;,,=", Language::En),
            ("de;Q=0, fr", Language::Fr),
            ("de-DE-u-co-phonebk, en", Language::De),
            ("fr-x-private", Language::Fr),
            ("ar-u-nu-latn,en", Language::Ar),
            ("x-private, ja", Language::Ja),
        ] {
            assert_eq!(negotiated(&headers(accepted)), language, "{accepted}");
        }
        assert_eq!(negotiated(&HeaderMap::new()), Language::En);
        // Several lines are one list.
        let mut lines = headers("pt");
        lines.append(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
        assert_eq!(negotiated(&lines), Language::De);
        let endless = format!("{}de", "pt,".repeat(100));
        assert_eq!(negotiated(&headers(&endless)), Language::En);
    }

    #[test]
    fn only_a_negotiated_page_has_variants() {
        for (uri, variant) in [
            ("/", "de"),
            ("/?base=eur", "de"),
            ("/rates/?q=lang", "de"),
            ("/?lang=", "de"),
            ("/?base=eur&lang=fr", ""),
            ("/api/rates", ""),
            ("/fn/latest?base=eur", ""),
        ] {
            assert_eq!(super::variant(&uri.parse().unwrap(), &headers("de")), variant, "{uri}");
        }
    }
}
