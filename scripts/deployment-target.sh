#!/usr/bin/env bash
# Makes ready what a deployment from GitHub needs, out of the variables and secrets of an environment there:
# target/deployment/kubeconfig, target/deployment/values.yaml, and in target/pushed-image the image for scripts/05.
#
# Usage: scripts/deployment-target.sh IMAGE
#   IMAGE  what was published: HOST/NAME:TAG@DIGEST
#
#   EKS_CLUSTER, AWS_REGION  the cluster, for which aws has an identity; or else:
#   KUBECONFIG_TEXT          a whole kubeconfig
#   HELM_VALUES              more values for the chart, as Terraform's output helm_values has them
#   IMAGE_REPOSITORY         where the cluster pulls from, if not where it was published: HOST/NAME of an ECR in
#                            AWS_REGION, to which the image is copied as it is, by its digest
#   REGISTRY_USER, REGISTRY_PASSWORD  for the registry that it is copied from
set -euo pipefail
source "$(dirname "$0")/ship.sh"

case ${1:-} in -h | --help) help; exit ;; '' | -*) wrong_usage ;; esac
image=$1 repository=${IMAGE_REPOSITORY:-}
[[ -n ${EKS_CLUSTER:-}${KUBECONFIG_TEXT:-} ]] ||
  die "no cluster: set EKS_CLUSTER, or KUBECONFIG_TEXT (the secret KUBECONFIG), in the environment's settings"
[[ $image =~ ^([^/]+)/[^@]+@(sha256:[0-9a-f]{64})$ ]] || die "the image must be HOST/NAME:TAG@sha256:DIGEST, not $image"
registry=${BASH_REMATCH[1]} digest=${BASH_REMATCH[2]}
[[ -z ${EKS_CLUSTER:-}$repository ]] || need aws "https://docs.aws.amazon.com/cli"
[[ -z $repository ]] || need skopeo "apt-get install skopeo"
has_all

# For who deploys, and nobody else.
umask 077
mkdir -p target/deployment
kubeconfig=$PWD/target/deployment/kubeconfig
printf '%s\n' "${HELM_VALUES:-}" >target/deployment/values.yaml
printf '%s\n' "${KUBECONFIG_TEXT:-}" >"$kubeconfig"
if [[ -n ${EKS_CLUSTER:-} ]]; then
  rm "$kubeconfig"
  aws eks update-kubeconfig --name "$EKS_CLUSTER" --region "$AWS_REGION" --kubeconfig "$kubeconfig"
fi

if [[ -n $repository ]]; then
  say "copying $image to $repository"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  login() { printf '%s:%s' "$1" "$2" | base64 --wrap=0; }
  password=$(aws ecr get-login-password --region "$AWS_REGION")
  printf '{"auths":{"%s":{"auth":"%s"},"%s":{"auth":"%s"}}}' \
    "$registry" "$(login "${REGISTRY_USER:-}" "${REGISTRY_PASSWORD:-}")" \
    "${repository%%/*}" "$(login AWS "$password")" >"$scratch/auth"
  tag=${image%@*} tag=${tag##*:}
  # Tags of ECR may be immutable: what is there, by its digest, is not copied again.
  skopeo inspect --raw --authfile "$scratch/auth" "docker://$repository@$digest" >/dev/null 2>&1 ||
    skopeo copy --all --preserve-digests --authfile "$scratch/auth" \
      "docker://${image%:*@*}@$digest" "docker://$repository:$tag"
  image=$repository:$tag@$digest
fi
printf '%s\n' "$image" >"$PUSHED"
# For the steps that follow.
[[ -z ${GITHUB_ENV:-} ]] || printf 'KUBECONFIG=%s\n' "$kubeconfig" >>"$GITHUB_ENV"
say "to be deployed: $image"
