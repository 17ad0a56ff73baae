//! The help: keys and marks.

use leptos::prelude::*;

use super::{model::Model, reactive::flag};

const KEYS: [(&str, &str); 11] = [
    ("/", "search"),
    ("j", "next row"),
    ("k", "row before"),
    ("Enter", "open the row"),
    ("Esc", "close it"),
    ("f", "pin the row, or unpin it"),
    ("b", "take the row as base"),
    ("c", "copy its value, with all digits"),
    ("t", "light, dark, or as the system is"),
    ("w", "wallboard"),
    ("?", "this help"),
];

/// Opened by the browser only, because without JavaScript there are no keys.
#[component]
pub fn Help(model: Model) -> impl IntoView {
    let keys = KEYS.map(|(key, what)| {
        view! {
            <div>
                <dt><kbd>{key}</kbd></dt>
                <dd>{what}</dd>
            </div>
        }
    });
    view! {
        <dialog id="help" class="help" aria-labelledby="help-heading">
            <form method="dialog">
                <h2 id="help-heading">"Keys"</h2>
                <dl>{keys}</dl>
                <label class="switch">
                    <input
                        type="checkbox"
                        name="keys"
                        prop:checked=flag(move || model.known(|reader| reader.keys))
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
