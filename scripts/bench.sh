#!/usr/bin/env bash
# Measures the release build and writes docs/performance.md. Ends with 1 if a target is missed by more
# than a tenth, or a score of Lighthouse at all.
#
# Usage: scripts/bench.sh [parts|instructions|allocations|refreshes|side_by_side|browser|soak|report]...
#   without an argument all of them, in half an hour; benches/README.md says what each tells.
#   The report is of what the last run of each has left in target/bench.
# shellcheck disable=SC2317 # the parts are called by their names
set -euo pipefail
source "$(dirname "$0")/env.sh"

server=target/release/crypto-rates
results=target/bench

parts() {
  cargo bench -p crypto-rates-benches --bench parts -- --noplot
}

instructions() {
  rm -rf target/gungraun
  cargo bench -p crypto-rates-benches --bench instructions -- --save-summary=json
}

allocations() {
  cargo test --features ssr --test allocations -- --nocapture | tee "$results/allocations.txt"
}

refreshes() {
  cargo bench -p crypto-rates-benches --bench refreshes | tee "$results/refreshes.jsonl"
}

side_by_side() {
  python3 benches/side_by_side/compare.py "$server" "$TOOLS/flask/bin/gunicorn"
}

browser() {
  node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON benches/browser/measure.mts "$server" --json "$results/browser.json"
}

soak() {
  python3 benches/soak.py "$server"
}

report() {
  python3 benches/report.py
}

all=(parts instructions allocations refreshes side_by_side browser soak report)
[[ $# -gt 0 ]] || set -- "${all[@]}"
for part in "$@"; do
  [[ " ${all[*]} " == *" $part "* ]] || die "usage: $0 [$(IFS='|' && echo "${all[*]}")]..."
done
setup bench
scripts/build.sh
mkdir -p "$results"
failed=0
for part in "$@"; do
  say "measuring: $part (better without anything else on this machine)"
  # The others go on, and the report tells of what there is.
  "$part" || { failed=1; say "failed: $part"; }
done
exit "$failed"
