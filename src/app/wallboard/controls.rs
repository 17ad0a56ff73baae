//! The wallboard's controls, shown while it is touched.

use leptos::prelude::*;

use super::pages::{pause, turn};
use crate::app::{browser::device, model::Model, paging::Paging, reader::Reader};

#[component]
pub fn Controls(paging: RwSignal<Option<Paging>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let texts = model.texts;
    let pause_or_go_on = move || match paging.get() {
        Some(Paging { paused: true, .. }) => texts.get("go-on"),
        _ => texts.get("pause"),
    };
    view! {
        <nav class="wall-controls" aria-label=texts.fixed("wallboard")>
            <a class="btn" href=model.href(move |_| model.other_view())>
                {texts.fixed("back-to-table")}
            </a>
            <button class="btn" on:click=move |_| turn(model, paging, -1)>
                {texts.fixed("back")}
            </button>
            <button class="btn" on:click=move |_| pause(paging) inner_html=pause_or_go_on></button>
            <button class="btn" on:click=move |_| turn(model, paging, 1)>
                {texts.fixed("next")}
            </button>
            <button class="btn" on:click=move |_| device::toggle_full_screen()>
                {texts.fixed("full-screen")}
            </button>
            <button class="btn" on:click=move |_| model.reader.update(Reader::change_theme)>
                {texts.fixed("change-theme")}
            </button>
        </nav>
    }
}
