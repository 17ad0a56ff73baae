//! What an unattended screen needs: to stay awake, to show the page in full screen, and to show something
//! without a network.

use std::cell::{Cell, RefCell};

use js_sys::{Promise, futures::JsFuture};
use leptos::{
    prelude::{document, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

// Not every browser has these, and none has them over plain HTTP. The call throws then.
#[wasm_bindgen]
extern "C" {
    /// A lock that keeps the screen from going dark.
    type WakeLock;
    #[wasm_bindgen(method, getter)]
    fn released(this: &WakeLock) -> bool;
    #[wasm_bindgen(method)]
    fn release(this: &WakeLock) -> Promise;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "wakeLock"], js_name = request)]
    fn request_wake_lock(kind: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "serviceWorker"], js_name = register)]
    fn register_service_worker(address: &str) -> Result<Promise, JsValue>;
    type Registration;
    #[wasm_bindgen(method, getter)]
    fn active(this: &Registration) -> Option<Worker>;
    type Worker;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &Worker, message: &str);
    #[wasm_bindgen(catch, js_namespace = ["Notification"], js_name = requestPermission)]
    fn request_permission() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_to_clipboard(text: &str) -> Result<Promise, JsValue>;
}

/// Seconds until the next request for a wake lock, if the browser has refused or released it, as with an
/// empty battery.
const NEXT_TRY: f64 = 60.0;

thread_local! {
    static AWAKE: RefCell<Option<WakeLock>> = const { RefCell::new(None) };
    static TRY_AT: Cell<f64> = const { Cell::new(0.0) };
    /// Becomes the worker's [`Registration`].
    static WORKER: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Keeps the screen from going dark; called repeatedly.
pub fn stay_awake() {
    let is_awake = AWAKE.with_borrow(|lock| lock.as_ref().is_some_and(|lock| !lock.released()));
    let now = js_sys::Date::now() / 1000.0;
    if is_awake || now < TRY_AT.get() {
        return;
    }
    TRY_AT.set(now + NEXT_TRY);
    if let Ok(promise) = request_wake_lock("screen") {
        spawn_local(async move {
            if let Ok(lock) = JsFuture::from(promise).await {
                AWAKE.set(Some(lock.unchecked_into()));
            }
        });
    }
}

/// Allows another try at once: browsers release the lock of a page that is hidden.
pub fn stay_awake_again() {
    TRY_AT.set(0.0);
}

/// Lets the screen go dark again.
pub fn sleep() {
    if let Some(lock) = AWAKE.take() {
        ignore(&lock.release());
        TRY_AT.set(0.0);
    }
}

/// Returns whether the window is wider than high.
pub fn is_landscape() -> bool {
    let length = |length: Result<JsValue, JsValue>| length.ok()?.as_f64();
    length(window().inner_width()) > length(window().inner_height())
}

/// Enters or leaves full screen.
pub fn toggle_full_screen() {
    let document = document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element() {
        let _ = root.request_fullscreen();
    }
}

/// Registers the worker that shows the last rates without a network.
pub fn register_worker() {
    if let Ok(promise) = register_service_worker("worker.js") {
        ignore(&promise);
        WORKER.set(Some(promise));
    }
}

/// Has the worker keep the page with the newest rates.
pub fn keep_newer() {
    tell_worker("keep".to_owned());
}

/// Has the worker show a notification, if the reader allows it.
pub fn notify(text: &str) {
    tell_worker(format!("notify {text}"));
}

/// Not by the page's controller, which it has none of after a reload without the cache. Without a worker there is
/// nothing to do.
fn tell_worker(message: String) {
    let Some(promise) = WORKER.with_borrow(Clone::clone) else { return };
    spawn_local(async move {
        if let Ok(registration) = JsFuture::from(promise).await
            && let Some(worker) = registration.unchecked_into::<Registration>().active()
        {
            worker.post_message(&message);
        }
    });
}

/// Returns whether notifications may be shown, and asks the reader if that is not known. Over plain HTTP they may not.
pub async fn may_notify() -> bool {
    match request_permission() {
        Ok(promise) => JsFuture::from(promise).await.is_ok_and(|answer| answer == *"granted"),
        Err(_) => false,
    }
}

/// Returns whether it worked: the browser may ask the reader, and has no clipboard over plain HTTP.
pub async fn copy(text: &str) -> bool {
    match write_to_clipboard(text) {
        Ok(promise) => JsFuture::from(promise).await.is_ok(),
        Err(_) => false,
    }
}

/// Keeps a rejection from being logged in the browser's console.
fn ignore(promise: &Promise) {
    thread_local! {
        static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
    }
    IGNORE.with(|ignore| {
        let _ = promise.catch(ignore);
    });
}
