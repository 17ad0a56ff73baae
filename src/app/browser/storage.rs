//! What the browser keeps for the next visit. Many a browser keeps nothing: then nothing is found.

use web_sys::Storage;

/// Returns what was kept under this name.
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

pub fn set(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, value);
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
