//! Health checks for probes and people: whether the process is alive, ready and well.
//!
//! None of these calls an upstream.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    rates::{CacheStatus, ReferenceName, Snapshot, to_digits},
    state::AppState,
};

/// `GET /health`
#[derive(Serialize, ToSchema)]
pub struct Health {
    status: HealthStatus,
    /// The server's time, RFC 3339 in UTC.
    #[schema(format = "date-time")]
    timestamp: String,
    version: String,
    /// What is being served; missing before the first refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    snapshot: Option<SnapshotHealth>,
    refresh: RefreshHealth,
    store: StoreHealth,
    /// What the rates are compared with; missing without `RATES_REFERENCES`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<ReferenceHealth>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Fresh rates from the first of the configured sources.
    Healthy,
    /// Rates are served, but they are stale, a sample, or from another source.
    Degraded,
    /// There is nothing to serve.
    Unhealthy,
}

#[derive(Serialize, ToSchema)]
struct SnapshotHealth {
    id: String,
    data_source: &'static str,
    #[schema(format = "date-time")]
    last_updated: String,
    age_seconds: u64,
    /// When the source last answered with these rates.
    #[schema(format = "date-time")]
    last_checked: String,
    /// Present while the source keeps answering with the same rates: the time of `last_updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    unchanged_since: Option<String>,
    cache_status: &'static str,
}

#[derive(Serialize, ToSchema)]
struct RefreshHealth {
    consecutive_failures: u32,
    /// The kind of the last failure, as in the metric `rates_source_calls_total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_failure: Option<String>,
    /// Its reason in the upstream's own words, shortened, or the currencies whose values were absurd.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_failure_reason: Option<String>,
    /// When the sources will be called again.
    #[schema(format = "date-time")]
    next: String,
}

#[derive(Serialize, ToSchema)]
struct StoreHealth {
    /// `memory`, `file` or `redis`.
    kind: &'static str,
    /// Whether it fails to store rates; meanwhile they are kept in memory.
    degraded: bool,
    /// With a shared store, the role of this process: `in_charge` calls the upstreams for all replicas,
    /// `waiting` follows it, `alone` can't reach the store and calls the upstreams itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    role: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct ReferenceHealth {
    /// `frankfurter` or `kraken`.
    name: &'static str,
    /// When it last answered; null if it has not.
    #[schema(format = "date-time")]
    last_checked: Option<String>,
    /// The time of its rates: the day of the ECB's.
    #[schema(format = "date-time")]
    as_of: Option<String>,
    /// How many values are in both, and near enough in time to be compared.
    compared: usize,
    /// The largest deviation of them, as a ratio: 0.01 is one percent.
    largest_deviation_ratio: Option<f64>,
    /// Where it is.
    largest_deviation_code: Option<String>,
}

impl ReferenceHealth {
    fn new(name: ReferenceName, snapshot: Option<&Snapshot>) -> Self {
        let rates = snapshot
            .and_then(|snapshot| snapshot.references().iter().find(|rates| rates.name() == name));
        let deviations =
            rates.zip(snapshot).map(|(rates, snapshot)| snapshot.deviations_from(rates));
        let deviations = deviations.unwrap_or_default();
        let largest = deviations.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        Self {
            name: name.as_str(),
            last_checked: rates.map(|rates| rates.asked().to_string()),
            as_of: rates.map(|rates| rates.time().to_string()),
            compared: deviations.len(),
            largest_deviation_ratio: largest.map(|(_, ratio)| to_digits(*ratio, 4)),
            largest_deviation_code: largest.map(|(code, _)| code.to_string()),
        }
    }
}

/// The state of the service: 503 only when there is nothing to serve.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operation",
    responses(
        (status = 200, description = "Healthy or degraded: rates are served", body = Health),
        (status = 503, description = "Unhealthy: there is nothing to serve yet", body = Health),
    )
)]
pub async fn health(State(state): State<Arc<AppState>>) -> Response {
    let (published, now) = (state.published(), state.now());
    let snapshot = published.snapshot();
    let status = match snapshot {
        None => HealthStatus::Unhealthy,
        Some(snapshot) => {
            let from_first = state.config.first_source() == Some(snapshot.source());
            if from_first && published.status(snapshot, now) != CacheStatus::Stale {
                HealthStatus::Healthy
            } else {
                HealthStatus::Degraded
            }
        }
    };
    let health = Health {
        status,
        timestamp: now.to_string(),
        version: state.config.app_version.clone(),
        snapshot: snapshot.map(|snapshot| SnapshotHealth {
            id: snapshot.id().to_string(),
            data_source: snapshot.source().as_str(),
            last_updated: snapshot.last_updated().to_string(),
            age_seconds: snapshot.age(now).as_secs(),
            last_checked: snapshot.confirmed().to_string(),
            unchanged_since: published.unchanged_since().map(|since| since.to_string()),
            cache_status: published.status(snapshot, now).as_str(),
        }),
        refresh: RefreshHealth {
            consecutive_failures: published.consecutive_failures(),
            last_failure: published.failure().map(|failure| failure.outcome.clone()),
            last_failure_reason: published.failure().and_then(|failure| failure.reason.clone()),
            next: published.next_refresh().to_string(),
        },
        store: StoreHealth {
            kind: state.store.kind(),
            degraded: state.store.is_degraded(),
            role: state.store.shared().map(|_| state.role().borrow().as_str()),
        },
        references: (state.config.rates_references.iter().flatten())
            .map(|name| ReferenceHealth::new(*name, snapshot.map(|snapshot| &**snapshot)))
            .collect(),
    };
    let code = match status {
        HealthStatus::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
        HealthStatus::Healthy | HealthStatus::Degraded => StatusCode::OK,
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(health)).into_response()
}

/// Whether the process answers at all: the liveness probe.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operation",
    responses((status = 200, description = "The process answers", content_type = "text/plain", body = String))
)]
pub async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "live\n").into_response()
}

/// Whether requests should be sent here: the readiness probe.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operation",
    responses(
        (status = 200, description = "There are rates to serve", content_type = "text/plain", body = String),
        (status = 503, description = "No rates yet, or about to stop", content_type = "text/plain", body = String),
    )
)]
pub async fn ready(State(state): State<Arc<AppState>>) -> Response {
    let (code, text) = if state.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if state.published().snapshot().is_none() {
        (StatusCode::SERVICE_UNAVAILABLE, "no rates yet\n")
    } else {
        (StatusCode::OK, "ready\n")
    };
    (code, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
