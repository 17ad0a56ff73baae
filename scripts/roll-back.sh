#!/usr/bin/env bash
# Goes back to the release that was good before: the one that scripts/05 has noted, past those that failed and
# those that were rolled away from. Used again, it goes further back, and never forward.
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
# helm itself counts revisions, not good releases. One that never got ready is none, and `Rollback to 2` is 2 again:
# what came between the two was rolled away from.
before=$(awk -F '\t' '
  function cut(release, i) { for (i = depth; i > 0; i--) if (way[i] == release) depth = i }
  NR > 1 && $3 ~ /^(deployed|superseded) *$/ {
    release = $1 + 0
    if (match($6, /^Rollback to [0-9]+/)) {
      release = substr($6, 13) + 0
      if (release in same) release = same[release]
      cut(release)
    } else if (match($6, /^deployed after revision [0-9]+/)) {
      cut(same[substr($6, 25) + 0])
    }
    same[$1 + 0] = release
    # The newest: helm forgets old revisions.
    newest[release] = $1 + 0
    if (way[depth] != release) way[++depth] = release
  }
  END { if (depth > 1) print newest[way[depth - 1]] }' <<<"$history")
[[ -n $before ]] || die "there is no release before this one in $namespace: it stays as it is"
say "going back to revision $before of $release in $namespace"
helm rollback "$release" "$before" --namespace "$namespace" --wait --timeout 5m
