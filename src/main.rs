//! Reads the configuration, starts the server, and stops it when told to.

use std::process::ExitCode;

use anyhow::Context;
use crypto_rates::{
    config::{self, Config},
    health_check, logging,
    server::{Server, stop_signal},
};
use tikv_jemallocator::Jemalloc;

/// Rendering a page is some thousand small allocations: a quarter more pages in a second than with the
/// system's allocator, and less kept at rest (docs/performance.md).
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<_> = arguments.map(|text| text.to_string_lossy().into_owned()).collect();
    match arguments.as_slice() {
        [] => match Config::from_env() {
            Ok(config) => match serve(config) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("{error:#}")),
            },
            Err(error) => fail(&error.to_string()),
        },
        [flag] if flag == "--check-config" => match Config::from_env() {
            Ok(_) => {
                println!("the configuration is valid");
                ExitCode::SUCCESS
            }
            Err(error) => fail(&error.to_string()),
        },
        [flag] if flag == "--health" => match Config::from_env() {
            Ok(config) => check_health(&health_check::ready_url(&config)),
            Err(error) => fail(&error.to_string()),
        },
        [flag, url] if flag == "--health" => check_health(url),
        [flag] if flag == "--help" || flag == "-h" => {
            println!("{}", help());
            ExitCode::SUCCESS
        }
        [flag] if flag == "--version" || flag == "-V" => {
            println!("crypto-rates {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        unknown => fail(&format!("unknown arguments: {} (see --help)", unknown.join(" "))),
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

fn check_health(url: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = runtime
        .context("the runtime did not start")
        .and_then(|runtime| runtime.block_on(health_check::ask(url)));
    match asked {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{error:#}")),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("crypto-rates: {message}");
    ExitCode::FAILURE
}

fn help() -> String {
    format!(
        "crypto-rates {}: what one bitcoin, euro or ounce of gold is worth, on a page and over a JSON API

Usage: crypto-rates [--check-config | --health [URL] | --help | --version]

  --check-config  check the environment variables and exit
  --health [URL]  ask the server that runs here with the same variables whether it is ready, or the
                  http address URL whether it answers with 200; exit with 1 if not
  --help, -h      show this text
  --version, -V   show the version

Everything else is set by environment variables:

{}",
        env!("CARGO_PKG_VERSION"),
        config::help()
    )
}
