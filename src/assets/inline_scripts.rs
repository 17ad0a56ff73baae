//! The scripts that stand in the page itself. The Content-Security-Policy allows them by their
//! digests, which are known when the program starts: the page can be kept by caches.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// In the head, before anything is painted: the reader's choice of light or dark, their favourites, and
/// that there is JavaScript.
pub const BEFORE_PAINT: &str = r#"{const d=document.documentElement.dataset;d.js="";try{d.theme=localStorage.theme||"system";d.favourites=localStorage.favourites||""}catch{}}"#;

/// After the table, before it is painted: the reader's favourites come first. The server doesn't know
/// them, and what moved later would jump. `src/app/select.rs` has the same order.
pub const FAVOURITES_FIRST: &str = r#"try{const f=document.documentElement.dataset.favourites.split(","),b=document.querySelector(".rates tbody,.tiles"),r=[...b.children].filter(e=>f.includes(e.querySelector("[value]").value));b.prepend(...r);for(const e of r){const s=e.querySelector("button");if(s)s.ariaPressed="true"}}catch{}"#;

/// Starts the wasm, after the first paint, which needs bandwidth and processor more: the page can be
/// read without it. A hidden page is not painted, and starts after three seconds, as do old browsers.
///
/// A page whose wasm can't be had, or has trapped, would never be refreshed. It is loaded again after half
/// a minute, once the server answers: a screen that nobody looks after must not stay as it is.
pub fn loader(js: &str, wasm: &str) -> String {
    let again = "let started,again=()=>setTimeout(()=>fetch(location).then(page=>page.ok?location.reload():again(),again),3e4);";
    let trapped = r#"for(const kind of["error","unhandledrejection"])addEventListener(kind,e=>{self.WebAssembly&&(e.error??e.reason)instanceof WebAssembly.RuntimeError&&again()});"#;
    let start = format!(
        r#"let start=()=>started??=(wasm=>import("{js}").then(page=>page.default({{module_or_path:wasm}})))(fetch("{wasm}")).catch(why=>{{self.WebAssembly&&again();throw why}});"#
    );
    let when = r#"setTimeout(start,3e3);new PerformanceObserver(start).observe({type:"paint",buffered:true})"#;
    [again, trapped, &start, when].concat()
}

/// A script's digest, as a Content-Security-Policy has it.
pub fn digest(script: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{FAVOURITES, THEME};

    #[test]
    fn the_browser_s_half_keeps_things_under_the_same_names() {
        assert!(BEFORE_PAINT.contains(&format!("localStorage.{THEME}|")));
        assert!(BEFORE_PAINT.contains(&format!("d.{FAVOURITES}=localStorage.{FAVOURITES}|")));
        assert!(FAVOURITES_FIRST.contains(&format!("dataset.{FAVOURITES}.")));
    }
}
