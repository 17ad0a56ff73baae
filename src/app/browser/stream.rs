//! Hears of new rates from the server while the page is visible.
//!
//! An event is only a hint: the page asks for the rates themselves, and its timer asks without a hint, too.
//! Over HTTP/1.1 a browser has six connections to a host, for all its pages together. So all pages share one
//! stream, which a `SharedWorker` holds: `public/stream.js`. Browsers without one have the timer.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, SharedWorker};

/// The worker, and what is called with its messages.
struct Stream {
    worker: SharedWorker,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

thread_local! {
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Has `heard` called with the id of the current snapshot, and of each later one. Only the first `heard` counts.
pub fn open(heard: impl Fn(String) + 'static) {
    STREAM.with_borrow_mut(|stream| {
        if stream.is_none() {
            let Ok(worker) = SharedWorker::new("stream.js") else { return };
            let heard: Box<dyn FnMut(MessageEvent)> =
                Box::new(move |event| heard(event.data().as_string().unwrap_or_default()));
            let heard = Closure::wrap(heard);
            worker.port().set_onmessage(Some(heard.as_ref().unchecked_ref()));
            *stream = Some(Stream { worker, _heard: heard });
        }
    });
    tell("open");
}

/// Leaves the stream, which ends if no other page listens.
pub fn close() {
    tell("close");
}

fn tell(message: &str) {
    STREAM.with_borrow(|stream| {
        if let Some(stream) = stream {
            let _ = stream.worker.port().post_message(&message.into());
        }
    });
}
