//! Metrics of requests and refreshes, and those of the process from `/proc`.

use std::{
    fmt,
    hash::{Hash, Hasher},
    time::Duration,
};

use axum::extract::MatchedPath;
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
    },
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

use crate::rates::SourceName;

/// In seconds; most answers take less than a millisecond.
const DURATION_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

pub struct Metrics {
    registry: Registry,
    /// The path before that of every route, which labels leave out.
    base_path: String,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    coingecko_calls: Family<StatusLabel, Counter>,
    source_calls: Family<SourceLabels, Counter>,
    dropped: Family<SourceLabel, Counter>,
    delisted: Family<SourceLabel, Counter>,
    panics: Counter,
    streams: Gauge,
    alerts_sent: Family<OutcomeLabel, Counter>,
    alerts_waiting: Gauge,
    alert_rules: Family<StateLabel, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    endpoint: Endpoint,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    endpoint: Endpoint,
}

/// A route as a label.
#[derive(Clone, Debug)]
struct Endpoint {
    route: Option<MatchedPath>,
    /// How much of it is the base path, in bytes.
    base: usize,
}

impl Endpoint {
    fn new(route: Option<&MatchedPath>, base_path: &str) -> Self {
        let after_base = |route: &&MatchedPath| {
            route.as_str().strip_prefix(base_path).is_some_and(|rest| rest.starts_with('/'))
        };
        let base = route.filter(after_base).map_or(0, |_| base_path.len());
        Self { route: route.cloned(), base }
    }

    fn as_str(&self) -> &str {
        let route = self.route.as_ref().map(MatchedPath::as_str);
        route.map_or("unmatched", |route| route.get(self.base..).unwrap_or(route))
    }
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Endpoint {}

impl Hash for Endpoint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Endpoint {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabels {
    source: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabel {
    source: &'static str,
}

impl Metrics {
    /// `base_path` is empty, or stands before the path of every route.
    pub fn new(version: &str, base_path: &str) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("crypto_app_requests", "HTTP requests answered", requests.clone());
        let histogram: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS);
        let durations = Family::new_with_constructor(histogram);
        registry.register_with_unit(
            "crypto_app_request_duration",
            "Time from the head of a request read to the head of its answer ready",
            Unit::Seconds,
            durations.clone(),
        );
        let coingecko_calls = Family::default();
        registry.register(
            "coingecko_api_calls",
            "Calls to CoinGecko, by success or error",
            coingecko_calls.clone(),
        );
        let source_calls = Family::default();
        registry.register(
            "rates_source_calls",
            "Calls to a source or a reference",
            source_calls.clone(),
        );
        let dropped = Family::default();
        registry.register(
            "rates_entries_dropped",
            "Entries of a source's answers left out because they were broken",
            dropped.clone(),
        );
        let delisted = Family::default();
        registry.register(
            "rates_delisted",
            "Rates given up because the source has not had them for DELIST_AFTER",
            delisted.clone(),
        );
        let panics = Counter::default();
        registry.register("crypto_app_panics", "Requests ended by a panic", panics.clone());
        let streams = Gauge::default();
        registry.register("crypto_app_streams", "Event streams that are open", streams.clone());
        let alerts_sent = Family::default();
        registry.register(
            "crypto_app_alerts_sent",
            "Calls of the webhook by their outcome, and messages given up",
            alerts_sent.clone(),
        );
        let alerts_waiting = Gauge::default();
        registry.register(
            "crypto_app_alerts_waiting",
            "Messages that the webhook has not taken yet",
            alerts_waiting.clone(),
        );
        let alert_rules = Family::default();
        registry.register(
            "crypto_app_alert_rules",
            "Alert rules that are armed, have fired, or can't be measured",
            alert_rules.clone(),
        );
        let build = [("version".to_owned(), version.to_owned())].to_vec();
        registry.register("crypto_app_build", "The build that runs", Info::new(build));
        registry.register_collector(Box::new(ProcessCollector));
        Self {
            registry,
            base_path: base_path.to_owned(),
            requests,
            durations,
            coingecko_calls,
            source_calls,
            dropped,
            delisted,
            panics,
            streams,
            alerts_sent,
            alerts_waiting,
            alert_rules,
        }
    }

    /// Counts an answered request. `route` is the matched route and never the path that was asked for: all
    /// paths without a route share one series.
    pub fn request_answered(
        &self,
        method: &'static str,
        route: Option<&MatchedPath>,
        status: u16,
        took: Duration,
    ) {
        let endpoint = Endpoint::new(route, &self.base_path);
        let labels = RouteLabels { method, endpoint };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
        let labels = RequestLabels { method, endpoint: labels.endpoint, status };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a call of a source. `outcome` is `ok`, or the kind of failure.
    pub fn source_called(&self, source: SourceName, outcome: &'static str) {
        self.upstream_called(source.as_str(), outcome);
        if source == SourceName::Coingecko {
            let status = if outcome == "ok" { "success" } else { "error" };
            self.coingecko_calls.get_or_create(&StatusLabel { status }).inc();
        }
    }

    /// Counts a call of an upstream that may be a source or a reference.
    pub fn upstream_called(&self, source: &'static str, outcome: &'static str) {
        self.source_calls.get_or_create(&SourceLabels { source, outcome }).inc();
    }

    pub fn entries_dropped(&self, source: SourceName, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.dropped.get_or_create(&SourceLabel { source: source.as_str() }).inc_by(count);
    }

    pub fn delisted(&self, source: SourceName, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.delisted.get_or_create(&SourceLabel { source: source.as_str() }).inc_by(count);
    }

    /// Counts an event stream until the guard is dropped.
    pub fn stream_opened(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }

    /// Counts calls of the webhook, or messages, with this outcome.
    pub fn alerts_sent(&self, outcome: &'static str, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.alerts_sent.get_or_create(&OutcomeLabel { outcome }).inc_by(count);
    }

    /// Sets how many messages wait.
    pub fn alerts_waiting(&self, count: usize) {
        self.alerts_waiting.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets how many rules are in each state.
    pub fn alert_rules(&self, states: [(&'static str, usize); 3]) {
        for (state, count) in states {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.alert_rules.get_or_create(&StateLabel { state }).set(count);
        }
    }

    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Returns the registry of these metrics, for [`crate::http::metrics`] to write.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

/// The guard of an open event stream.
pub struct OpenStream(Gauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The process metrics that every Prometheus client library provides.
#[derive(Debug)]
struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        // Without /proc these metrics are left out, which is no reason to fail.
        let Ok(process) = procfs::process::Process::myself() else { return Ok(()) };
        if let Ok(stat) = process.stat() {
            #[expect(clippy::cast_precision_loss, reason = "clock ticks of a process's life")]
            let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
            let cpu = ConstCounter::new(seconds(stat.utime + stat.stime));
            let metric = encoder.encode_descriptor(
                "process_cpu",
                "User and system time spent",
                Some(&Unit::Seconds),
                cpu.metric_type(),
            )?;
            cpu.encode(metric)?;
            let resident = ConstGauge::new(stat.rss * procfs::page_size());
            bytes(&mut encoder, "process_resident_memory", "Resident memory", resident)?;
            let virtual_memory = ConstGauge::new(stat.vsize);
            bytes(&mut encoder, "process_virtual_memory", "Virtual memory", virtual_memory)?;
            let threads = u64::try_from(stat.num_threads).unwrap_or_default();
            gauge(&mut encoder, "process_threads", "Threads", ConstGauge::new(threads))?;
            if let Ok(boot) = procfs::boot_time_secs() {
                #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
                let started = ConstGauge::new(boot as f64 + seconds(stat.starttime));
                let metric = encoder.encode_descriptor(
                    "process_start_time",
                    "Start of the process since the epoch",
                    Some(&Unit::Seconds),
                    started.metric_type(),
                )?;
                started.encode(metric)?;
            }
        }
        if let Ok(open) = process.fd_count() {
            let open = u64::try_from(open).unwrap_or(u64::MAX);
            gauge(
                &mut encoder,
                "process_open_fds",
                "Open file descriptors",
                ConstGauge::new(open),
            )?;
        }
        if let Ok(limits) = process.limits()
            && let procfs::process::LimitValue::Value(most) = limits.max_open_files.soft_limit
        {
            let help = "Most file descriptors that may be open";
            gauge(&mut encoder, "process_max_fds", help, ConstGauge::new(most))?;
        }
        Ok(())
    }
}

/// Writes one gauge.
pub fn gauge(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    gauge: ConstGauge<u64>,
) -> fmt::Result {
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

fn bytes(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    gauge: ConstGauge<u64>,
) -> fmt::Result {
    gauge.encode(encoder.encode_descriptor(name, help, Some(&Unit::Bytes), gauge.metric_type())?)
}
