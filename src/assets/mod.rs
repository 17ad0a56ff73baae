//! The files that the browser loads, embedded so that the binary is self-contained.
//!
//! `cargo leptos build --precompress` lays them out in `target/site` before the server is
//! compiled: style, script and wasm with a hash in their names, each also as `.br` and `.gz`.

pub mod inline_scripts;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use axum::{body::Bytes, http::HeaderValue};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::cache::Representation;

#[derive(rust_embed::Embed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// Everything in `target/site`, by its path.
pub struct Assets {
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
    pub js: String,
    pub wasm: String,
    /// The inline script that starts the wasm.
    pub loader: String,
    /// A digest of the files' names, which contain digests of their contents.
    build: String,
}

impl Assets {
    pub fn embedded() -> Self {
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
            let (brotli, gzip) = (bytes(&format!("{path}.br")), bytes(&format!("{path}.gz")));
            let file = Representation::precompressed(content_type(&path), identity, brotli, gzip);
            files.insert(format!("/{path}"), Arc::new(file));
        }
        let hashed = |ending: &str| {
            let is = |path: &&String| path.starts_with("/pkg/") && path.ends_with(ending);
            files.keys().find(is).cloned()
        };
        let bundle = match (hashed(".css"), hashed(".js"), hashed(".wasm")) {
            (Some(css), Some(js), Some(wasm)) => Some(Bundle::new(css, js, wasm)),
            _ => None,
        };
        let content_security_policy = content_security_policy(bundle.as_ref());
        Self { files, bundle, content_security_policy }
    }

    /// Returns the file at the path of an address.
    pub fn get(&self, path: &str) -> Option<&Arc<Representation>> {
        self.files.get(path)
    }

    /// Returns a name of the front end, which changes with its files.
    pub fn build(&self) -> &str {
        self.bundle.as_ref().map_or("none", |bundle| &bundle.build)
    }
}

fn content_security_policy(bundle: Option<&Bundle>) -> HeaderValue {
    let own = [inline_scripts::BEFORE_PAINT, inline_scripts::FAVOURITES_FIRST]
        .map(inline_scripts::digest)
        .join(" ");
    let loader = bundle
        .map(|bundle| format!(" 'wasm-unsafe-eval' {}", inline_scripts::digest(&bundle.loader)));
    let policy = format!(
        "default-src 'none'; script-src 'self' {own}{}; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        loader.unwrap_or_default()
    );
    // Never fails: only digests in base64 are inserted.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

impl Bundle {
    fn new(css: String, js: String, wasm: String) -> Self {
        let loader = inline_scripts::loader(&js, &wasm);
        let build = Sha256::digest(format!("{css}{js}{wasm}"));
        let build = BASE64_URL_SAFE_NO_PAD.encode(&build[..9]);
        Self { css, js, wasm, loader, build }
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
