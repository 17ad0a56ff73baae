//! The browser's entry point: `wasm-bindgen` calls it once the module is there.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(start)]
pub fn start() {
    crypto_rates::take_over();
}
