#!/usr/bin/env bash
# Loads the service with k6 and says which of its objectives it kept; ends with 99 if one was broken.
#
# Usage: scripts/load.sh [smoke|steady|spike|soak] [URL]
#   smoke   (default) every kind of request some times, by one client
#   steady  a minute of a busy day
#   spike   a minute with twenty times the load in its midst
#   soak    half an hour of everything, with an eye on memory and on the age of the rates
#
# Without a URL it starts the release build on 127.0.0.1, with a stand-in for the upstream, and stops it
# again. With one it asks that server, and refuses a machine other than this unless ALLOW_REMOTE=1.
# RATE, SPIKE, LISTENERS, DURATION (90s, 10m) and NETWORK_MS (the way there and back) set how much; each
# file in scripts/load says its own. What was measured is left in target/load, as JSON and
# as JUnit.
set -euo pipefail
source "$(dirname "$0")/env.sh"

scenario=${1:-smoke} url=${2:-}
[[ -f scripts/load/$scenario.js && $# -le 2 ]] || die "usage: $0 [smoke|steady|spike|soak] [URL]"
if [[ -z ${K6:-} ]]; then
  setup load
  K6=$TOOLS/load/bin/k6
fi
results=$PWD/target/load
mkdir -p "$results"
scratch=$(mktemp -d)
upstream_pid='' server_pid=''
clean_up() {
  # After TERM it would still serve, for the sake of load balancers.
  [[ -z $server_pid ]] || kill -INT "$server_pid" 2>/dev/null || true
  [[ -z $upstream_pid ]] || kill "$upstream_pid" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap clean_up EXIT

# The first text in a file that matches, as soon as it is there.
appears() {
  local found
  for _ in {1..200}; do
    if found=$(grep -om1 "$1" "$2"); then
      printf '%s\n' "$found"
      return
    fi
    sleep 0.05
  done
  cat "$2" >&2
  die "it did not start"
}

if [[ -z $url ]]; then
  if [[ -z ${SERVER:-} ]]; then
    scripts/build.sh
    SERVER=target/release/crypto-rates
  fi
  # CoinGecko's answer is one file.
  mkdir -p "$scratch/upstream/api/v3"
  cp src/sources/sample.json "$scratch/upstream/api/v3/exchange_rates"
  python3 -u -m http.server --bind 127.0.0.1 --directory "$scratch/upstream" 0 >"$scratch/upstream.log" 2>&1 &
  upstream_pid=$!
  upstream=$(appears 'http://127.0.0.1:[0-9]*' "$scratch/upstream.log")
  # Or the address in the log of the run before would be taken for that of this one.
  : >"$results/server.log"
  # New rates now and then belong to the load.
  env HOST=127.0.0.1 PORT=0 METRICS_ADDR= BASE_PATH= STORE_URL="file://$scratch/store" RATES_SOURCES=coingecko \
    RATES_REFERENCES= COINGECKO_URL="$upstream/api/v3" CACHE_DURATION="${CACHE_DURATION:-30}" \
    LOG_FORMAT=text RUST_LOG=info \
    "$SERVER" >"$results/server.log" 2>&1 &
  server_pid=$!
  url=$(appears 'http://127.0.0.1:[0-9]*' "$results/server.log")
  for _ in {1..200}; do
    ! "$SERVER" --health "$url/health/ready" 2>/dev/null || break
    sleep 0.05
  done
fi

rm -f "$results/$scenario".*
say "load: $scenario against $url"
# Each stream that a listener leaves is a warning to k6.
BASE_URL=$url RESULTS=$results "$K6" run --no-usage-report --quiet --no-color \
  --log-output "file=$results/$scenario.log" "scripts/load/$scenario.js" || {
  status=$?
  grep -v 'error="request timeout"' "$results/$scenario.log" | tail -n 20 >&2 || true
  exit "$status"
}
