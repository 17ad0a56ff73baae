# shellcheck shell=bash
# Sourced by every script: where the tools are, and which compiler builds everything.
#
# One compiler for server, browser and lints, chosen once by scripts/setup-build.sh and remembered in the
# tools folder: mixing two in one target folder would rebuild everything at each switch.

CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

# Tools built from source take some minutes: they are kept outside the checkout, so that
# another clone of the project finds them.
TOOLS=${CRYPTO_RATES_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/crypto-rates/tools}
if [[ $TOOLS == *[[:space:]]* ]]; then
  # Cargo takes flags apart at spaces.
  printf 'error: CRYPTO_RATES_TOOLS must name a folder without spaces, not "%s"\n' "$TOOLS" >&2
  exit 1
fi

PATH=$TOOLS/bin:$PWD/node_modules/.bin:$PATH
if [[ -d $HOME/.cargo/bin && :$PATH: != *:$HOME/.cargo/bin:* ]]; then
  PATH=$PATH:$HOME/.cargo/bin
fi
# Present where rustup can't have what the wasm needs: Debian's compiler goes before rustup's.
if [[ -d $TOOLS/debian-rust ]]; then
  PATH=$TOOLS/debian-rust:$PATH
fi
export PATH

# The standard library that the wasm is built with, once scripts/setup-build.sh has made it. The number is
# for the way it is made: cargo sees a new path, and would not see other files behind the old one.
WASM_STD=$TOOLS/wasm-std-2
if [[ -d $WASM_STD/lib ]]; then
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=--sysroot=$WASM_STD
  # It would go before that.
  unset RUSTFLAGS
else
  unset CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS
fi

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif have sudo; then sudo "$@"
  else die "this needs root: $*"; fi
}

# Installs what is missing, and takes it into use.
setup() {
  scripts/setup.sh "$1"
  source scripts/env.sh
}
