//! Listens for new rates on the server while the page is visible.
//!
//! An event is only a hint: the page asks for the rates themselves, and its timer asks without a hint, too. A
//! hidden page closes its stream, because a browser has few connections per host.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// A stream, closed when it is dropped.
struct Stream {
    source: EventSource,
    /// The listener, dropped with the stream.
    _heard: Closure<dyn FnMut(Event)>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

thread_local! {
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Returns whether there is a stream, even one that the browser has given up.
pub fn is_there() -> bool {
    STREAM.with_borrow(Option::is_some)
}

/// Returns whether the browser has given up: it reconnects to a lost server, not to one that refuses.
pub fn is_over() -> bool {
    STREAM.with_borrow(|stream| {
        stream.as_ref().is_none_or(|stream| stream.source.ready_state() == EventSource::CLOSED)
    })
}

/// Calls `heard` with the id of each snapshot after `last`.
pub fn open(last: &str, heard: impl Fn(String) + 'static) {
    // Ids need no escaping.
    let address = format!("api/stream?last_event_id={last}");
    let Ok(source) = EventSource::new(&address) else { return };
    let heard: Box<dyn FnMut(Event)> = Box::new(move |event| {
        heard(event.unchecked_into::<MessageEvent>().last_event_id());
    });
    let heard = Closure::wrap(heard);
    let added = source.add_event_listener_with_callback("snapshot", heard.as_ref().unchecked_ref());
    if added.is_ok() {
        STREAM.set(Some(Stream { source, _heard: heard }));
    }
}

pub fn close() {
    STREAM.set(None);
}
