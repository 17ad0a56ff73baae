#!/usr/bin/env bash
# Runs the image on this machine as a cluster would (no root, nothing writable, no capabilities, 64 MB) and
# tries health, page, API, assets, a refresh and a clean stop: make check-image.
#
# Usage: scripts/03-test-local-docker.sh
#
# A Docker engine that answers is used; else one is started, and ended again.
# Next: scripts/04-distribute-registry-certificates.sh
set -euo pipefail
source "$(dirname "$0")/ship.sh"

case ${1:-} in
  '') ;;
  -h | --help) help; exit ;;
  *) wrong_usage ;;
esac
need make "apt-get install make"
has_all
exec make check-image
