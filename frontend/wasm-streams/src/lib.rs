//! The part of the crate `wasm-streams` that `server_fn` names, without what it does.
//!
//! `server_fn` streams requests and responses by it, if a server function has a streaming codec. Ours has none, but
//! the classes that the real crate exports to JavaScript stay in the download, used or not. Once a server function
//! is to stream, this goes, and so does its line in the workspace's `Cargo.toml`.

use futures::{Stream, stream};
use wasm_bindgen::JsValue;

/// A stream that was never made.
pub enum ReadableStream {}

impl ReadableStream {
    /// Nothing calls this: there is no streaming codec here.
    #[expect(clippy::panic, reason = "there is nothing that it could return")]
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        panic!("server functions do not stream here")
    }

    /// See [`Self::from_stream`].
    #[expect(clippy::panic, reason = "there is nothing that it could return")]
    pub fn from_raw(_: web_sys::ReadableStream) -> Self {
        panic!("server functions do not stream here")
    }

    pub fn into_raw(self) -> web_sys::ReadableStream {
        match self {}
    }

    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> {
        match self {
            #[expect(unreachable_patterns, reason = "the type of the stream has to be told")]
            _ => stream::empty(),
        }
    }
}
