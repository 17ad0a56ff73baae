//! The help: keys and marks.

use leptos::{html::Dialog, prelude::*};

use super::model::Model;

const KEYS: [(&str, &str); 17] = [
    ("/", "search"),
    ("j", "next row"),
    ("k", "row before"),
    ("Enter", "open the row"),
    ("Esc", "close it, or empty the search"),
    ("f", "pin the row, or unpin it"),
    ("J", "move a pinned row down"),
    ("K", "move it up"),
    ("b", "take the row as base"),
    ("c", "copy its value"),
    ("C", "copy all its digits"),
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
        let open = model.help_open.get();
        match dialog.get() {
            Some(dialog) if open => {
                let _ = dialog.show_modal();
            }
            Some(dialog) => dialog.close(),
            None => {}
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
            // By a click beside it, where browsers know this: not Safari.
            closedby="any"
            // That, the button, or a key of the browser.
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
                    "Money is written to its smallest unit, such as the cent, and with five digits where that would leave fewer than four. "
                    "No number has more digits than the source’s rounding supports, or more than seven that count. "
                    "“All digits” copies all there are."
                </p>
                <button class="btn btn-primary">"Close"</button>
            </form>
        </dialog>
    }
}
