#!/usr/bin/env bash
# Builds style, wasm and server in release: target/release/crypto-rates, all in one file.
set -euo pipefail
source "$(dirname "$0")/env.sh"

binary=target/release/crypto-rates
inputs=(Cargo.toml Cargo.lock package-lock.json src frontend style public scripts/env.sh)
if [[ -e $binary && -z $(find "${inputs[@]}" -newer "$binary" -print -quit) ]]; then
  say "$binary is up to date"
  exit
fi
scripts/setup.sh build
say "building wasm, style and server"
cargo leptos build --release --precompress
touch "$binary"
