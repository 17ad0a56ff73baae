//! Start, run, stop.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    cluster,
    config::Config,
    history,
    http::{connections, router, warm_up::warm_up},
    rates::SourceName,
    refresh,
    sources::{self, Coinbase, Coingecko, Source},
    state::{AppState, Clock, system_clock},
};

/// How long requests that are under way may take after the signal to stop.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// How long requests are still taken after readiness has begun to fail: a load balancer that asks
/// every second has noticed by then.
pub const NOTICE: Duration = Duration::from_secs(3);

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Take no more requests: somebody waits for the end.
    AtOnce,
    /// Let load balancers notice first.
    AfterNotice,
}

/// A server that listens, but does not answer yet.
pub struct Server {
    state: Arc<AppState>,
    sources: Vec<Source>,
    public: TcpListener,
    internal: Option<TcpListener>,
}

impl Server {
    /// Takes the addresses in the configuration.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        Self::bind_with_clock(config, system_clock()).await
    }

    /// The same with a clock of the caller's.
    pub async fn bind_with_clock(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let sources = sources(&config)?;
        let (listen_on, metrics_on) = (config.listen, config.metrics_listen);
        let state = AppState::new(config, clock);
        // Leptos wants an executor for whatever a page may spawn; a second start in one process
        // finds the first one's.
        let _ = any_spawner::Executor::init_tokio();
        state.warm_up_with(warm_up);
        // Before anything listens: whoever is answered gets rates if there are any.
        state.restore().await;
        let public = listen("HOST and PORT", listen_on).await?;
        let internal = match metrics_on {
            Some(address) => Some(listen("METRICS_ADDR", address).await?),
            None => None,
        };
        Ok(Self { state, sources, public, internal })
    }

    /// Where the server listens; tells the port if the configuration left it open.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.public.local_addr()
    }

    /// Where the metrics are, if they have an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.internal.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Answers until `stop` is there, then finishes what is under way, for at most
    /// [`DRAIN_DEADLINE`].
    pub async fn run(self, stop: impl Future<Output = Stop>) -> anyhow::Result<()> {
        let address = self.address()?;
        let version = &self.state.config.app_version;
        tracing::info!(%version, address = %format!("http://{address}"), "listening");
        let refresh = tokio::spawn(refresh::run(Arc::clone(&self.state), self.sources));
        let cluster = tokio::spawn(cluster::run(Arc::clone(&self.state)));
        let reload = tokio::spawn(history::reload::run(Arc::clone(&self.state)));
        let (stopping, stopped) = watch::channel(false);
        let serve = |listener, router, room| {
            tokio::spawn(connections::serve(listener, router, room, stopped.clone()))
        };
        let public = serve(self.public, router::public(&self.state), connections::room());
        let internal = self.internal.map(|listener| {
            serve(listener, router::internal(&self.state), connections::internal_room())
        });

        let stop = stop.await;
        self.state.start_draining();
        refresh.abort();
        reload.abort();
        // Another replica takes over at once, and not when the lease has run out.
        let handed_over = tokio::time::timeout(NOTICE, cluster);
        if stop == Stop::AfterNotice {
            tracing::info!(notice = ?NOTICE, "stopping: readiness fails, requests are still taken");
            tokio::time::sleep(NOTICE).await;
        }
        tracing::info!(deadline = ?DRAIN_DEADLINE, "stopping: finishing what is under way");
        stopping.send_replace(true);
        let finish = async {
            let (_, _) = tokio::join!(public, handed_over);
            if let Some(internal) = internal {
                let _ = internal.await;
            }
        };
        match tokio::time::timeout(DRAIN_DEADLINE, finish).await {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => tracing::warn!("stopped at the deadline with connections still open"),
        }
        self.state.store.close();
        Ok(())
    }
}

async fn listen(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("{setting}: can't listen on {address}"))
}

/// The configured sources, on one pooled client.
fn sources(config: &Config) -> anyhow::Result<Vec<Source>> {
    let timeout = config.api_timeout;
    let client = sources::client(timeout).context("the HTTP client did not start")?;
    let source = |name: &SourceName| match name {
        SourceName::Coingecko => Source::Coingecko(Coingecko {
            client: client.clone(),
            base: config.coingecko_url.clone(),
            key: config.coingecko_key.clone(),
            timeout,
        }),
        SourceName::Coinbase => Source::Coinbase(Coinbase {
            client: client.clone(),
            base: config.coinbase_url.clone(),
            timeout,
        }),
        SourceName::Sample => Source::Sample,
    };
    Ok(config.sources.iter().map(source).collect())
}

/// Takes over SIGTERM, which Kubernetes and systemd send, and SIGINT, which Ctrl-C sends. The future
/// ends with the first of them.
pub fn stop_signal() -> std::io::Result<impl Future<Output = Stop>> {
    use tokio::signal::unix::{SignalKind, signal};

    // From now on, and not from when the future is first polled.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::AfterNotice,
            _ = interrupt.recv() => Stop::AtOnce,
        }
    })
}
