#!/usr/bin/env bash
# Proves what is promised of the Docker image: what is in it and what is not, and that it does all it
# should in a hardened container, against a stand-in of the upstream.
#
# Usage: scripts/check-image.sh [OPTION of pytest]...
#   CHECKED_IMAGE  the image to look at, NAME:TAG; without it the one of these sources, built first
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/check-image.sh "$@"

# IMAGE and TAG say how an image is published, and perhaps not this one.
[[ -n ${CHECKED_IMAGE:-} ]] || env -u IMAGE -u TAG scripts/image.sh
setup deploy
say "checking the image"
CHECKED_IMAGE=${CHECKED_IMAGE:-crypto-rates:latest} \
  "$TOOLS/deploy/bin/pytest" -c tests/deploy/pytest.ini "$@" tests/deploy/image_run
