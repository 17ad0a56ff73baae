//! A reader's alerts: "tell me when 1 BTC > 80,000 USD". The browser keeps them, and each refresh looks at them.

use leptos::prelude::*;

use super::{browser::device, detail::Pair, model::Model};
use crate::rates::{
    AlertState, CacheStatus, FormattedNumber, PriceAlert, PriceAlertKind, SourceName,
};

/// A field for a new alert about the pair in detail, and those that there are about it.
#[component]
pub fn PriceAlerts(pair: Memo<Option<Pair>>) -> impl IntoView {
    let model = expect_context::<Model>();
    let add = move |typed: &str| {
        if let Some(pair) = pair.get_untracked().filter(|_| !typed.is_empty()) {
            add(model, &pair, typed);
        }
    };
    let of_pair = move |alert: &PriceAlert| pair.read().as_ref().is_some_and(|it| it.is_of(alert));
    let forget = move |_| {
        model.change_alerts(&mut |alerts| alerts.retain(|it| !untrack(|| of_pair(it))));
    };
    view! {
        <div class="price-alert">
            <label for="alert-at">"Tell me when it reaches"</label>
            <input
                id="alert-at"
                class="form-control"
                placeholder="80000 or 3%"
                autocomplete="off"
                on:change:target=move |event| {
                    let field = event.target();
                    add(&field.value());
                    field.set_value("");
                }
            />
            // Whoever clicks it leaves the field.
            <button class="btn btn-primary">"Set alert"</button>
            <span inner_html=move || texts(model, &of_pair)></span>
            <button class="btn copy" on:click=forget>
                "Forget"
            </button>
        </div>
    }
}

/// Adds an alert: `3%` is a change, and anything else a value that is to be reached from where it is now.
fn add(model: Model, pair: &Pair, typed: &str) {
    let style = model.reader.with_untracked(|reader| reader.style.clone());
    let Some(read) = style.read(typed) else {
        let example = model.number(&FormattedNumber::hundredths(123_450.0));
        return model.toast.set(Some(format!("Not a number above 0. Write it as {example}")));
    };
    let kind = match read.currency {
        "%" => PriceAlertKind::Change,
        _ if read.amount.value() > pair.quote.value / pair.amount => PriceAlertKind::Above,
        _ => PriceAlertKind::Below,
    };
    let (base, quote) = pair.codes();
    let (base, quote) = (base.clone(), quote.clone());
    let alert = PriceAlert { base, quote, kind, threshold: read.amount, state: AlertState::Armed };
    model.change_alerts(&mut |alerts| alerts.push(alert.clone()));
    model.check_alerts();
    if !device::ask_to_notify() {
        let text = "This browser shows no notifications here: only the page will tell you";
        model.toast.set(Some(text.to_owned()));
    }
}

/// Returns some of the alerts, a sentence each: `1 BTC above 80,000 USD.`
fn texts(model: Model, which: &dyn Fn(&PriceAlert) -> bool) -> String {
    let text = |alert: &PriceAlert| {
        let (base, quote) = (alert.base.shown(), alert.quote.shown());
        let threshold = model.number(&alert.threshold.written());
        match alert.kind {
            PriceAlertKind::Change => format!("{base} in {quote} ±{threshold}% in 24 h. "),
            kind => format!("1 {base} {} {threshold} {quote}. ", kind.as_str()),
        }
    };
    model.reader.read().alerts.iter().filter(|alert| which(alert)).map(text).collect()
}

/// Returns the alerts that have fired, a sentence each.
pub fn fired(model: Model) -> String {
    texts(model, &PriceAlert::has_fired)
}

impl Model {
    /// Looks at new rates, and tells the reader of what they cross.
    pub fn check_alerts(self) {
        let (live, snapshot, trends) = untrack(|| {
            let sample = self.source() == Some(SourceName::Sample);
            let live = !sample && self.status() != CacheStatus::Stale;
            (live, self.snapshot(), self.current_trends())
        });
        // Nobody knows whether stale rates are still beyond a threshold.
        let Some(snapshot) = snapshot.filter(|_| live) else { return };
        let mut news = Vec::new();
        self.change_alerts(&mut |alerts| {
            for alert in alerts {
                if alert.observe(&snapshot, trends.as_deref()) {
                    news.push(alert.clone());
                }
            }
        });
        if !news.is_empty() {
            device::notify(&untrack(|| texts(self, &|alert| news.contains(alert))));
        }
    }

    /// As `dyn`, because the code that tells everybody of it would be there for each change.
    fn change_alerts(self, change: &mut dyn FnMut(&mut Vec<PriceAlert>)) {
        self.reader.maybe_update(|reader| reader.change_alerts(change));
    }
}
