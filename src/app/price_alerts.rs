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
    let texts = model.texts;
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
            <label for="alert-at">{texts.get("alert-at")}</label>
            <input
                id="alert-at"
                class="form-control"
                placeholder=texts.get("alert-example")
                autocomplete="off"
                on:change:target=move |event| {
                    let field = event.target();
                    add(&field.value());
                    field.set_value("");
                }
            />
            // Whoever clicks it leaves the field.
            <button class="btn btn-primary">{texts.get("set-alert")}</button>
            <span inner_html=move || sentences(model, &of_pair)></span>
            <button class="btn copy" on:click=forget>
                {texts.get("forget")}
            </button>
        </div>
    }
}

/// Adds an alert: `3%` is a change, and anything else a value that is to be reached from where it is now.
fn add(model: Model, pair: &Pair, typed: &str) {
    let (style, texts) = (model.reader.with_untracked(|reader| reader.style.clone()), model.texts);
    let Some(read) = style.read(typed) else {
        let example = model.number(&FormattedNumber::hundredths(123_450.0));
        let text = texts.format("no-amount", &[("example", (&example).into())]);
        return model.toast.set(Some(text));
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
        model.toast.set(Some(texts.get("alert-page-only").to_owned()));
    }
}

/// Returns some of the alerts, a sentence each: `1 BTC above 80,000 USD.`
fn sentences(model: Model, which: &dyn Fn(&PriceAlert) -> bool) -> String {
    let sentence = |alert: &PriceAlert| {
        let (base, quote) = (alert.base.shown(), alert.quote.shown());
        let value = model.number(&alert.threshold.written());
        let id = match alert.kind {
            PriceAlertKind::Above => "alert-above",
            PriceAlertKind::Below => "alert-below",
            PriceAlertKind::Change => "alert-change",
        };
        let args = [("base", &base), ("quote", &quote), ("value", &value)];
        model.texts.format(id, &args.map(|(name, text)| (name, text.into()))) + " "
    };
    model.reader.read().alerts.iter().filter(|alert| which(alert)).map(sentence).collect()
}

/// Returns the alerts that have fired, a sentence each.
pub fn fired(model: Model) -> String {
    sentences(model, &PriceAlert::has_fired)
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
            device::notify(&untrack(|| sentences(self, &|alert| news.contains(alert))));
        }
    }

    /// As `dyn`, because the code that tells everybody of it would be there for each change.
    fn change_alerts(self, change: &mut dyn FnMut(&mut Vec<PriceAlert>)) {
        self.reader.maybe_update(|reader| reader.change_alerts(change));
    }
}
