#!/usr/bin/env bash
# Stands before rustc (RUSTC_WRAPPER) for scripts/fuzz.sh: our own crates are compiled with the
# counters that libFuzzer steers by, everything else as always.
#
# RUSTFLAGS would be for all crates, and build each of them again; RUSTC_WORKSPACE_WRAPPER would
# leave out the parsers, which are not in the workspace of fuzz/. Cargo doesn't see a change of the
# flags below: `touch src/lib.rs` after one.
set -euo pipefail

case ${CARGO_PKG_NAME:-} in
  # As `cargo fuzz --sanitizer none` has them. Most of serde_json is generic, so it is compiled with
  # our crate, and counted, too.
  crypto-rates | crypto-rates-fuzz)
    set -- "$@" --cfg fuzzing -Cpasses=sancov-module
    for arg in level=4 inline-8bit-counters pc-table trace-compares; do
      set -- "$@" "-Cllvm-args=-sanitizer-coverage-$arg"
    done
    ;;
esac
exec "$@"
