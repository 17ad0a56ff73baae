//! The inline scripts of the page. The Content-Security-Policy allows them by their digests, which are fixed
//! when the program starts, so pages can be cached.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Runs in the head, before anything is painted: applies the reader's theme, and sets their favourites and a
/// sign of JavaScript on the document.
pub const BEFORE_PAINT: &str = r#"{const d=document.documentElement.dataset;d.js="";try{d.theme=localStorage.theme||"system";d.favourites=localStorage.favourites||""}catch{}}"#;

/// Runs after the table, before it is painted: moves the reader's favourites to the top. The server doesn't
/// know them, and moving rows later would shift the page. `src/app/select.rs` has the same order.
pub const FAVOURITES_FIRST: &str = r#"try{const f=document.documentElement.dataset.favourites.split(","),b=document.querySelector(".rates tbody,.tiles"),r=[...b.children].filter(e=>f.includes(e.querySelector("[value]").value));b.prepend(...r);for(const e of r){const s=e.querySelector("button");if(s)s.ariaPressed="true"}}catch{}"#;
/// The `id` of its script element.
pub const FAVOURITES_FIRST_ID: &str = "favourites-first";

/// The `id` of the script element with the page's data as JSON. `public/worker.js` knows a page by it, too.
pub const DATA_ID: &str = "latest";

/// Returns the script that starts the wasm, which finds the page's data where Leptos looks for it. The script
/// waits for the first paint, which needs bandwidth and processor more. A hidden page is never painted, so it
/// starts after three seconds, as do old browsers.
///
/// A page whose wasm can't be loaded or has trapped would never be refreshed. It is loaded again after half a
/// minute, once the server answers, because a wallboard may have nobody to reload it.
pub fn loader(js: &str, wasm: &str) -> String {
    let data = format!(
        "self.__RESOLVED_RESOURCES=[document.getElementById(\"{DATA_ID}\").textContent];self.__SERIALIZED_ERRORS=self.__INCOMPLETE_CHUNKS=[];"
    );
    let again = "let started,again=()=>setTimeout(()=>fetch(location).then(page=>page.ok?location.reload():again(),again),3e4);";
    let trapped = r#"for(const kind of["error","unhandledrejection"])addEventListener(kind,e=>{self.WebAssembly&&(e.error??e.reason)instanceof WebAssembly.RuntimeError&&again()});"#;
    let start = format!(
        r#"let start=()=>started??=(wasm=>import("{js}").then(page=>page.default({{module_or_path:wasm}})))(fetch("{wasm}")).catch(why=>{{self.WebAssembly&&again();throw why}});"#
    );
    let when = r#"setTimeout(start,3e3);new PerformanceObserver(start).observe({type:"paint",buffered:true})"#;
    format!("{data}{again}{trapped}{start}{when}")
}

/// Returns a script's digest as a source in a Content-Security-Policy.
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
