//! `GET /metrics`: metrics counted as things happen, and gauges read from the published state at each scrape.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeMetric,
        text::{encode_eof, encode_registry},
    },
    metrics::{gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};

use super::{problem::Problem, prometheus_text};
use crate::{metrics::gauge, rates::Snapshot, state::AppState};

/// `GET /metrics`: OpenMetrics, or Prometheus' text format for those who prefer it.
pub async fn metrics(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let (content_type, text) = match encode(&state) {
        Ok(openmetrics) if prometheus_text::is_preferred(&headers) => {
            (prometheus_text::CONTENT_TYPE, prometheus_text::from_openmetrics(&openmetrics))
        }
        Ok(openmetrics) => {
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", openmetrics)
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            return Problem::internal().into_response();
        }
    };
    ([(header::CONTENT_TYPE, content_type), (header::VARY, "accept")], text).into_response()
}

/// Returns the metrics as OpenMetrics text.
fn encode(state: &Arc<AppState>) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode_registry(&mut text, state.metrics.registry())?;
    // The published state changes with each refresh, so its gauges have a registry that lives for one scrape.
    let mut published = Registry::default();
    published.register_collector(Box::new(PublishedCollector(Arc::downgrade(state))));
    encode_registry(&mut text, &published)?;
    encode_eof(&mut text)?;
    Ok(text)
}

struct PublishedCollector(Weak<AppState>);

impl fmt::Debug for PublishedCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublishedCollector")
    }
}

impl Collector for PublishedCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Some(state) = self.0.upgrade() else { return Ok(()) };
        let (published, now) = (state.published(), state.now());
        let failures = u64::from(published.consecutive_failures());
        gauge(
            &mut encoder,
            "rates_refresh_failures_consecutive",
            "Refreshes that failed since the last one that worked",
            ConstGauge::new(failures),
        )?;
        gauge(
            &mut encoder,
            "rates_store_degraded",
            "1 while the store refuses to keep what it is given",
            ConstGauge::new(u64::from(state.store.is_degraded())),
        )?;
        gauge(
            &mut encoder,
            "rates_in_charge",
            "1 if this process asks the upstreams, 0 if another replica does",
            ConstGauge::new(u64::from(state.is_in_charge())),
        )?;
        let Some(snapshot) = published.snapshot() else { return Ok(()) };
        let carried_forward = u64::try_from(snapshot.carried_forward().count()).unwrap_or(u64::MAX);
        gauge(
            &mut encoder,
            "rates_held",
            "Rates that the current source does not have, kept from an earlier snapshot",
            ConstGauge::new(carried_forward),
        )?;
        let from_first = state.config.first_source() == Some(snapshot.source());
        gauge(
            &mut encoder,
            "rates_missing",
            "Rates that the first source does not have any more; 0 while another stands in",
            ConstGauge::new(if from_first { carried_forward } else { 0 }),
        )?;
        let age = ConstGauge::new(snapshot.age(now).as_secs());
        let metric = encoder.encode_descriptor(
            "rates_snapshot_age",
            "Age of the rates being served",
            Some(&Unit::Seconds),
            age.metric_type(),
        )?;
        age.encode(metric)?;
        let unchanged = ConstGauge::new(snapshot.unchanged().as_secs());
        let metric = encoder.encode_descriptor(
            "rates_unchanged",
            "For how long the rates had not changed when the source last answered with them",
            Some(&Unit::Seconds),
            unchanged.metric_type(),
        )?;
        unchanged.encode(metric)?;
        let info = Info::new(vec![
            ("source", snapshot.source().to_string()),
            ("snapshot_id", snapshot.id().to_string()),
        ]);
        let metric = encoder.encode_descriptor(
            "rates_snapshot",
            "Source and id of the rates being served",
            None,
            info.metric_type(),
        )?;
        info.encode(metric)?;
        encode_deviations(&mut encoder, snapshot)?;
        let mut values = encoder.encode_descriptor(
            "rates_value",
            "Units of a currency for one bitcoin",
            None,
            ConstGauge::new(0_f64).metric_type(),
        )?;
        for rate in snapshot.rates() {
            let labels = [("code", rate.code.as_str()), ("type", rate.kind.as_str())];
            ConstGauge::new(rate.value).encode(values.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// Writes how far the values are from those of references, if there are any.
fn encode_deviations(encoder: &mut DescriptorEncoder, snapshot: &Snapshot) -> fmt::Result {
    let mut deviations = snapshot.deviations().peekable();
    if deviations.peek().is_none() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(
        "rates_source_deviation_ratio",
        "How far a value is from a reference's, without what all have in common",
        None,
        ConstGauge::new(0_f64).metric_type(),
    )?;
    for (reference, code, ratio) in deviations {
        let labels = [
            ("source", snapshot.source().as_str()),
            ("reference", reference.name().as_str()),
            ("code", code.as_str()),
        ];
        ConstGauge::new(ratio).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
