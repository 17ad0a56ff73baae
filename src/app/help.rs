//! The help: keys and marks.

use leptos::{html::Dialog, prelude::*};

use super::{
    model::Model,
    texts::{Texts, fixed_html},
};

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

fn keys(texts: Texts) -> String {
    let key =
        |(key, what)| format!("<div><dt><kbd>{key}</kbd></dt><dd>{}</dd></div>", texts.get(what));
    KEYS.into_iter().map(key).collect()
}

fn numbers(texts: Texts) -> String {
    let numbers = ["help-money", "help-digits", "help-all-digits"].map(|id| texts.get(id));
    format!("<h3>{}</h3><p>{}</p>", texts.get("numbers"), numbers.join(" "))
}

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
                <h2 id="help-heading" inner_html=texts.fixed("keys")></h2>
                <dl inner_html=fixed_html(|| keys(texts))></dl>
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
                    <span inner_html=texts.fixed("single-letters")></span>
                </label>
                <section inner_html=fixed_html(|| numbers(texts))></section>
                <button class="btn btn-primary">{texts.fixed("close")}</button>
            </form>
        </dialog>
    }
}
