#!/usr/bin/env bash
# Builds style, wasm and server in release: target/release/crypto-rates, all in one file. After scripts/static.sh it
# is a static one, in a folder called as what it is built for.
set -euo pipefail
source "$(dirname "$0")/env.sh"

folder=target/${LEPTOS_BIN_TARGET_TRIPLE:+$LEPTOS_BIN_TARGET_TRIPLE/}release
binary=$folder/crypto-rates
# As old as the start of the last build that went well: an edit during the build counts as new.
stamp=$folder/.crypto-rates-built
inputs=(
  Cargo.toml Cargo.lock package-lock.json tools src frontend locales style public scripts/env.sh
  scripts/setup-{build,compiler,debian}.sh scripts/static.sh scripts/texts.mjs
)
# Another standard library makes another wasm.
[[ ! -e $WASM_STD/compiler ]] || inputs+=("$WASM_STD/compiler")
if [[ -e $binary && -e $stamp && -z $(find "${inputs[@]}" -newer "$stamp" -print -quit) ]]; then
  say "$binary is up to date"
  exit
fi
mkdir -p "$folder"
touch "$stamp.next"
# Not by scripts/setup.sh: the image is built by this script, and that one changes too often.
source scripts/setup-build.sh
steps=6
build
unlock_setup
source scripts/env.sh
say "step 5 of $steps: the page: style and wasm (about 3 minutes on two cores, and 1 after a change)"
cargo leptos build --release --precompress --frontend-only
node scripts/texts.mjs target/site/pkg
# cargo-leptos writes the time into the gzip forms, which the server embeds. Packed anew without it, the same
# sources make the same server.
find target/site -type f ! -name '*.br' ! -name '*.gz' -exec gzip --best --no-name --keep --force {} +
say "step 6 of $steps: the server, with the page in it (about 6 minutes on two cores, and 2 after a change)"
cargo leptos build --release --precompress --server-only
mv "$stamp.next" "$stamp"
