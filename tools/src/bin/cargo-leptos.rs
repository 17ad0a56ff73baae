//! `cargo leptos`, as its own crate starts it.

use clap::Parser;

#[tokio::main]
async fn main() -> color_eyre::Result<()> {
    color_eyre::install()?;
    // Cargo starts `cargo-leptos leptos build`.
    let mut args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|arg| arg == "leptos") {
        args.remove(1);
    }
    let cli = cargo_leptos::config::Cli::parse_from(&args);
    let verbose = cli.opts().map_or(0, |options| options.verbose);
    cargo_leptos::logger::setup(verbose, &cli.log);
    cargo_leptos::run(cli).await
}
