#!/usr/bin/env bash
# Deploys to Kubernetes by Helm: namespace with Pod Security, the secret to pull with, the release with the
# values of an environment, and the chart's tests. What fails is rolled back. Safe to repeat.
#
# Usage: scripts/05-deploy-crypto-rates-to-k8s.sh [ENVIRONMENT] [OPTION]... [-- HELM_ARGUMENT...]
#   ENVIRONMENT      development (default), staging or production: charts/crypto-rates/values-ENVIRONMENT.yaml
#   -n, --namespace  where to (as the environment is called)
#   --image          what to run, HOST[:PORT]/NAME[:TAG]@DIGEST (what scripts/02 has pushed last)
#   --values         more values for the chart, as Terraform gives them; may be said again, and the last one wins
#   --pull-secret    the secret to pull with (PULL_SECRET, else registry); none where nodes pull without, as from ECR
#   --timeout        how long pods may take to be ready (5m)
#   --dry-run        print the manifests, and do nothing: needs no cluster
#   --               all that follows goes to helm: -- --set 'ingress.hosts[0]=rates.example.org'
#
# The password to pull with: REGISTRY_PASSWORD, else it is asked for; where the secret is in the namespace
# already, that one is kept. EKS' nodes pull from ECR by their role: nothing is asked for then.
# The cluster is kubectl's current one (KUBECONFIG).
set -euo pipefail
source "$(dirname "$0")/ship.sh"

release=crypto-rates chart=charts/crypto-rates
environment='' namespace='' image='' secret=${PULL_SECRET:-} timeout=5m dry_run='' files=() more=()
while (($#)); do
  case $1 in
    -h | --help) help; exit ;;
    -n | --namespace | --image | --values | --pull-secret | --timeout)
      (($# > 1)) || wrong_usage
      case $1 in
        --image) image=$2 ;;
        --values) files+=(--values "$2") ;;
        --pull-secret) secret=$2 ;;
        --timeout) timeout=$2 ;;
        *) namespace=$2 ;;
      esac
      shift
      ;;
    --dry-run) dry_run=yes ;;
    --) shift; more=("$@"); break ;;
    -*) wrong_usage ;;
    *) [[ -z $environment ]] || wrong_usage; environment=$1 ;;
  esac
  shift
done
environment=${environment:-development}
namespace=${namespace:-$environment}
values=$chart/values-$environment.yaml
[[ -f $values ]] || die "there is no $values; there are: $(cd "$chart" && echo values-*.yaml)"
need helm "scripts/setup.sh deploy, or https://helm.sh/docs/intro/install"
[[ -n $dry_run ]] || need kubectl "scripts/setup.sh deploy, or https://kubernetes.io/docs/tasks/tools"
image=${image:-$(cat "$PUSHED" 2>/dev/null || true)}
[[ -n $image ]] ||
  missing+=("$(printf '%-18s%s' 'an image' "scripts/02-build-crypto-rates-application.sh, or --image HOST:PORT/NAME@DIGEST")")
has_all
[[ $image =~ ^([^/]+)/([^:@]+)(:([^@]+))?@(sha256:[0-9a-f]{64})$ ]] ||
  die "--image must be HOST[:PORT]/NAME[:TAG]@sha256:DIGEST, not $image"
registry=${BASH_REMATCH[1]}
settings=(
  --namespace "$namespace" --values "$values" "${files[@]}"
  --set-string "image.registry=$registry,image.repository=${BASH_REMATCH[2]}"
  --set-string "image.tag=${BASH_REMATCH[4]},image.digest=${BASH_REMATCH[5]}"
)
if [[ -z $secret && $registry =~ ^[0-9]{12}\.dkr[.-]ecr[a-z.-]*\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)$ ]]; then
  secret=none
fi
secret=${secret:-registry}
[[ $secret == none ]] || settings+=(--set-string "imagePullSecrets[0].name=$secret")
settings+=("${more[@]}")

namespace_manifest() {
  cat <<EOF
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
EOF
}

if [[ -n $dry_run ]]; then
  say "this would be applied in namespace $namespace:"
  namespace_manifest
  exec helm template "$release" "$chart" "${settings[@]}"
fi

kubectl version >/dev/null 2>&1 ||
  die "no cluster answers: kubectl config current-context says $(kubectl config current-context 2>&1)"
say "namespace $namespace in $(kubectl config current-context)"
# One that is there may be shared, and its labels are its owner's. Who may not even look makes none, either.
if found=$(kubectl get namespace "$namespace" --ignore-not-found --output name) && [[ -z $found ]]; then
  namespace_manifest | kubectl create --filename -
fi

if [[ $secret == none ]]; then
  say "no secret to pull from $registry with"
elif [[ -n ${REGISTRY_PASSWORD:-} ]] || ! kubectl --namespace "$namespace" get secret "$secret" >/dev/null 2>&1; then
  ask_password
  [[ -n $REGISTRY_PASSWORD ]] || die "no password to pull with: set REGISTRY_PASSWORD, or --pull-secret none"
  say "secret $secret to pull from $registry"
  # By standard input: kubectl's own --docker-password could be read by everybody on this machine.
  pull_secret=$(mktemp)
  trap 'rm -f "$pull_secret"' EXIT
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry" \
    "$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 --wrap=0)" >"$pull_secret"
  kubectl --namespace "$namespace" create secret generic "$secret" --type kubernetes.io/dockerconfigjson \
    --from-file ".dockerconfigjson=$pull_secret" --dry-run=client --output yaml |
    kubectl --namespace "$namespace" apply --server-side --force-conflicts --filename -
fi

say "release $release: $image"
# Helm 4's name for Helm 3's --atomic.
rollback=--rollback-on-failure
[[ $(helm upgrade --help) == *"$rollback"* ]] || rollback=--atomic
# What is good now, noted with the release for scripts/roll-back.sh; a first one has nothing before it.
good=$(helm list --namespace "$namespace" --filter "^$release\$" --deployed | awk 'NR > 1 { print $3 }')
helm upgrade --install "$release" "$chart" "${settings[@]}" --wait --timeout "$timeout" "$rollback" \
  --description "deployed after revision ${good:-0}"

say "trying it: helm test"
if ! helm test "$release" --namespace "$namespace" --timeout "$timeout" --logs; then
  say "the tests fail"
  NAMESPACE=$namespace scripts/roll-back.sh "$environment" || true
  die "helm test fails: $image is not good for $namespace"
fi
say "next: kubectl --namespace $namespace get pods; back to the release before: scripts/roll-back.sh $environment"
