//! The HTML document around a page.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use hydration_context::SsrSharedContext;
use leptos::{html, prelude::*};

use crate::{
    app::texts::Texts,
    assets::{
        Assets,
        inline_scripts::{self, DATA_ID, FAVOURITES_FIRST_ID},
    },
};

/// The media type of every page.
pub const HTML: &str = "text/html; charset=utf-8";

/// What of a document needs scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// The browser hydrates it.
    Page,
    /// It is the page of an earlier day: only the reader's favourites are moved to the top.
    Past,
    None,
}

/// What differs from document to document in its head.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub texts: Texts,
    pub title: &'a str,
    pub script: Script,
    /// After which time the browser loads the document again, without any script.
    pub refresh: Option<Duration>,
}

/// Renders a whole document around `body`.
pub fn document<V: IntoView>(assets: &Assets, head: Head, body: impl FnOnce() -> V) -> String {
    let Head { texts, title, script, refresh } = head;
    let language = texts.language();
    let address = |path: &str| format!("{}{path}", assets.base_path);
    let shared = Arc::new(SsrSharedContext::new());
    let owner = Owner::new_root(Some(Arc::clone(&shared) as _));
    let html = owner.with(|| {
        let style = assets.bundle.as_ref().map(|bundle| {
            view! { <link rel="stylesheet" href=bundle.css.clone()/> }
        });
        // By this script and style sheet know the page of an earlier day.
        let past = (script == Script::Past).then_some("");
        // Without JavaScript, the browser refreshes the page.
        let without_script = (script == Script::Page).then(|| {
            view! {
                <noscript>
                    <meta http-equiv="refresh" content="300"/>
                </noscript>
            }
        });
        let hydrated = assets.bundle.as_ref().filter(|_| script == Script::Page);
        let loader = hydrated.map(|bundle| {
            view! { <script type="module" inner_html=bundle.loader.clone()></script> }
        });
        let page_script = hydrated.and_then(|bundle| bundle.script(language)).map(str::to_owned);
        let not_refreshing = hydrated.map(|_| texts.get("not-refreshing"));
        let right_to_left = language.is_rtl().then_some("rtl");
        // Painted as a whole, because later parts would shift earlier ones, and not before the script that
        // moves the reader's favourites.
        let whole = (assets.bundle.is_some() && script != Script::None).then(|| {
            view! { <link rel="expect" href=format!("#{FAVOURITES_FIRST_ID}") blocking="render"/> }
        });
        let refresh = refresh.map(|after| {
            view! { <meta http-equiv="refresh" content=after.as_secs().to_string()/> }
        });
        let body = body();
        let data = shared_value(&shared).map(|json| {
            view! { <script type="application/json" id=DATA_ID inner_html=json></script> }
        });
        // What chats and networks show of a link. Their picture should have an absolute address, which the server
        // does not know behind a proxy; some take the icon's as it is.
        let preview = [
            ("og:site_name", "Crypto Rates".to_owned()),
            ("og:title", title.to_owned()),
            ("og:image", address("/icon-512.png")),
        ];
        // `view!` knows no `property`.
        let preview = preview
            .map(|(property, content)| html::meta().attr("property", property).content(content));
        // One for search engines, too.
        let description = html::meta()
            .name("description")
            .attr("property", "og:description")
            .content(texts.get("description"));
        view! {
            <!DOCTYPE html>
            <html lang=language.tag() dir=right_to_left data-past=past>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="theme-color" content="#0f5c4f"/>
                    {description}
                    {preview}
                    {refresh}
                    {without_script}
                    <title>{title.to_owned()}</title>
                    <script inner_html=inline_scripts::BEFORE_PAINT></script>
                    <link rel="icon" href=address("/favicon.svg") type="image/svg+xml"/>
                    <link rel="manifest" href=address("/app.webmanifest")/>
                    <link rel="apple-touch-icon" href=address("/icon-192.png")/>
                    {whole}
                    {style}
                    {loader}
                </head>
                <body data-script=page_script data-off=not_refreshing>
                    {body} {data}
                </body>
            </html>
        }
        .to_html()
    });
    owner.cleanup();
    html
}

/// Returns the page's `SharedValue` as JSON, escaped for a script element.
///
/// Leptos's own stream would write it as JavaScript, whose digest the Content-Security-Policy would have to
/// name for each page. Instead, the script that starts the wasm hands it over: see [`inline_scripts::loader`].
fn shared_value(shared: &SsrSharedContext) -> Option<String> {
    // A `SharedValue` is there at once.
    let values = shared.consume_buffers().now_or_never()?;
    let (_, json) = values.into_iter().next()?;
    // In a script element only `</script` and `<!--` have a meaning.
    Some(json.replace('<', "\\u003c"))
}
