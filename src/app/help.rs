//! The help: keys and marks.

use leptos::{html::Dialog, prelude::*};

use super::model::Model;

const KEYS: [(&str, &str); 14] = [
    ("/", "search"),
    ("j", "next row"),
    ("k", "row before"),
    ("Enter", "open the row"),
    ("Esc", "close it"),
    ("f", "pin the row, or unpin it"),
    ("b", "take the row as base"),
    ("c", "copy its value, with all digits"),
    ("r", "refresh now"),
    ("t", "light, dark, or as the system is"),
    ("w", "wallboard"),
    ("← →", "turn its pages"),
    ("Space", "pause them, or go on"),
    ("?", "this help"),
];

/// Opened by the browser only, because without JavaScript there are no keys.
#[component]
pub fn Help() -> impl IntoView {
    let model = expect_context::<Model>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get().filter(|_| model.help_open.get()) {
            let _ = dialog.show_modal();
        }
    });
    // As text, which is less wasm than a view for each.
    let key = |(key, what)| format!("<div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>");
    let keys: String = KEYS.into_iter().map(key).collect();
    view! {
        <dialog
            id="help"
            class="help"
            aria-labelledby="help-heading"
            node_ref=dialog
            // By the button, or by a key of the browser.
            on:close=move |_| model.help_open.set(false)
        >
            <form method="dialog">
                <h2 id="help-heading">"Keys"</h2>
                <dl inner_html=keys></dl>
                <label class="switch">
                    <input
                        type="checkbox"
                        name="keys"
                        prop:checked=move || model.known(|reader| reader.keys)
                        on:change:target=move |event| {
                            let on = event.target().checked();
                            model.reader.update(|reader| reader.set_keys(on));
                        }
                    />
                    " Single letters do this"
                </label>
                <h3>"Numbers"</h3>
                <p>
                    "Each number has as many digits as the source’s rounding supports, and no more than seven that count. "
                    "“Copy” gives all digits there are."
                </p>
                <button class="btn btn-primary">"Close"</button>
            </form>
        </dialog>
    }
}
