//! The inline scripts of the page. The Content-Security-Policy allows them by their digests, which are fixed
//! when the program starts, so pages can be cached.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Runs in the head, before anything is painted: applies the reader's theme, and sets their favourites and a
/// sign of JavaScript on the document. A page in another language than the reader has chosen is left for that one,
/// unless the address asks for it.
///
/// On the page of an earlier day, which no wasm hydrates, this remembers the language that was chosen, and there is no such
/// sign, so that what does nothing by itself is
/// hidden as without JavaScript. By the back button that page comes back with what was chosen last in its fields; they
/// must say what it shows.
pub const BEFORE_PAINT: &str = r#"{const h=document.documentElement,d=h.dataset,{pathname:p,search:s}=location;if("past"in d)onpageshow=e=>{if(e.persisted)for(const f of document.forms)f.reset()};else d.js="";try{d.theme=localStorage.theme||"system";d.favourites=localStorage.favourites||"";const a=new URLSearchParams(s).get("lang"),k=/^(en|de|fr|es|ja|ar)$/;if("past"in d&&k.test(a))localStorage.lang=a;const l=localStorage.lang;k.test(l)&&l!=h.lang&&p.endsWith("/")&&a==null&&location.replace((s?s+"&":"?")+"lang="+l)}catch{}}"#;

/// Runs after the table, before it is painted: moves the reader's favourites to the top, in the order in which
/// they were pinned. The server doesn't know them, and moving rows later would shift the page. `src/app/select.rs` has the same order.
pub const FAVOURITES_FIRST: &str = r#"try{const f=document.documentElement.dataset.favourites.split(","),p=e=>f.indexOf(e.querySelector("[value]").value),b=document.querySelector(".rates tbody,.tiles"),r=[...b.children].filter(e=>p(e)>=0).sort((x,y)=>p(x)-p(y));b.prepend(...r);for(const e of r){const s=e.querySelector("button");if(s)s.ariaPressed="true"}}catch{}"#;
/// The `id` of its script element.
pub const FAVOURITES_FIRST_ID: &str = "favourites-first";

/// The `id` of the script element with the page's data as JSON. `public/worker.js` knows a page by it, too.
pub const DATA_ID: &str = "latest";

/// Returns the script that starts the wasm, which finds the page's data where Leptos looks for it. The script
/// waits for the first paint, which needs bandwidth and processor more. The body names the script of its language, with
/// the texts in it, so that this one is the same for all. A hidden page is never painted, so it starts after three
/// seconds, as do old browsers.
///
/// A page that is not as the server rendered it can't be hydrated: a translator, an extension or a password
/// manager may have been faster. The script keeps the page as it was, sees what they do, and puts it back first.
///
/// A page whose wasm can't be loaded or has trapped is not refreshed any more, and says so. It is loaded again
/// after half a minute, once the server answers, because a wallboard may have nobody to reload it. From then on
/// it is put back in any case. Each further failure doubles the wait, up to an hour.
///
/// On a slow line readers are faster than the wasm. Links and the form work without it; what else they type,
/// choose or press is kept by [`EARLY`] until the page is hydrated, and done then.
pub fn loader(wasm: &str) -> String {
    let data = format!(
        "self.__RESOLVED_RESOURCES=[document.getElementById(\"{DATA_ID}\").textContent];self.__SERIALIZED_ERRORS=self.__INCOMPLETE_CHUNKS=[];"
    );
    // What is put behind the page does no harm.
    let watch = r"let asRendered=document.body.innerHTML,rewritten,watch=new MutationObserver(all=>{rewritten||=all.some(it=>it.target!=document.body||it.nextSibling)});watch.observe(document.body,{childList:true,characterData:true,subtree:true});";
    let again = r#"let started,failed,failures=0;try{rewritten=failures=+sessionStorage.failures||0;setTimeout(()=>sessionStorage.removeItem("failures"),36e5)}catch{}let reload=()=>setTimeout(()=>fetch(location).then(page=>page.ok?location.reload():reload(),reload),Math.min(3e4*2**failures,36e5)),again=()=>{if(failed)return;failed=true;for(const pill of document.querySelectorAll(".pill"))pill.textContent=document.body.dataset.off,pill.className="pill pill-warn";reload();try{sessionStorage.failures=failures+1}catch{failures=9}};"#;
    let trapped = r#"for(const kind of["error","unhandledrejection"])addEventListener(kind,e=>{self.WebAssembly&&(e.error??e.reason)instanceof WebAssembly.RuntimeError&&again()});"#;
    let start = format!(
        r#"let start=()=>started??=(wasm=>import(document.body.dataset.script).then(page=>page.default({{module_or_path:wasm}}).then(()=>hydrate(page))))(fetch("{wasm}")).catch(why=>{{self.WebAssembly&&again();throw why}}).finally(()=>watch.disconnect());"#
    );
    let when = r#"setTimeout(start,3e3);new PerformanceObserver(start).observe({type:"paint",buffered:true})"#;
    format!("{data}{watch}{again}{trapped}{EARLY}{start}{when}")
}

/// Keeps what is typed, chosen and pressed before the page is hydrated.
///
/// Hydration gives the fields the values of the address, in microtasks. Theirs are put back right after those,
/// before the next key, and so are caret and focus. A moment later the page knows how the reader's language
/// writes numbers: then it gets the events of the fields, and the clicks on buttons and rows, each in a task of its
/// own as they came. Clicks on links and on Refresh have acted by themselves. Elements of a page that was put back
/// are found by their name or value.
const EARLY: &str = r#"let clicks=[],typed=new Map,found=it=>it.isConnected?it:document.querySelector(it.name?`[name=${it.name}]`:`button[value="${it.value}"]`);oninput=({target:it})=>{typed.set(it,it.value)};onclick=e=>{e.target.closest("a,button,tr")?.matches("tr,button:not([type])")&&clicks.push(e)};let hydrate=async page=>{let active=document.activeElement,{selectionStart:from,selectionEnd:to}=active,back=()=>{for(let[it,value]of typed)if((it=found(it))&&it.value!=value)it.value=value;document.activeElement==document.body&&found(active)?.focus()};onclick=null;if(rewritten)document.body.innerHTML=asRendered;await page.hydrate();back();from!=null&&found(active)?.setSelectionRange(from,to);setTimeout(async()=>{oninput=null;back();for(let[it]of typed)for(let kind of["input","change"])found(it)?.dispatchEvent(new Event(kind,{bubbles:true}));for(let e of clicks)await new Promise(setTimeout),found(e.target)?.dispatchEvent(new MouseEvent("click",e))},9)};"#;

/// Returns a script's digest as a source in a Content-Security-Policy.
pub fn digest(script: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{FAVOURITES, LANGUAGE, THEME},
        language::Language,
    };

    #[test]
    fn the_browser_s_half_keeps_things_under_the_same_names() {
        assert!(BEFORE_PAINT.contains(&format!("localStorage.{THEME}|")));
        assert!(BEFORE_PAINT.contains(&format!("d.{FAVOURITES}=localStorage.{FAVOURITES}|")));
        assert!(BEFORE_PAINT.contains(&format!("localStorage.{LANGUAGE};")));
        let languages = Language::ALL.map(Language::tag).join("|");
        assert!(BEFORE_PAINT.contains(&format!("/^({languages})$/")));
        assert!(FAVOURITES_FIRST.contains(&format!("dataset.{FAVOURITES}.")));
    }
}
