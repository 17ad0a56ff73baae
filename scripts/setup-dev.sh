#!/usr/bin/env bash
# Sets this machine up for development: installs what is missing, runs lints and tests, and serves.
# Safe to repeat: what is there is not installed again, what is built is not built again.
#
# Usage: scripts/setup-dev.sh [--no-checks] [--no-server]
#   --no-checks  without make lint and make test
#   --no-server  without make run at the end
set -euo pipefail
source "$(dirname "$0")/ship.sh"

checks=yes server=yes
for argument in "$@"; do
  case $argument in
    --no-checks) checks= ;;
    --no-server) server= ;;
    -h | --help) help; exit ;;
    *) wrong_usage ;;
  esac
done
need make "apt-get install make"
need git "apt-get install git"
has_all
for what in lint test; do
  scripts/setup.sh "$what"
done
if [[ -n $checks ]]; then
  make lint
  make test
fi
if [[ -n $server ]]; then exec make run; fi
say "ready: make run serves on http://127.0.0.1:${PORT:-5000}, make help lists the rest"
