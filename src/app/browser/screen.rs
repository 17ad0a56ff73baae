//! What a screen that is left alone needs: to stay awake, to be filled, and to show something without
//! a network.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

use super::page;

// Not every browser has these, and over plain HTTP none: then the call throws.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "wakeLock"], js_name = request)]
    fn request_wake_lock(kind: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "serviceWorker"], js_name = register)]
    fn register_worker(address: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "serviceWorker", "controller"], js_name = postMessage)]
    fn tell_worker(message: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_to_clipboard(text: &str) -> Result<Promise, JsValue>;
}

thread_local! {
    static AWAKE: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the screen from going dark.
pub fn stay_awake() {
    if !AWAKE.replace(true)
        && let Ok(promise) = request_wake_lock("screen")
    {
        ignore(&promise);
    }
}

/// The browser takes that back when the page is hidden: the next call asks anew.
pub fn stay_awake_again() {
    AWAKE.set(false);
}

/// Fills the screen, or no longer does.
pub fn toggle_full() {
    let Some(document) = page::document() else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element() {
        let _ = root.request_fullscreen();
    }
}

/// Starts the worker that shows the last rates without a network.
pub fn keep_for_later() {
    if let Ok(promise) = register_worker("/worker.js") {
        ignore(&promise);
    }
}

/// Has the worker keep the page as it is now, with newer rates.
pub fn keep_newer() {
    // Without one there is nothing to keep it.
    let _ = tell_worker("keep");
}

/// Says whether the browser has done it: it may ask the reader, and has no clipboard over plain HTTP.
pub async fn copy(text: &str) -> bool {
    match write_to_clipboard(text) {
        Ok(promise) => js_sys::futures::JsFuture::from(promise).await.is_ok(),
        Err(_) => false,
    }
}

/// What the browser refuses is not an error worth a line in its console.
fn ignore(promise: &Promise) {
    thread_local! {
        static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
    }
    IGNORE.with(|ignore| {
        let _ = promise.catch(ignore);
    });
}
