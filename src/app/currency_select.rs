//! A field to choose a currency from all.

use leptos::{html, prelude::*};

use super::{model::Model, text::html};
use crate::rates::{Code, Rate};

/// How many of the most popular currencies stand above all the others.
const POPULAR: usize = 8;

/// Returns what there is to choose from: first what the reader has chosen lately and what most readers look for.
fn groups(model: Model) -> Vec<(&'static str, Vec<(Code, String)>)> {
    let Some(snapshot) = model.snapshot() else { return Vec::new() };
    let currency = |rate: &Rate| (rate.code.clone(), rate.name.clone());
    let of = |codes: Vec<Code>| {
        codes.iter().filter_map(|code| snapshot.get(code).map(currency)).collect()
    };
    let popular = Code::popular().take(POPULAR).collect();
    let mut groups = vec![
        ("Recent", of(model.known(|reader| reader.recent.clone()))),
        ("Popular", of(popular)),
        ("All", snapshot.rates().iter().map(currency).collect()),
    ];
    groups.retain(|(_, currencies): &(_, Vec<_>)| !currencies.is_empty());
    groups
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
    let groups = Memo::new(move |_| groups(model));
    let options = move || {
        let selected = chosen.get_untracked();
        let option = |(code, name): &(Code, String)| {
            // For pages without JavaScript.
            let selected = if selected.as_ref() == Some(code) { " selected" } else { "" };
            format!("<option value={code}{selected}>{} – {}", code.shown(), html(name))
        };
        let group = |(label, currencies): &(&str, Vec<(Code, String)>)| {
            let options: String = currencies.iter().map(option).collect();
            format!("<optgroup label={label}>{options}</optgroup>")
        };
        let none = none.map(|none| format!("<option value=\"\">{none}"));
        let groups: String = groups.read().iter().map(group).collect();
        none.unwrap_or_default() + &groups
    };
    // Not by `prop:value`, which does not know when there are other options.
    let select = NodeRef::<html::Select>::new();
    Effect::new(move || {
        groups.track();
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
            // Options for each other would be 3 KB of code.
            inner_html=options
        ></select>
    }
}
