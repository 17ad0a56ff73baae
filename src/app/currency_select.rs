//! A field to choose a currency from all.

use leptos::{html, prelude::*};

use super::{model::Model, text::html};
use crate::rates::{Code, Rate};

#[component]
pub fn CurrencySelect(
    name: &'static str,
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
    let currencies = Memo::new(move |_| {
        let snapshot = model.snapshot();
        let currency = |rate: &Rate| (rate.code.clone(), rate.name.clone());
        snapshot.map(|it| it.rates().iter().map(currency).collect::<Vec<_>>()).unwrap_or_default()
    });
    let options = move || {
        let selected = chosen.get_untracked();
        let option = |(code, name): (Code, String)| {
            view! {
                // For pages without JavaScript.
                <option
                    value=code.to_string()
                    selected=selected.as_ref() == Some(&code)
                    inner_html=html(&format!("{} – {name}", code.shown()))
                ></option>
            }
        };
        currencies.get().into_iter().map(option).collect_view()
    };
    // Not by `prop:value`, which does not know when there are other options.
    let select = NodeRef::<html::Select>::new();
    Effect::new(move || {
        currencies.track();
        let value = chosen.get().map(|code| code.to_string()).unwrap_or_default();
        if let Some(select) = select.get() {
            select.set_value(&value);
        }
    });
    view! {
        <select
            class="form-select"
            name=name
            form=form
            node_ref=select
            on:change:target=move |event| on_change.run(event.target().value().parse().ok())
        >
            {none.map(|none| view! { <option value="">{none}</option> })}
            {options}
        </select>
    }
}
