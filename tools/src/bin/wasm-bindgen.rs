//! `wasm-bindgen`, as far as cargo-leptos asks for it: its own program brings a web server, a client and TLS for the
//! tests that it can run in browsers.

use std::path::PathBuf;

use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

#[derive(Parser)]
#[command(name = "wasm-bindgen", version = wasm_bindgen_shared::version())]
struct Args {
    input: PathBuf,
    #[arg(long, value_parser = ["web"])]
    target: String,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    #[arg(long)]
    debug: bool,
    #[arg(long)]
    keep_debug: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    Bindgen::new()
        .input_path(args.input)
        .web(true)?
        .out_name(&args.out_name)
        .debug(args.debug)
        .keep_debug(args.keep_debug)
        // As the program has it where it is told nothing.
        .omit_default_module_path(false)
        .typescript(true)
        .generate(args.out_dir)
}
