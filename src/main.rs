//! Reads the configuration, starts the server, and stops it when told to.

use std::process::ExitCode;

use anyhow::Context;
use crypto_rates::{
    config::{Arguments, Config},
    health_check, logging,
    server::{Server, stop_signal},
};
use tikv_jemallocator::Jemalloc;

/// Rendering a page is some thousand small allocations: a quarter more pages in a second than with the
/// system's allocator, and less kept at rest (docs/performance.md).
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
        let stop = stop_signal().context("the signals can't be waited for")?;
        let mut stop = Box::pin(stop);
        let server = tokio::select! {
            server = Server::bind(config) => server?,
            _ = &mut stop => return Ok(()),
        };
        server.run(stop).await
    });
    // A name that is being looked up can't be stopped, and must not keep the process up.
    runtime.shutdown_background();
    served
}

fn check_health(url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the runtime did not start")?.block_on(health_check::ask(url))
}
