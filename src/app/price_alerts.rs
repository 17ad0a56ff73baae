//! A reader's alerts: "tell me when 1 BTC > 80,000 USD". The browser keeps them, and each refresh looks at them.

use leptos::prelude::*;

use super::{browser::device, model::Model};
use crate::rates::{CacheStatus, PriceAlert, PriceAlertKind, SourceName};

/// Returns what an alert waits for: `1 BTC above 80,000 USD.`
pub fn sentence(model: Model, alert: &PriceAlert) -> String {
    let (base, quote) = (alert.base.shown(), alert.quote.shown());
    let value = model.number(&alert.threshold.written());
    let id = match alert.kind {
        PriceAlertKind::Above => "alert-above",
        PriceAlertKind::Below => "alert-below",
        PriceAlertKind::Change => "alert-change",
    };
    let args = [("base", &base), ("quote", &quote), ("value", &value)];
    model.texts.format(id, &args.map(|(name, text)| (name, text.into()))) + " "
}

/// Returns the sentences of some alerts.
fn sentences(model: Model, which: &dyn Fn(&PriceAlert) -> bool) -> String {
    let alerts = &model.reader.read().alerts;
    alerts.iter().filter(|alert| which(alert)).map(|alert| sentence(model, alert)).collect()
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
    pub fn change_alerts(self, change: &mut dyn FnMut(&mut Vec<PriceAlert>)) {
        self.reader.maybe_update(|reader| reader.change_alerts(change));
    }
}
