//! Reads the configuration, starts the server, and stops it on a signal.

use std::process::ExitCode;

use anyhow::Context;
use crypto_rates::{
    config::{Arguments, Config},
    health_check, logging,
    server::{Server, stop_signal},
};
use tikv_jemallocator::Jemalloc;

/// Rendering a page makes about a thousand small allocations. This renders a quarter more pages per second
/// than the system's allocator, and keeps less memory when idle (docs/performance.md).
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crypto-rates: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let Arguments { config, check_config, health } = Arguments::read()?;
    if check_config {
        println!("the configuration is valid");
        return Ok(());
    }
    match health {
        Some(url) => check_health(&url.unwrap_or_else(|| health_check::ready_url(&config))),
        None => serve(config),
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    logging::start(&config);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = config.workers {
        runtime.worker_threads(workers);
    }
    let runtime = runtime.enable_all().build().context("the runtime did not start")?;
    let served = runtime.block_on(async {
        let stop = stop_signal().context("the signal handlers could not be installed")?;
        let mut stop = Box::pin(stop);
        let server = tokio::select! {
            server = Server::bind(config) => server?,
            _ = &mut stop => return Ok(()),
        };
        server.run(stop).await
    });
    // A DNS lookup can't be cancelled, and must not keep the process up.
    runtime.shutdown_background();
    served
}

fn check_health(url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the runtime did not start")?.block_on(health_check::ask(url))
}
