//! The files that the browser downloads: size, names and caching. Needs the site that `make build` puts into
//! target/site.

use crypto_rates::language::Language;

use crate::app::App;

/// The budget for wasm and JavaScript together, in bytes of brotli. The texts of a language, which are fetched with
/// what formats them, are part of it.
const BUDGET: usize = 175_000;
/// The same, for when `scripts/test.sh` says that the wasm has the prebuilt standard library.
const LARGE_BUDGET: usize = 185_000;

/// Returns the addresses below /pkg/ in the page.
async fn bundle(app: &App, language: Language) -> Vec<String> {
    let page = app.get(&format!("/?lang={}", language.tag())).await;
    let addresses = page.text().split('"').filter(|part| part.starts_with("/pkg/"));
    let mut addresses: Vec<_> = addresses.map(str::to_owned).collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 3, "run `make build` first: {addresses:?}");
    addresses
}

#[tokio::test]
async fn wasm_and_script_stay_within_their_budget() {
    let app = App::start().await;
    let large = std::env::var_os("LARGE_STD").is_some();
    let budget = if large { LARGE_BUDGET } else { BUDGET };
    for language in Language::ALL {
        let mut weight = 0;
        for address in bundle(&app, language).await {
            let answer = app.get_with(&address, &[("accept-encoding", "br, gzip")]).await;
            assert_eq!(answer.header("content-encoding"), "br", "{address}");
            println!("{:>7} bytes brotli  {address}", answer.bytes.len());
            if !address.ends_with(".css") {
                weight += answer.bytes.len();
            }
        }
        assert!(weight <= budget, "{weight} of {budget} bytes in {language:?}");
    }
}

#[tokio::test]
async fn packed_files_bear_no_time_so_the_same_sources_make_the_same_server() {
    let app = App::start().await;
    for address in bundle(&app, Language::En).await {
        let answer = app.get_with(&address, &[("accept-encoding", "gzip")]).await;
        assert_eq!(answer.header("content-encoding"), "gzip", "{address}");
        // The time of compression in seconds since 1970, in the header of a gzip file (RFC 1952).
        assert_eq!(answer.bytes[4..8], [0; 4], "{address}");
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_others_checked() {
    let app = App::start().await;
    for address in bundle(&app, Language::En).await {
        let answer = app.get_with(&address, &[("accept-encoding", "gzip")]).await;
        assert_eq!(answer.header("content-encoding"), "gzip", "{address}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        let expected = match address.rsplit('.').next().unwrap() {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "application/wasm",
        };
        assert_eq!(answer.header("content-type"), expected);
        let name = address.rsplit('/').next().unwrap();
        assert_eq!(name.split('.').count(), 3, "{name} has no hash");
    }
    let icon = app.get("/favicon.svg").await;
    assert_eq!((icon.status.as_u16(), icon.header("cache-control")), (200, "no-cache"));
    let missing = app.get("/pkg/crypto-rates.0000.wasm").await;
    assert_eq!((missing.status.as_u16(), missing.header("cache-control")), (404, "no-store"));
}
