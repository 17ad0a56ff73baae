//! The files that the browser loads, embedded so that the binary is self-contained.
//!
//! `cargo leptos build --precompress` lays them out in `target/site` before the server is
//! compiled: style, script and wasm with a hash in their names, each also as `.br` and `.gz`.

pub mod inline_scripts;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use axum::{body::Bytes, http::HeaderValue};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{cache::Representation, language::Language};

#[derive(rust_embed::Embed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// Everything in `target/site`, by its path.
pub struct Assets {
    /// The path before that of every address; empty or such as `/rates`.
    pub base_path: String,
    files: HashMap<String, Arc<Representation>>,
    /// Addresses of the hashed files; `None` in a binary compiled without the site (`cargo test`
    /// on a fresh checkout), which serves pages without style and script.
    pub bundle: Option<Bundle>,
    /// What a page may load and run: its own files, and the inline scripts by their digests.
    pub content_security_policy: HeaderValue,
}

/// The files that a page links to.
pub struct Bundle {
    pub css: String,
    pub wasm: String,
    /// The scripts that load the wasm, with its texts, in the order of [`Language::ALL`].
    scripts: Vec<String>,
    /// The inline script that starts the wasm.
    pub loader: String,
    /// A digest of the files' names, which contain digests of their contents.
    build: String,
}

impl Assets {
    /// Reads the embedded files. The addresses in them get the base path, and `frame_ancestors` are those of
    /// the Content-Security-Policy; none if `None`.
    pub fn embedded(base_path: &str, frame_ancestors: Option<&str>) -> Self {
        let bytes = |path: &str| {
            Site::get(path).map(|file| match file.data {
                Cow::Borrowed(data) => Bytes::from_static(data),
                Cow::Owned(data) => Bytes::from(data),
            })
        };
        // Compressed forms are read with their originals; type declarations are not for browsers.
        let aside = |path: &str| [".br", ".gz", ".ts"].iter().any(|ending| path.ends_with(ending));
        let mut files = HashMap::new();
        for path in Site::iter().filter(|path| !aside(path)) {
            let Some(identity) = bytes(&path) else { continue };
            let file = match below(base_path, &path, &identity) {
                Some(text) => Representation::new(content_type(&path), text),
                None => {
                    let packed = |ending| bytes(&format!("{path}.{ending}"));
                    let (brotli, gzip) = (packed("br"), packed("gz"));
                    Representation::precompressed(content_type(&path), identity, brotli, gzip)
                }
            };
            files.insert(format!("/{path}"), Arc::new(file));
        }
        let hashed = |begin: &str, ending: &str| {
            let is = |path: &&String| {
                path.strip_prefix("/pkg/").is_some_and(|name| name.starts_with(begin))
                    && path.ends_with(ending)
            };
            files.keys().find(is).map(|path| format!("{base_path}{path}"))
        };
        let main = |ending| hashed("crypto-rates.", ending);
        let script = |language: Language| hashed(&format!("page-{}.", language.tag()), ".js");
        let scripts: Option<Vec<_>> = Language::ALL.into_iter().map(script).collect();
        let bundle = match (main(".css"), main(".wasm"), scripts) {
            (Some(css), Some(wasm), Some(scripts)) => Some(Bundle::new(css, wasm, scripts)),
            _ => None,
        };
        let content_security_policy = content_security_policy(bundle.as_ref(), frame_ancestors);
        Self { base_path: base_path.to_owned(), files, bundle, content_security_policy }
    }

    /// Returns the file at the path of an address, without the base path.
    pub fn get(&self, path: &str) -> Option<&Arc<Representation>> {
        self.files.get(path)
    }

    /// Returns a name of the front end, which changes with its files.
    pub fn build(&self) -> &str {
        self.bundle.as_ref().map_or("none", |bundle| &bundle.build)
    }
}

/// Returns a text file with the base path before the paths in it; `None` for files that need none.
fn below(base_path: &str, file: &str, text: &[u8]) -> Option<String> {
    let before_path = match file {
        "app.webmanifest" => "\": \"",
        "robots.txt" => "Disallow: ",
        _ => return None,
    };
    let text = str::from_utf8(text).ok().filter(|_| !base_path.is_empty())?;
    Some(text.replace(&format!("{before_path}/"), &format!("{before_path}{base_path}/")))
}

fn content_security_policy(bundle: Option<&Bundle>, frame_ancestors: Option<&str>) -> HeaderValue {
    let own = [inline_scripts::BEFORE_PAINT, inline_scripts::FAVOURITES_FIRST]
        .map(inline_scripts::digest)
        .join(" ");
    let loader = bundle
        .map(|bundle| format!(" 'wasm-unsafe-eval' {}", inline_scripts::digest(&bundle.loader)));
    let policy = format!(
        "default-src 'none'; script-src 'self' {own}{}; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors {}",
        loader.unwrap_or_default(),
        frame_ancestors.unwrap_or("'none'"),
    );
    // Never fails: only digests in base64 and origins are inserted.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

impl Bundle {
    fn new(css: String, wasm: String, scripts: Vec<String>) -> Self {
        let loader = inline_scripts::loader(&wasm);
        let build = Sha256::digest(format!("{css}{wasm}{}", scripts.join("")));
        let build = BASE64_URL_SAFE_NO_PAD.encode(&build[..9]);
        Self { css, wasm, scripts, loader, build }
    }

    /// Returns the address of the script of a page in a language.
    pub fn script(&self, language: Language) -> Option<&str> {
        let mut each = Language::ALL.into_iter().zip(&self.scripts);
        each.find(|(of, _)| *of == language).map(|(_, address)| &**address)
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_paths_in_them_have_the_base_path() {
        let manifest = include_bytes!("../../public/app.webmanifest");
        let below_rates = below("/rates", "app.webmanifest", manifest).unwrap();
        let json: serde_json::Value = serde_json::from_str(&below_rates).unwrap();
        for path in ["id", "start_url", "scope"] {
            assert_eq!(json[path], "/rates/", "{path}");
        }
        assert_eq!(json["shortcuts"][0]["url"], "/rates/?view=board");
        for icon in json["icons"].as_array().unwrap() {
            assert!(icon["src"].as_str().unwrap().starts_with("/rates/"), "{icon}");
        }
        let robots = include_bytes!("../../public/robots.txt");
        let below_rates = below("/rates", "robots.txt", robots).unwrap();
        assert_eq!(below_rates, "User-agent: *\nDisallow: /rates/fn/\nDisallow: /rates/metrics\n");
        assert_eq!(below("", "robots.txt", robots), None);
        assert_eq!(below("/rates", "worker.js", b""), None);
    }
}
