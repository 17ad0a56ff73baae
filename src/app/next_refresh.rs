//! The countdown to the server's next refresh, and a button to refresh now. It calls our server and never the
//! upstream.

use leptos::{ev::MouseEvent, prelude::*};

use super::{browser::refresher::Refresher, converter::FORM_ID, model::Model, time::countdown};
use crate::rates::CacheStatus;

#[component]
pub fn NextRefresh() -> impl IntoView {
    let model = expect_context::<Model>();
    let Model { latest, now, refreshing, texts, .. } = model;
    let refresher = expect_context::<Refresher>();
    let next = move || {
        let next = latest.read().next_refresh;
        let Some(now) = now.get() else {
            // Without a running clock, the time itself. The day is left out.
            let time = format!("{} UTC", &next.readable()[11..16]);
            let time = format!("<time datetime=\"{next}\">{time}</time>");
            return texts.format("next-refresh-at", &[("time", (&time).into())]);
        };
        match next.seconds_since(now) {
            _ if refreshing.get() => texts.get("refreshing").to_owned(),
            0 => texts.get("refreshing-soon").to_owned(),
            seconds => {
                let stale = model.status() == CacheStatus::Stale;
                let what = if stale { "next-try-in" } else { "next-refresh-in" };
                texts.format(what, &[("time", (&countdown(seconds)).into())])
            }
        }
    };
    let refresh = move |click: MouseEvent| {
        click.prevent_default();
        refresher.ask();
    };
    view! {
        <div class="next">
            <span
                class="countdown"
                // The style sheet keeps room for both.
                data-at=texts.format("next-refresh-at", &[("time", "00:00 UTC".into())])
                data-in=texts.format("next-refresh-in", &[("time", "00:00".into())])
                role="timer"
                aria-live="off"
                translate="no"
                inner_html=next
            ></span>
            // Without JavaScript, it submits the converter's form and with it the page's state.
            <button
                type="submit"
                form=FORM_ID
                class="btn btn-sm btn-outline-secondary refresh"
                aria-disabled=move || refreshing.get().to_string()
                on:click=refresh
            >
                {texts.fixed("refresh")}
            </button>
        </div>
    }
}
