#!/usr/bin/env bash
# Runs every test: units, the HTTP surface, ten seconds of fuzzing, the page in a real Chromium, and
# what Lighthouse says of it.
#
# Usage: scripts/test.sh [rust|page]   (both without an argument)
set -euo pipefail
source "$(dirname "$0")/env.sh"

what=${1:-all}
setup test
# First of all the release build: the tests of the page and of its weight are about this binary.
scripts/build.sh
if [[ $what != page ]]; then
  # The budget of the download knows two cases; see scripts/setup-build.sh.
  [[ -e $WASM_STD/small ]] || export LARGE_STD=1
  say "unit and HTTP tests"
  # Most of them wait for a clock, and few for a core.
  RUST_TEST_THREADS=${RUST_TEST_THREADS:-8} cargo test --features ssr
  scripts/fuzz.sh 10
fi
if [[ $what != rust ]]; then
  say "the page in Chromium"
  playwright test --config end2end/playwright.config.ts
  say "the page under Lighthouse"
  node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON end2end/lighthouse/check.mts target/release/crypto-rates
fi
