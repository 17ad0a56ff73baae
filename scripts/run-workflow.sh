#!/usr/bin/env bash
# Runs a gate of .github/workflows/ci.yml on this machine, by act: in a container from the workflow's own image,
# with the workflow's own steps. What is not committed is run, too.
#
# Usage: scripts/run-workflow.sh [GATE]
#   GATE  lint, test, coverage, check-deploy or supply-chain (default). The gates around the image need a Docker engine
#         of their own machine: there make does the same.
#
# Actions come from GitHub, save checkout, for which act takes this folder. With LOCAL_ACTIONS=1 nothing is
# asked there: the others (cache, upload of reports) are then left out.
set -euo pipefail
source "$(dirname "$0")/env.sh"

gate=${1:-supply-chain} workflow=.github/workflows/ci.yml
[[ $# -le 1 && $(sed -n 's/^ *gate: \[\(.*\)\]$/, \1,/p' "$workflow") == *", $gate,"* ]] ||
  die "usage: $0 [GATE], one of $(sed -n 's/^ *gate: \[\(.*\)\]$/\1/p' "$workflow")"
[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/run-workflow.sh "$@"
if [[ -z ${ACT:-} ]]; then
  setup deploy
  ACT=$TOOLS/deploy/bin/act
fi

image=$(sed -n 's/^ *image: \([^ ]*\).*/\1/p' "$workflow")
docker image inspect "$image" >/dev/null 2>&1 || timeout 600 docker pull --quiet "$image" ||
  scripts/base-images.sh "$image"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
options=()
if [[ -n ${LOCAL_ACTIONS:-} ]]; then
  mkdir "$scratch/nothing"
  printf 'name: left out\nruns:\n  using: composite\n  steps:\n    - run: echo left out here\n      shell: bash\n' \
    >"$scratch/nothing/action.yml"
  while read -r action; do
    options+=(--local-repository "$action=$scratch/nothing")
  done < <(sed -n 's/^ *- uses: \([^ ]*\).*/\1/p' "$workflow" | sort --unique)
fi
# The client's own way to the registries is in the image; databases are not to be had everywhere.
say "running the gate $gate of $workflow in $image"
"$ACT" pull_request --workflows "$workflow" --job gate --matrix "gate:$gate" --pull=false --rm \
  --platform "ubuntu-24.04=$image" --container-daemon-socket - --env "REQUIRE_DATABASES=${REQUIRE_DATABASES:-}" \
  "${options[@]}"
