//! Starts, runs and stops the server.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use futures::{FutureExt, future::BoxFuture};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    alerting, cluster,
    config::Config,
    http::{
        connections::{self, serve},
        router,
        warm_up::warm_up,
    },
    rates::{ReferenceName, SourceName},
    refresh,
    sources::{self, Coinbase, Coingecko, Frankfurter, Kraken, RateSource, Reference, Sample},
    state::{AppState, Clock, system_clock},
    tasks::Tasks,
    webhook::Webhook,
};

/// How long requests in flight may take after the server has stopped accepting more.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// How long requests are still accepted after readiness starts to fail. A load balancer that asks every
/// second has noticed by then.
pub const NOTICE: Duration = Duration::from_secs(3);

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Accept no more requests: somebody is waiting for the end.
    AtOnce,
    /// Let load balancers notice first.
    AfterNotice,
}

/// A server that listens, but does not answer yet.
pub struct Server {
    state: Arc<AppState>,
    sources: Vec<Box<dyn RateSource>>,
    references: Vec<Box<dyn Reference>>,
    webhook: Option<Webhook>,
    public: TcpListener,
    internal: Option<TcpListener>,
}

impl Server {
    /// Binds the addresses in the configuration.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        Self::bind_with_clock(config, system_clock()).await
    }

    /// Like [`Self::bind`], with the given clock.
    pub async fn bind_with_clock(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let client = sources::client(config.api_timeout);
        let client = client.context("the HTTP client did not start")?;
        let (sources, references) = (sources(&config, &client), references(&config, &client));
        let webhook = webhook(&config, &client);
        let (listen_on, metrics_on) = (config.listen_address(), config.metrics_addr);
        let state = AppState::new(config, clock);
        // Leptos needs an executor for tasks that a page spawns. This fails if the process has one already,
        // which is just as good.
        let _ = any_spawner::Executor::init_tokio();
        state.warm_up_with(warm_up);
        // Restored before listening, so that the first request already gets any stored rates.
        state.restore().await;
        let public = listen("HOST and PORT", listen_on).await?;
        let internal = match metrics_on {
            Some(address) => Some(listen("METRICS_ADDR", address).await?),
            None => None,
        };
        Ok(Self { state, sources, references, webhook, public, internal })
    }

    /// Returns the address the server listens on, with the port it got if any was allowed.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.public.local_addr()
    }

    /// Returns the address of the metrics, if they have one of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.internal.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves requests until `stop` completes, then finishes those in flight within [`DRAIN_DEADLINE`].
    ///
    /// # Errors
    ///
    /// Returns an error if a task ends that should not. The server then stops in order, because the process
    /// can no longer do its work.
    pub async fn run(self, stop: impl Future<Output = Stop>) -> anyhow::Result<()> {
        let Self { state, sources, references, webhook, public, internal } = self;
        let address = public.local_addr()?;
        let version = &state.config.app_version;
        tracing::info!(%version, address = %format!("http://{address}"), "listening");

        let (draining, closing) = (CancellationToken::new(), CancellationToken::new());
        let until_draining = |task: BoxFuture<'static, ()>| {
            let draining = draining.clone();
            async move {
                let _ = draining.run_until_cancelled(task).await;
            }
        };
        let mut tasks = Tasks::default();
        let refresh = refresh::run(Arc::clone(&state), sources, references);
        tasks.spawn("refresh", until_draining(refresh.boxed()));
        let reload = refresh::recent_history::run(Arc::clone(&state));
        tasks.spawn("reload of the recent history", until_draining(reload.boxed()));
        let mut resigning = draining.clone();
        if let Some((rules, webhook)) = state.config.alert_rules.clone().zip(webhook) {
            let alerts = alerting::run(Arc::clone(&state), rules, webhook, draining.clone());
            // Once a message under way is noted as sent: the next leader would send it again.
            resigning = CancellationToken::new();
            let sent = resigning.clone().drop_guard();
            tasks.spawn("alerts", alerts.map(|()| drop(sent)));
        }
        tasks.spawn("cluster", cluster::run(Arc::clone(&state), resigning));
        let (service, room) = (router::public(&state), connections::room());
        tasks.spawn("public listener", serve(public, service, room, closing.clone()));
        if let Some(listener) = internal {
            let (service, room) = (router::internal(&state), connections::internal_room());
            tasks.spawn("internal listener", serve(listener, service, room, closing.clone()));
        }

        let (stop, mut result) = tokio::select! {
            stop = stop => (stop, Ok(())),
            ended = tasks.first_to_end() => {
                tracing::error!(%ended, "stopping: a task has ended that should not");
                (Stop::AtOnce, Err(ended))
            }
        };
        // Lets another replica take over at once, instead of when the lease expires.
        state.start_draining();
        draining.cancel();
        if stop == Stop::AfterNotice {
            tracing::info!(notice = ?NOTICE, "stopping: readiness fails, requests are still taken");
            tokio::time::sleep(NOTICE).await;
        }
        tracing::info!(deadline = ?DRAIN_DEADLINE, "stopping: finishing what is under way");
        closing.cancel();
        match tokio::time::timeout(DRAIN_DEADLINE, tasks.join_all()).await {
            Ok(joined) => {
                result = result.and(joined);
                tracing::info!("stopped");
            }
            Err(_) => tracing::warn!("stopped at the deadline with connections still open"),
        }
        state.store.close();
        Ok(result?)
    }
}

async fn listen(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("{setting}: can't listen on {address}"))
}

/// Creates the configured sources.
fn sources(config: &Config, client: &Client) -> Vec<Box<dyn RateSource>> {
    let timeout = config.api_timeout;
    let source = |name: &SourceName| -> Box<dyn RateSource> {
        let client = client.clone();
        match name {
            SourceName::Coingecko => {
                let (base, key) = (config.coingecko_url(), config.coingecko_api_key.clone());
                let plan = config.coingecko_api_plan;
                Box::new(Coingecko { client, base, key, plan, timeout })
            }
            SourceName::Coinbase => {
                Box::new(Coinbase { client, base: config.coinbase_url.clone(), timeout })
            }
            SourceName::Kraken => Box::new(kraken(config, client)),
            SourceName::Sample => Box::new(Sample),
        }
    };
    config.rates_sources.iter().map(source).collect()
}

/// Creates the configured references.
fn references(config: &Config, client: &Client) -> Vec<Box<dyn Reference>> {
    let reference = |name: &ReferenceName| -> Box<dyn Reference> {
        let client = client.clone();
        match name {
            ReferenceName::Frankfurter => {
                let (base, timeout) = (config.frankfurter_url.clone(), config.api_timeout);
                Box::new(Frankfurter { client, base, timeout })
            }
            ReferenceName::Kraken => Box::new(kraken(config, client)),
        }
    };
    config.rates_references.iter().flatten().map(reference).collect()
}

fn kraken(config: &Config, client: Client) -> Kraken {
    Kraken { client, base: config.kraken_url.clone(), timeout: config.api_timeout }
}

/// Creates the receiver of alerts, if there is one.
fn webhook(config: &Config, client: &Client) -> Option<Webhook> {
    let (url, secret) = (config.alert_webhook_url.clone()?, config.alert_webhook_secret.clone());
    Some(Webhook { client: client.clone(), url, secret, timeout: config.api_timeout })
}

/// Handles SIGTERM, which Kubernetes and systemd send, and SIGINT, which Ctrl-C sends. The future completes
/// with the first of them.
pub fn stop_signal() -> std::io::Result<impl Future<Output = Stop>> {
    use tokio::signal::unix::{SignalKind, signal};

    // Installed now, and not when the future is first polled.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::AfterNotice,
            _ = interrupt.recv() => Stop::AtOnce,
        }
    })
}
