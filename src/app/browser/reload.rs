//! Reloads a page of another build.

use leptos::prelude::window;

/// The key of the build that the page has reloaded itself for, so that it does so only once.
const RELOADED_FOR: &str = "crypto-rates-reloaded-for";

/// Reloads the page for this build, once. If that brings the old page again (a roll-out in progress, a cache),
/// it stays as it is.
pub fn once_for(build: &str) {
    let Ok(Some(storage)) = window().session_storage() else { return };
    // Again after ten minutes at most: another replica may have sent the old page.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
    let tens_of_minutes = (js_sys::Date::now() / 600_000.0) as u64;
    let mark = format!("{build} {tens_of_minutes}");
    let done = storage.get_item(RELOADED_FOR).ok().flatten();
    if done.as_deref() != Some(&mark) && storage.set_item(RELOADED_FOR, &mark).is_ok() {
        let _ = window().location().reload();
    }
}
