#!/usr/bin/env bash
# Format, lints and types; every warning is an error.
set -euo pipefail
source "$(dirname "$0")/env.sh"

setup lint
say "format"
cargo fmt --all --check
cargo fmt --manifest-path fuzz/Cargo.toml --check
say "lints of the server"
cargo clippy --all-targets --features ssr -- -D warnings
say "lints of the benches"
cargo clippy --package crypto-rates-benches --all-targets -- -D warnings
say "lints of the browser's half"
cargo clippy --package frontend --target wasm32-unknown-unknown --target-dir target/front -- -D warnings
say "lints of the fuzz targets"
cargo clippy --locked --release --manifest-path fuzz/Cargo.toml --target-dir target --all-targets -- -D warnings
say "the direction of dependencies"
python3 scripts/lint/arrows.py
say "scripts"
shellcheck --external-sources --source-path=SCRIPTDIR scripts/*.sh end2end/fixtures/*.sh .ci/run
say "types of the page's tests and of what measures it"
tsc --project end2end
tsc --project benches/browser
