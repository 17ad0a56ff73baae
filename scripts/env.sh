# shellcheck shell=bash
# Sourced by every script: where the tools are, and which compiler builds everything.
#
# One compiler for server, browser and lints, chosen once by scripts/setup.sh and remembered in the
# tools folder: mixing two in one target folder would rebuild everything at each switch.

CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

# Tools built from source take some minutes: they are kept outside the checkout, so that
# another clone of the project finds them.
TOOLS=${CRYPTO_RATES_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/crypto-rates/tools}

PATH=$TOOLS/bin:$PWD/node_modules/.bin:$PATH
if [[ -d $HOME/.cargo/bin && :$PATH: != *:$HOME/.cargo/bin:* ]]; then
  PATH=$PATH:$HOME/.cargo/bin
fi
# Present where rustup can't add the wasm target: Debian's compiler goes before rustup's.
if [[ -d $TOOLS/debian-rust ]]; then
  PATH=$TOOLS/debian-rust:$PATH
fi
export PATH

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
