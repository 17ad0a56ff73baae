#!/usr/bin/env bash
# Measures the release build beside nginx and beside the shape of the Python program that it
# replaces, prints a table and writes docs/performance.md. Ends with 1 if a target is missed by more
# than a tenth.
#
# Usage: scripts/bench.sh [options of benches/side_by_side/compare.py]
set -euo pipefail
source "$(dirname "$0")/env.sh"

setup bench
scripts/build.sh
say "measuring; some four minutes, and better without anything else on this machine"
exec python3 benches/side_by_side/compare.py target/release/crypto-rates "$TOOLS/flask/bin/gunicorn" \
  --report docs/performance.md "$@"
