//! The browser's half: `frontend/texts.js` formats.

use std::cell::{Cell, RefCell};

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arg::Arg;
use crate::language::Language;

#[wasm_bindgen]
extern "C" {
    /// Returns nothing if there is no such text.
    #[wasm_bindgen(js_namespace = texts, js_name = format)]
    fn format_in_js(id: &str, args: &Object) -> Option<String>;
}

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::En) };
    /// The texts without places, each asked for once. There are not many, and the page has one language.
    static KNOWN: RefCell<Vec<(&'static str, &'static str)>> = const { RefCell::new(Vec::new()) };
}

/// The texts of the page, which are in one language. It is nothing but a name for them, because every part of the page
/// has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Of;

#[expect(clippy::unused_self, reason = "the server's half needs it")]
impl Of {
    pub fn new(language: Language) -> Self {
        LANGUAGE.set(language);
        Self
    }

    pub fn language(self) -> Language {
        LANGUAGE.get()
    }

    pub fn get(self, id: &'static str) -> &'static str {
        KNOWN.with_borrow_mut(|known| {
            if let Some((_, text)) = known.iter().copied().find(|(of, _)| *of == id) {
                return text;
            }
            let text = self.format(id, &[]).unwrap_or_default();
            let text: &'static str = Box::leak(text.into_boxed_str());
            known.push((id, text));
            text
        })
    }

    pub fn format(self, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        let object = Object::new();
        for (name, value) in args {
            let value = match *value {
                Arg::Text(text) => JsValue::from_str(text),
                Arg::Number(number) => JsValue::from_f64(number.into()),
            };
            // It fails on objects that can't be changed.
            let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
        }
        format_in_js(id, &object)
    }
}
