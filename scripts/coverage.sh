#!/usr/bin/env bash
# How much of the server the Rust tests reach: target/coverage/html and target/coverage/lcov.info. Fails where it is
# less than 90 % of the lines in src/.
#
# Usage: scripts/coverage.sh
#
# It is LLVM's own count, of what was compiled (-C instrument-coverage), taken by cargo-llvm-cov; cargo-tarpaulin,
# which needs no LLVM beside the compiler's, follows no process that a test starts. What only a browser runs
# (src/app/browser, frontend) is not in the server, and left out: Playwright's tests are for that.
set -euo pipefail
source "$(dirname "$0")/env.sh"

least=90 results=$PWD/target/coverage
left_out='src/app/browser/|src/test_support|(^|/)(tests|benches|frontend)/'
setup coverage
# With rustup's llvm-tools it finds them itself; else those of the compiler's LLVM, from Debian.
llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
if ! compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov" >/dev/null; then
  export LLVM_COV=/usr/lib/llvm-$llvm/bin/llvm-cov LLVM_PROFDATA=/usr/lib/llvm-$llvm/bin/llvm-profdata
fi
count() { "$TOOLS/coverage/bin/cargo-llvm-cov" llvm-cov "$@"; }

# Some tests are about what the release build embeds.
scripts/build.sh
[[ -e $WASM_STD/small ]] || export LARGE_STD=1
rm -rf "$results"
mkdir -p "$results"
say "tests of the server, counted"
RUST_TEST_THREADS=${RUST_TEST_THREADS:-8} count --features ssr --no-report
# Some tests kill the program while it writes its count.
report() { count report --failure-mode all --ignore-filename-regex "$left_out" "$@"; }
report --html --output-dir "$results"
report --lcov --output-path "$results/lcov.info"
say "in $results; at least $least % of the lines"
report --summary-only --fail-under-lines "$least" ||
  die "the tests reach less than $least % of the lines"
