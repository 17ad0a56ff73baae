#!/usr/bin/env bash
# Builds and serves on http://127.0.0.1:5000: live rates where CoinGecko can be reached, and the
# sample, loudly labelled, where not.
set -euo pipefail
source "$(dirname "$0")/env.sh"

scripts/build.sh
export HOST=${HOST:-127.0.0.1} PORT=${PORT:-5000} RATES_SOURCES=${RATES_SOURCES:-coingecko,sample}
say "serving on http://$HOST:$PORT (Ctrl-C stops)"
exec target/release/crypto-rates
