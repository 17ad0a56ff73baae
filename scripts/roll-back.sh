#!/usr/bin/env bash
# Goes back to the release that was deployed before.
#
# Usage: scripts/roll-back.sh [ENVIRONMENT]
#   ENVIRONMENT  development (default), staging or production
#
#   NAMESPACE  where it is (as the environment is called)
# The cluster is kubectl's current one (KUBECONFIG).
set -euo pipefail
source "$(dirname "$0")/ship.sh"

environment=${1:-development} release=crypto-rates
case $environment in -h | --help) help; exit ;; -*) wrong_usage ;; esac
[[ $# -le 1 && -f charts/crypto-rates/values-$environment.yaml ]] || wrong_usage
namespace=${NAMESPACE:-$environment}
need helm "scripts/setup.sh deploy, or https://helm.sh/docs/intro/install"
has_all

history=$(helm history "$release" --namespace "$namespace")
printf '%s\n' "$history"
# What never got ready is not worth going back to, and helm would: it counts releases, not good ones.
before=$(awk '/[[:space:]]superseded[[:space:]]/ { revision = $1 } END { print revision }' <<<"$history")
[[ -n $before ]] || die "there is no release before this one in $namespace: it stays as it is"
say "going back to revision $before of $release in $namespace"
helm rollback "$release" "$before" --namespace "$namespace" --wait --timeout 5m
