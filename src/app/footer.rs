//! The foot of the page: a link to the API.

use leptos::prelude::*;

#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="container foot">
            <nav aria-label="For developers">
                <a href="api/docs">"API"</a>
                <a href="api/rates">"JSON"</a>
                <a href="api/rates.csv">"CSV"</a>
                <a href="health">"Health"</a>
            </nav>
            <p>"Rates are for information, not for trading."</p>
        </footer>
    }
}
