#!/usr/bin/env bash
# Proves the private registry from nothing: scripts 01 to 05 one after the other, against hosts with systemd
# and a real sshd, and pulls by real containerds and a real Docker. The hosts are containers with a network
# of their own; nothing of this machine is changed, and nothing is left but images in the engine.
#
# Usage: scripts/check-registry.sh [OPTION of pytest]...
#   CHECKED_IMAGE   the image to push, NAME:TAG; without it the one of these sources, built first
#   TEST_KUBECONFIG a cluster for 05, whose nodes reach this machine's containers
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/check-registry.sh "$@"

setup registry
docker image inspect debian:bookworm-slim >/dev/null 2>&1 || timeout 600 docker pull --quiet debian:bookworm-slim ||
  scripts/base-images.sh debian:bookworm-slim
say "checking the registry, its nodes and the scripts"
"$TOOLS/deploy/bin/pytest" -c tests/registry/pytest.ini "$@" tests/registry
