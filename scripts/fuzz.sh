#!/usr/bin/env bash
# Fuzzes the parsers of what upstreams send; fails where an input breaks what fuzz/src/lib.rs asks.
#
# Usage: scripts/fuzz.sh [seconds]   (60 for all targets together)
#
# Inputs that led somewhere new are kept in fuzz/corpus, and the next run starts from them. An input
# that fails is kept in fuzz/artifacts.
set -euo pipefail
source "$(dirname "$0")/env.sh"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "usage: $0 [seconds]"
targets=(coingecko coinbase kraken frankfurter past)

# Whether fuzz/Cargo.lock has the versions of Cargo.lock: what is fuzzed should be what is served, and
# is compiled already.
same_versions() {
  [[ -z $(awk -F '"' '
    /^name = / { name = $2 }
    /^version = "/ && NR == FNR { known[name]; same[name, $2] }
    /^version = "/ && NR != FNR && name in known && !((name, $2) in same)
  ' Cargo.lock fuzz/Cargo.lock) ]] &&
    cargo metadata --locked --manifest-path fuzz/Cargo.toml --format-version 1 >/dev/null 2>&1
}

setup fuzz
if ! same_versions; then
  say "bringing fuzz/Cargo.lock to the versions of Cargo.lock"
  # Cargo.lock, and what only fuzz/ needs; cargo leaves out what nobody needs here.
  mkdir -p target
  awk -v RS= -v ORS='\n\n' '
    { name = match($0, /name = "[^"]*"/) ? substr($0, RSTART, RLENGTH) : "" }
    NR == FNR { known[name] }
    NR == FNR || !(name in known)
  ' Cargo.lock fuzz/Cargo.lock >target/fuzz.lock
  mv target/fuzz.lock fuzz/Cargo.lock
fi
# Beside the release build, whose dependencies are taken as they are.
say "building the fuzz targets"
RUSTC_WRAPPER=$PWD/scripts/fuzz-rustc.sh \
  cargo build --release --manifest-path fuzz/Cargo.toml --target-dir target

for target in "${targets[@]}"; do
  corpus=fuzz/corpus/$target artifacts=fuzz/artifacts/$target log=target/fuzz-$target.log
  mkdir -p "$corpus" "$artifacts"
  [[ $target != coingecko ]] || cp src/sources/sample.json "$corpus/"
  # At least one second: libFuzzer takes 0 for no limit.
  share=$(((seconds + ${#targets[@]} - 1) / ${#targets[@]}))
  say "fuzzing $target for $share s"
  if ! "target/release/$target" "$corpus" "fuzz/seeds/$target" -max_total_time="$share" -timeout=60 \
    -rss_limit_mb=512 -dict=fuzz/json.dict -artifact_prefix="$artifacts/" -print_final_stats=1 \
    >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    die "$target fails; again with: target/release/$target ${input:-(no input was kept, see $log)}"
  fi
  # Without the counters it would run, and find nothing.
  grep -q 'inline 8-bit counters' "$log" ||
    die "$target is not instrumented: touch src/lib.rs, and build again with this script"
  grep -E 'DONE|number_of_executed_units' "$log" >&2
done
