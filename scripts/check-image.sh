#!/usr/bin/env bash
# Proves what is promised of the Docker image: what is in it and what is not, and that it does all it
# should in a hardened container, against a stand-in of the upstream.
#
# Usage: scripts/check-image.sh [OPTION of pytest]...
#   IMAGE, TAG  the image to look at; without either the one of these sources, built first
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/check-image.sh "$@"

setup deploy
if [[ -z ${IMAGE:-}${TAG:-} ]]; then
  scripts/image.sh
fi
say "checking the image"
CHECKED_IMAGE=${IMAGE:-crypto-rates}:${TAG:-latest} \
  "$TOOLS/deploy/bin/pytest" -c tests/deploy/pytest.ini "$@" tests/deploy/image_run
