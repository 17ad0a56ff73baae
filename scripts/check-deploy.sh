#!/usr/bin/env bash
# Checks everything that deploys the service, and says of each check what it proved. Needs no Docker
# engine, no cluster and no network but the package registries.
#
# Usage: scripts/check-deploy.sh [AREA]...   (a folder of tests/deploy; without one, all of them)
set -euo pipefail
source "$(dirname "$0")/env.sh"

areas=()
for area in "$@"; do
  [[ -d tests/deploy/$area ]] || die "usage: $0 [AREA]..., a folder of tests/deploy"
  areas+=("tests/deploy/$area")
done
setup deploy
scripts/build.sh
say "checking what deploys the service"
"$TOOLS/deploy/bin/pytest" -c tests/deploy/pytest.ini "${areas[@]:-tests/deploy}"
