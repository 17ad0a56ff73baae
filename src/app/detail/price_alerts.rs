//! The field for an alert about the pair in detail.

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

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
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some((field, pair)) = dom::find("#alert-at").zip(pair.get_untracked())
            && let Some(field) = field.dyn_ref::<HtmlInputElement>()
            && add(model, &pair, &field.value())
        {
            field.set_value("");
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
            // The button is gone.
            dom::focus(dom::find("#alert-at"));
        }
    };
    view! {
        <form class="price-alert" autocomplete="off" on:submit=add>
            <label for="alert-at">{texts.get("alert-at")}</label>
            <input
                id="alert-at"
                class="form-control"
                placeholder=texts.get("alert-example")
                required
            />
            <button class="btn btn-primary">{texts.get("set-alert")}</button>
            <ul inner_html=rows on:click=forget></ul>
        </form>
    }
}

/// Adds an alert: `3%` is a change, and a number alone, or with the currency that the value is in, what is to be reached
/// from where it is now. Returns whether it was one.
fn add(model: Model, pair: &Pair, typed: &str) -> bool {
    let (style, texts) = (model.reader.with_untracked(|reader| reader.style.clone()), model.texts);
    let (base, quote) = pair.codes();
    let snapshot = untrack(|| model.snapshot());
    let sign = snapshot.as_ref().and_then(|snapshot| snapshot.get(quote));
    let is_of_quote = |unit: &str| {
        unit.eq_ignore_ascii_case(quote.as_str()) || sign.is_some_and(|rate| rate.unit == unit)
    };
    let read = style.read(typed.trim_start_matches([' ', '±', '+'])).and_then(|read| {
        let kind = match read.currency {
            "%" | "٪" | "％" => PriceAlertKind::Change,
            unit if !unit.is_empty() && !is_of_quote(unit) => return None,
            _ if read.amount.value() > pair.quote.value / pair.amount => PriceAlertKind::Above,
            _ => PriceAlertKind::Below,
        };
        Some((kind, read.amount))
    });
    let Some((kind, threshold)) = read else {
        let example = model.number(&FormattedNumber::hundredths(123_450.0));
        model.toast.set(Some(texts.format("no-amount", &[("example", (&example).into())])));
        return false;
    };
    let (base, quote) = (base.clone(), quote.clone());
    let alert = PriceAlert { base, quote, kind, threshold, state: AlertState::Armed };
    model.toast.set(Some(sentence(model, &alert)));
    model.change_alerts(&mut |alerts| {
        alerts.retain(|other| PriceAlert { state: AlertState::Armed, ..other.clone() } != alert);
        alerts.push(alert.clone());
    });
    model.check_alerts();
    spawn_local(async move {
        if !device::may_notify().await {
            model.toast.set(Some(texts.get("alert-page-only").to_owned()));
        }
    });
    true
}
