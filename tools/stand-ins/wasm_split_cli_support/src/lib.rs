//! What cargo-leptos names of wasm_split_cli_support, and nothing behind it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub struct Options<'a> {
    pub output_dir: &'a Path,
    pub main_out_path: &'a Path,
    pub main_module: &'a str,
    pub link_name: &'a str,
    pub verbose: bool,
}

impl<'a> Options<'a> {
    pub fn new(_: &'a [u8]) -> Self {
        Self {
            output_dir: Path::new(""),
            main_out_path: Path::new(""),
            main_module: "",
            link_name: "",
            verbose: false,
        }
    }
}

pub struct SplitWasm {
    pub split_modules: Vec<PathBuf>,
    pub prefetch_map: HashMap<String, Vec<String>>,
}

pub fn transform(_: Options<'_>) -> eyre::Result<SplitWasm> {
    eyre::bail!("this cargo-leptos was built without --split; see tools/ in Crypto Rates")
}
