//! The HTML document around a page.

use leptos::prelude::*;

use crate::assets::{
    Assets,
    inline_scripts::{self, FAVOURITES_FIRST_ID},
};

/// The media type of every page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Whether the browser hydrates a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Page,
    None,
}

/// Renders a whole document around `body`.
pub fn document<V: IntoView>(
    assets: &Assets,
    title: &str,
    script: Script,
    body: impl FnOnce() -> V,
) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        let style = assets.bundle.as_ref().map(|bundle| {
            view! { <link rel="stylesheet" href=bundle.css.clone()/> }
        });
        let bundle = assets.bundle.as_ref().filter(|_| script == Script::Page);
        let script = bundle.map(|bundle| {
            view! { <script type="module" inner_html=bundle.loader.clone()></script> }
        });
        // Painted as a whole, because later parts would shift earlier ones, and not before the script that
        // moves the reader's favourites.
        let whole = bundle.is_some().then(|| {
            view! { <link rel="expect" href=format!("#{FAVOURITES_FIRST_ID}") blocking="render"/> }
        });
        let description = "What one bitcoin, euro, ounce of gold or any of some 76 currencies is worth, refreshed every five minutes.";
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="theme-color" content="#0f5c4f"/>
                    <meta name="description" content=description/>
                    <title>{title.to_owned()}</title>
                    <script inner_html=inline_scripts::BEFORE_PAINT></script>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="manifest" href="/app.webmanifest"/>
                    <link rel="apple-touch-icon" href="/icon-192.png"/>
                    {whole}
                    {style}
                    {script}
                </head>
                <body>{body()}</body>
            </html>
        }
        .to_html()
    });
    owner.cleanup();
    html
}
