//! Tabs and search.

use leptos::prelude::*;

use super::{converter::FORM_ID, model::Model, state::PageState, tabs::Tabs};

#[component]
pub fn Toolbar() -> impl IntoView {
    let model = expect_context::<Model>();
    let search = move || model.state.with(|state| state.search.clone());
    view! {
        <div class="toolbar">
            <Tabs/>
            <div class="field-search" role="search">
                <input
                    class="form-control"
                    type="search"
                    name="q"
                    form=FORM_ID
                    aria-label=model.texts.fixed("search")
                    placeholder=model.texts.fixed("search")
                    spellcheck="false"
                    value=untrack(search)
                    prop:value=search
                    on:input:target=move |event| {
                        let search = event.target().value();
                        model.replace(PageState { search, ..untrack(|| model.shown()) });
                    }
                />
            </div>
        </div>
    }
}
