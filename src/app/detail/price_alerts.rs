//! The field for an alert about the pair in detail.

use leptos::{ev::MouseEvent, prelude::*};

use super::pair::Pair;
use crate::{
    app::{
        browser::{device, dom},
        model::Model,
        price_alerts::sentence,
    },
    rates::{AlertState, FormattedNumber, PriceAlert, PriceAlertKind},
};

/// A field for a new alert about the pair in detail, and those that there are about it.
#[component]
pub fn PriceAlerts(pair: Memo<Option<Pair>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let add = move |typed: &str| {
        if let Some(pair) = pair.get_untracked().filter(|_| !typed.is_empty()) {
            add(model, &pair, typed);
        }
    };
    let of_pair = move |alert: &PriceAlert| pair.read().as_ref().is_some_and(|it| it.is_of(alert));
    // As text with one handler: a list whose buttons each have one is 1.3 KB more to download.
    let rows = move || {
        let row = |alert: &PriceAlert| {
            let (sentence, forget) = (sentence(model, alert), texts.get("forget"));
            format!("<li>{sentence}<button class='btn copy' value='{alert}'>{forget}</button>")
        };
        let reader = model.reader.read();
        reader.alerts.iter().filter(|alert| of_pair(alert)).map(row).collect::<String>()
    };
    let forget = move |click: MouseEvent| {
        let button = dom::closest(&click, "button");
        if let Some(line) = button.and_then(|button| button.get_attribute("value")) {
            model.change_alerts(&mut |alerts| alerts.retain(|alert| alert.to_string() != line));
        }
    };
    view! {
        <div class="price-alert">
            <label for="alert-at">{texts.get("alert-at")}</label>
            <input
                id="alert-at"
                class="form-control"
                placeholder=texts.get("alert-example")
                autocomplete="off"
                on:change:target=move |event| {
                    let field = event.target();
                    add(&field.value());
                    field.set_value("");
                }
            />
            // Whoever clicks it leaves the field.
            <button class="btn btn-primary">{texts.get("set-alert")}</button>
            <ul inner_html=rows on:click=forget></ul>
        </div>
    }
}

/// Adds an alert: `3%` is a change, and anything else a value that is to be reached from where it is now.
fn add(model: Model, pair: &Pair, typed: &str) {
    let (style, texts) = (model.reader.with_untracked(|reader| reader.style.clone()), model.texts);
    let Some(read) = style.read(typed) else {
        let example = model.number(&FormattedNumber::hundredths(123_450.0));
        let text = texts.format("no-amount", &[("example", (&example).into())]);
        return model.toast.set(Some(text));
    };
    let kind = match read.currency {
        "%" => PriceAlertKind::Change,
        _ if read.amount.value() > pair.quote.value / pair.amount => PriceAlertKind::Above,
        _ => PriceAlertKind::Below,
    };
    let (base, quote) = pair.codes();
    let (base, quote) = (base.clone(), quote.clone());
    let alert = PriceAlert { base, quote, kind, threshold: read.amount, state: AlertState::Armed };
    model.change_alerts(&mut |alerts| alerts.push(alert.clone()));
    model.check_alerts();
    if !device::ask_to_notify() {
        model.toast.set(Some(texts.get("alert-page-only").to_owned()));
    }
}
