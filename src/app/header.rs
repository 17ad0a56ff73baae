//! The head of the page: the title, how fresh the rates are, and the next refresh.

use leptos::prelude::*;

use super::{
    freshness::Freshness, model::Model, next_refresh::NextRefresh, past::unless_past, tools::Tools,
};

#[component]
pub fn Header() -> impl IntoView {
    let model = expect_context::<Model>();
    view! {
        <header class="masthead">
            <div class="container masthead-row">
                <a class="brand" href="./">
                    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                        <rect width="32" height="32" rx="8"></rect>
                        <path d="M7 21.5l5.5-6 4.5 4 8-9.5"></path>
                    </svg>
                    <h1>"Crypto Rates"</h1>
                </a>
                <Freshness/>
                {unless_past(model, || view! { <NextRefresh/> }, || ())}
                <Tools/>
            </div>
        </header>
    }
}
