//! The converter, a sentence with its result in it: `250 EUR = 290.61 USD`. It is a plain form, which the
//! browser hydrates.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    currency_select::CurrencySelect,
    model::Model,
    past::unless_past,
    state::{PageState, ReadAs},
    texts::{Texts, fixed_html},
};
use crate::rates::{Code, FormattedNumber};

/// The `id` of the form. Fields and buttons elsewhere on the page belong to it, too.
pub const FORM_ID: &str = "query";

/// The name of the field that holds the query of what is looked at. What a form has fields for counts instead of what
/// that says: `src/http/pages/form.rs`.
pub const SHOWN: &str = "shown";

/// Without JavaScript, the button submits the form, and a hidden field carries the rest of the state.
#[component]
pub fn Converter() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { state, texts, .. } = model;
    let base = move || Some(model.shown().base);
    let symbol = move || model.shown().symbol;
    let change_base = move |base: Option<Code>| {
        if let Some(base) = base {
            model.go(untrack(|| model.shown()).with_base(base));
        }
    };
    let change_symbol = move |symbol| model.go(PageState { symbol, ..untrack(|| model.shown()) });
    let result = move || match model.conversion() {
        Some((value, _)) => format!("= <b>{value}</b>"),
        None => "=".to_owned(),
    };
    let hidden = |form| {
        view! { <input type="hidden" form=form name=SHOWN value=move || state.with(PageState::query)/> }
    };
    // As text: a browser with JavaScript has no elements in it.
    let without_script =
        move || view! { <noscript inner_html=fixed_html(|| show(texts))></noscript> };
    let for_the_day = move || {
        view! {
            {day_field(model)}
            <span inner_html=show(texts)></span>
        }
    };
    // With JavaScript the fields act as they change, and there is nothing to submit.
    let submit = |event: SubmitEvent| event.prevent_default();
    view! {
        // Without JavaScript, the way back must not put in what was chosen there and not shown.
        <form
            id=FORM_ID
            class="converter"
            method="get"
            action="./"
            autocomplete="off"
            on:submit=submit
        >
            <AmountField/>
            <CurrencySelect
                name="base"
                label=texts.fixed("base")
                chosen=Signal::derive(base)
                on_change=change_base
            />
            <a
                class="btn swap"
                href=model.href(PageState::swapped)
                hidden=move || symbol().is_none()
                aria-label=texts.fixed("swap")
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M7 4 3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7"></path>
                </svg>
            </a>
            <span class="result" translate="no" inner_html=result></span>
            <CurrencySelect
                name="symbol"
                label=texts.fixed("into")
                none=texts.get("everything")
                chosen=Signal::derive(symbol)
                on_change=change_symbol
            />
            {hidden(FORM_ID)}
            {hidden(DAY_ID)}
            {unless_past(model, without_script, for_the_day)}
        </form>
        {unless_past(model, || view! { <div class="day" inner_html=fixed_html(|| other_day(texts))></div> }, || ())}
    }
}

fn show(texts: Texts) -> String {
    format!("<button class=\"btn btn-primary\" type=\"submit\">{}</button>", texts.get("show"))
}

/// A day, to see its rates. They are another page, which the server makes: this is a form as without JavaScript.
fn other_day(texts: Texts) -> String {
    let (label, go) = (texts.get("rates-on"), texts.get("go"));
    format!(
        "<form id=day><label for=date>{label}</label><input class=form-control id=date type=date name=date autocomplete=off required><button class=btn type=submit>{go}</button></form>"
    )
}

const DAY_ID: &str = "day";

/// The same field on the page of an earlier day, where it belongs to the converter.
fn day_field(model: Model) -> impl IntoView {
    let day = model.state.with_untracked(|state| state.day().map(str::to_owned));
    view! {
        <div class="day">
            <label for="date">{model.texts.get("rates-on")}</label>
            <input
                class="form-control"
                id="date"
                type="date"
                name="date"
                value=day
            />
        </div>
    }
}

#[component]
fn AmountField() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { state, reader, texts, .. } = model;
    let example = move || {
        let example = FormattedNumber::hundredths(123_450.0);
        texts.format("no-amount", &[("example", (&model.number(&example)).into())])
    };
    let typed = move || match model.shown() {
        PageState { typed: Some(typed), .. } => typed.text,
        PageState { amount, .. } => model.known(|reader| reader.style.plain(&amount.to_string())),
    };
    let read_as = move || state.with(|state| state.typed.as_ref().map(|typed| typed.read_as));
    let note = move || match read_as() {
        Some(ReadAs::Nothing) => example(),
        Some(ReadAs::Told) => texts.format("read-as", &[("measure", (&model.measure()).into())]),
        _ => String::new(),
    };
    view! {
        <div class="field-amount">
            <input
                class="form-control amount"
                name="amount"
                aria-label=texts.fixed("amount")
                inputmode="decimal"
                value=untrack(typed)
                prop:value=typed
                aria-invalid=move || (read_as() == Some(ReadAs::Nothing)).to_string()
                aria-describedby="no-amount"
                on:input:target=move |event| {
                    let Some(snapshot) = untrack(|| model.snapshot()) else { return };
                    let style = reader.with_untracked(|reader| reader.style.clone());
                    let typed = event.target().value();
                    let shown = untrack(|| model.shown());
                    model.replace(shown.with_typed(typed, &style, &snapshot));
                }
            />
            <small
                id="no-amount"
                role="alert"
                hidden=move || !matches!(read_as(), Some(ReadAs::Told | ReadAs::Nothing))
                inner_html=note
            ></small>
        </div>
    }
}
