//! The help: keys and marks.

use leptos::{html::Dialog, prelude::*};

use super::model::Model;

/// Each key, and the text that says what it does.
const KEYS: [(&str, &str); 17] = [
    ("/", "key-search"),
    ("j", "key-next-row"),
    ("k", "key-row-before"),
    ("Enter", "key-open"),
    ("Esc", "key-close"),
    ("f", "key-pin"),
    ("J", "key-move-down"),
    ("K", "key-move-up"),
    ("b", "key-base"),
    ("c", "key-copy"),
    ("C", "key-copy-all"),
    ("r", "key-refresh"),
    ("t", "key-theme"),
    ("w", "key-wallboard"),
    ("← →", "key-turn"),
    ("Space", "key-pause"),
    ("?", "key-help"),
];

/// Opened by the browser only, because without JavaScript there are no keys.
#[component]
pub fn Help() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
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
    let key =
        |(key, what)| format!("<div><dt><kbd>{key}</kbd></dt><dd>{}</dd></div>", texts.get(what));
    let keys: String = KEYS.into_iter().map(key).collect();
    let numbers = ["help-money", "help-digits", "help-all-digits"].map(|id| texts.get(id));
    let numbers = format!("<h3>{}</h3><p>{}</p>", texts.get("numbers"), numbers.join(" "));
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
                <h2 id="help-heading" inner_html=texts.get("keys")></h2>
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
                    " "
                    <span inner_html=texts.get("single-letters")></span>
                </label>
                <section inner_html=numbers></section>
                <button class="btn btn-primary">{texts.get("close")}</button>
            </form>
        </dialog>
    }
}
