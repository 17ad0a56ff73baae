#!/usr/bin/env bash
# Tries what is deployed in a cluster with k6; ends with 99 if an objective was broken.
#
# Usage: scripts/try-release.sh [ENVIRONMENT] [SCENARIO]
#   ENVIRONMENT  development (default), staging or production
#   SCENARIO     smoke (default) or another of scripts/load.sh; none: only whether it is ready
#
#   NAMESPACE  where it is (as the environment is called)
#   URL        where it is asked; without it through kubectl, which needs neither ingress nor name
#   BASE_PATH  the path below which it is served (config.basePath), for kubectl's way
# The cluster is kubectl's current one (KUBECONFIG). Back to the release before: scripts/roll-back.sh
set -euo pipefail
source "$(dirname "$0")/ship.sh"

environment=${1:-development} scenario=${2:-smoke} url=${URL:-}
case $environment in -h | --help) help; exit ;; -*) wrong_usage ;; esac
[[ $# -le 2 && -f charts/crypto-rates/values-$environment.yaml ]] || wrong_usage
[[ $scenario == none || -f scripts/load/$scenario.js ]] || wrong_usage
need curl "apt-get install curl"
[[ -n $url ]] || need kubectl "scripts/setup.sh deploy, or https://kubernetes.io/docs/tasks/tools"
has_all

scratch=$(mktemp -d) forward=''
clean_up() {
  [[ -z $forward ]] || kill "$forward" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap clean_up EXIT
if [[ -z $url ]]; then
  kubectl --namespace "${NAMESPACE:-$environment}" port-forward --address 127.0.0.1 service/crypto-rates :80 \
    >"$scratch/forward" 2>&1 &
  forward=$!
  for _ in {1..150}; do
    url=$(sed -n 's|^Forwarding from \(127.0.0.1:[0-9]*\) .*|http://\1|p' "$scratch/forward" | head -n 1)
    [[ -z $url ]] || break
    kill -0 "$forward" 2>/dev/null || break
    sleep 0.2
  done
  [[ -n $url ]] || { cat "$scratch/forward" >&2; die "no way to the release in $environment"; }
  base_path=${BASE_PATH:-}
  url=$url${base_path%/}
fi
say "trying the release in $environment at $url"
curl --fail --silent --show-error --max-time 10 --retry 5 --retry-delay 1 --retry-connrefused "$url/health/ready" >/dev/null ||
  die "the release in $environment is not ready"
[[ $scenario == none ]] || ALLOW_REMOTE=${URL:+1} scripts/load.sh "$scenario" "$url"
