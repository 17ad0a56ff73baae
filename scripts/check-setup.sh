#!/usr/bin/env bash
# Proves that a set-up which is killed heals: on a Debian 12 in a folder, made out of its packages, setup.sh is killed
# in each of its steps and run again. Nothing of this machine is changed; it takes about ten minutes.
#
# Usage: scripts/check-setup.sh [OPTION of pytest]...
set -euo pipefail
source "$(dirname "$0")/env.sh"

setup setup
root=$(mktemp -d)
trap 'as_root rm -rf --one-file-system "$root"' EXIT
say "making a Debian 12 out of its packages (about a minute)"
variables=$(scripts/debian-root.sh bookworm "$root/machine")
say "killing set-ups"
# By root: what is killed was started by it.
as_root env MACHINE="$root/machine" MACHINE_VARIABLES="$variables" PYTEST_ADDOPTS="$(printenv PYTEST_ADDOPTS || true)" \
  "$TOOLS/deploy/bin/pytest" -c tests/setup/pytest.ini "$@" tests/setup
