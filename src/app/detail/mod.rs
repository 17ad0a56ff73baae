//! One currency beside the base: its value in both directions, and its history.

mod chart;
mod drawn;
mod history;
mod numbers;
mod pair;
mod picture;
mod plot;
mod price_alerts;

use leptos::prelude::*;

use self::{history::History, pair::Pair, price_alerts::PriceAlerts};
use super::{
    clipboard,
    converter::FORM_ID,
    currency_select::CurrencySelect,
    model::Model,
    nav_link::NavLink,
    sort::span_label,
    state::PageState,
    text::{html, stale},
};
use crate::rates::Span;

/// The detail view, while one currency is shown in detail.
#[component]
pub fn Detail() -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let pair = Memo::new(move |_| Pair::of(model));
    let text =
        move |of: fn(&Pair) -> String| move || pair.read().as_ref().map(of).unwrap_or_default();
    let close = |state| PageState { symbol: None, span: Span::Day, compare: None, ..state };
    let copy = move |all_digits| {
        if let Some(pair) = pair.get_untracked() {
            clipboard::copy_value(model, &pair.symbol, all_digits);
        }
    };
    let compared = move || model.state.with(|state| state.compare.clone());
    let compare = move |compare| model.go(PageState { compare, ..untrack(|| model.shown()) });
    let section = move |()| {
        view! {
                <section class="detail" aria-labelledby="pair">
                    <a class="btn close" href=model.href(close) aria-label=texts.get("close")>
                        <svg viewBox="0 0 24 24" aria-hidden="true">
                            <path d="M6 6l12 12M18 6 6 18"></path>
                        </svg>
                    </a>
                    <h2 id="pair" tabindex="-1" inner_html=text(|pair| html(&pair.name))></h2>
                    <p class="pair-value" translate="no">
                        <span inner_html=text(|pair| pair.measure.clone())></span>
                        <strong inner_html=text(|pair| pair.value.clone())></strong>
                        <button class="btn copy" on:click=move |_| copy(false)>
                            {texts.get("copy")}
                        </button>
                        <button class="btn copy" on:click=move |_| copy(true)>
                            {texts.get("all-digits")}
                        </button>
                    </p>
                    <p class="inverse" translate="no">
                        <span inner_html=text(|pair| pair.inverse.clone())></span>
                        " "
                        <span inner_html=text(|pair| stale(pair.stale.as_deref()))></span>
                    </p>
                    <p class="reason" inner_html=text(|pair| pair.remark.unwrap_or_default().to_owned())></p>
                    <nav aria-label=texts.get("spans")>
                        <ul class="nav nav-pills spans">
                            {Span::ALL.map(|span| view! { <SpanTab span/> })}
                        </ul>
                    </nav>
                    <History pair/>
                    <div class="compare">
                        <span aria-hidden="true" inner_html=texts.get("compare-with")></span>
                        <CurrencySelect
                            name="compare"
                            label=texts.get("compare-with")
                            none=texts.get("nothing")
                            form=FORM_ID
                            chosen=Signal::derive(compared)
                            on_change=compare
                        />
                    </div>
                    <PriceAlerts pair/>
                </section>
        }
    };
    let open = Memo::new(move |_| pair.read().is_some());
    view! { <For each=move || open.get().then_some(()) key=|()| () children=section/> }
}

#[component]
fn SpanTab(span: Span) -> impl IntoView {
    let model = expect_context::<Model>();
    view! {
        <li class="nav-item">
            <NavLink
                label=span_label(model.texts, span)
                href=model.href(move |state| PageState { span, ..state })
                active=Signal::derive(move || model.state.with(|state| state.span == span))
            />
        </li>
    }
}
