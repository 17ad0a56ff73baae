#!/usr/bin/env bash
# Builds style, wasm and server in release: target/release/crypto-rates, all in one file.
set -euo pipefail
source "$(dirname "$0")/env.sh"

binary=target/release/crypto-rates
# As old as the start of the last build that went well: an edit during the build counts as new.
stamp=target/release/.crypto-rates-built
inputs=(Cargo.toml Cargo.lock package-lock.json tools src frontend style public scripts/env.sh)
# Another standard library makes another wasm.
[[ ! -e $WASM_STD/compiler ]] || inputs+=("$WASM_STD/compiler")
if [[ -e $binary && -e $stamp && -z $(find "${inputs[@]}" -newer "$stamp" -print -quit) ]]; then
  say "$binary is up to date"
  exit
fi
mkdir -p target/release
touch "$stamp.next"
setup build
say "building wasm, style and server"
cargo leptos build --release --precompress
mv "$stamp.next" "$stamp"
