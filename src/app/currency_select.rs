//! A field to choose a currency from all.

use leptos::{html, prelude::*};

use super::{model::Model, text::html};
use crate::rates::{Code, Rate};

/// How many of the most popular currencies stand above all the others.
const POPULAR: usize = 8;

/// Returns what there is to choose from, as HTML: first what the reader has chosen lately and what most readers
/// look for. As a view for each option it would be 3 KB more to download.
fn options(model: Model, none: Option<&str>, chosen: Signal<Option<Code>>) -> String {
    let Some(snapshot) = model.snapshot() else { return String::new() };
    let chosen = chosen.get_untracked();
    let mut options = String::new();
    if let Some(none) = none {
        write(&mut options, &["<option value=\"\">", none, "</option>"]);
    }
    let mut add = |label, rates: &[&Rate]| {
        if rates.is_empty() {
            return;
        }
        let label = model.texts.get(label);
        write(&mut options, &["<optgroup label=\"", label, "\">"]);
        for rate in rates {
            let code = &rate.code;
            // For pages without JavaScript.
            let selected = if chosen.as_ref() == Some(code) { " selected>" } else { ">" };
            let (shown, name) = (code.shown(), html(&model.texts.name(rate)));
            let parts = ["<option value=", code.as_str(), selected, &shown, " ", &name];
            write(&mut options, &parts);
        }
        options += "</optgroup>";
    };
    // The shorter lists come with the reader's own.
    if model.hydrated.get() {
        let known = |code: &Code| snapshot.get(code);
        let recent = model.reader.with(|reader| reader.recent.clone());
        add("recent-currencies", &recent.iter().filter_map(known).collect::<Vec<_>>());
        let popular: Vec<Code> = Code::popular().take(POPULAR).collect();
        add("popular-currencies", &popular.iter().filter_map(known).collect::<Vec<_>>());
    }
    add("all-currencies", &snapshot.rates().iter().collect::<Vec<_>>());
    options
}

fn write(html: &mut String, parts: &[&str]) {
    html.extend(parts.iter().copied());
}

#[component]
pub fn CurrencySelect(
    name: &'static str,
    label: &'static str,
    /// What is shown for no currency, if that may be chosen.
    #[prop(optional)]
    none: Option<&'static str>,
    /// The `id` of the form that it belongs to, if it stands elsewhere.
    #[prop(optional)]
    form: Option<&'static str>,
    #[prop(into)] chosen: Signal<Option<Code>>,
    /// Called with the currency that the reader chooses.
    #[prop(into)]
    on_change: Callback<Option<Code>>,
) -> impl IntoView {
    let model = expect_context::<Model>();
    let options = move || options(model, none, chosen);
    // Not by `prop:value`, which does not know when there are other options.
    let select = NodeRef::<html::Select>::new();
    Effect::new(move || {
        model.latest.track();
        model.reader.track();
        let value = chosen.get().map(|code| code.to_string()).unwrap_or_default();
        if let Some(select) = select.get() {
            select.set_value(&value);
        }
    });
    view! {
        <select
            class="form-select"
            name=name
            aria-label=label
            form=form
            node_ref=select
            on:change:target=move |event| {
                let code: Option<Code> = event.target().value().parse().ok();
                if let Some(code) = &code {
                    model.reader.update(|reader| reader.used(code));
                }
                on_change.run(code);
            }
            inner_html=options
        ></select>
    }
}
