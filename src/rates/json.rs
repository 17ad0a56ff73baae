//! Reads what the server sends to the browser.
//!
//! This uses the browser's own JSON parser. serde's, with the code it derives for each type, would add 16 KB
//! to the download.

/// A JSON value that has been parsed.
pub trait Json: Sized {
    /// Returns a field; `None` if it is missing or `null`.
    fn get(&self, field: &str) -> Option<Self>;

    fn text(&self) -> Option<String>;

    fn number(&self) -> Option<f64>;

    fn is_true(&self) -> bool;

    /// Returns the items of a list; empty if it is not a list.
    fn list(&self) -> Vec<Self>;

    /// Reads every item of a list; `None` if one of them can't be read.
    fn all<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        self.list().iter().map(read).collect()
    }

    /// Parses a field that is one word.
    fn word<T: std::str::FromStr>(&self, field: &str) -> Option<T> {
        self.get(field)?.text()?.parse().ok()
    }
}

#[cfg(feature = "hydrate")]
impl Json for wasm_bindgen::JsValue {
    fn get(&self, field: &str) -> Option<Self> {
        let value = js_sys::Reflect::get(self, &Self::from_str(field)).ok()?;
        (!value.is_null() && !value.is_undefined()).then_some(value)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn is_true(&self) -> bool {
        self.is_truthy()
    }

    fn list(&self) -> Vec<Self> {
        js_sys::Array::from(self).to_vec()
    }
}

#[cfg(all(test, feature = "ssr"))]
impl Json for serde_json::Value {
    fn get(&self, field: &str) -> Option<Self> {
        self.get(field).filter(|value| !value.is_null()).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn list(&self) -> Vec<Self> {
        self.as_array().cloned().unwrap_or_default()
    }
}
