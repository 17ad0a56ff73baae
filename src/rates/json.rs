//! Reading what the server tells the browser.
//!
//! The browser has a parser of JSON; serde's, with what it derives for each type, would be 16 KB more
//! to download.

/// JSON that has been parsed.
pub trait Json: Sized {
    /// `None` if there is no such field, or `null` in it.
    fn get(&self, field: &str) -> Option<Self>;

    fn text(&self) -> Option<String>;

    fn number(&self) -> Option<f64>;

    fn is_true(&self) -> bool;

    /// Nothing if it is no list.
    fn list(&self) -> Vec<Self>;

    /// A list of which every item can be read.
    fn all<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        self.list().iter().map(read).collect()
    }

    /// The word in a field.
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
