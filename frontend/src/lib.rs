//! The browser's entry point. The script that starts the wasm (`src/assets/inline_scripts.rs`) calls it, and puts
//! back what the reader has done by then.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
pub fn hydrate() {
    crypto_rates::take_over();
}
