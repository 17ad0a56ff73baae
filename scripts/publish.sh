#!/usr/bin/env bash
# Pushes image and chart to the registry and signs them, by cosign: with COSIGN_KEY, or without any key where
# the machine has an identity to show (GitHub Actions). What is signed is a digest, never a name.
#
# Usage: scripts/publish.sh check|image|processor|index|chart|files...
#   check      only see whether all is here that these need
#   image      push the image, sign it, and attach its bill of materials, signed
#   processor  the same, under a name with this machine's processor: 1.2.3-arm64
#   index      make 1.2.3 out of 1.2.3-amd64 and 1.2.3-arm64, and sign it
#   chart      package, push and sign the chart
#   files      pack the servers out of the pushed images by scripts/package.sh, and sign their checksums
#
#   REGISTRY, REGISTRY_CA, REGISTRY_USER, REGISTRY_PASSWORD, IMAGE   as scripts/02 has them
#   TAG             the version: that of Cargo.toml (and that alone if it is empty), or with a suffix: 1.2.3-rc.1,
#                   or the suffix alone: -rc.1
#   RELEASE         the git tag that this is a release of, if it is: has to be v and the version
#   CHARTS          where charts go: REGISTRY/charts
#   COSIGN_KEY      what signs: a file, or an address as awskms:///alias/signing; its password: COSIGN_PASSWORD
#   COSIGN_OPTIONS  words for cosign, such as --signing-config=FILE for a registry that the public log may not name
# shellcheck disable=SC2317 # the parts are called by their names
set -euo pipefail
source "$(dirname "$0")/ship.sh"

check() { say "all is here to publish $image:$tag to $REGISTRY, and the chart to $charts"; }

# Signs what a digest names, with what else cosign is told of it.
cosign_it() {
  local verb=$1
  shift
  # shellcheck disable=SC2086 # words
  cosign "$verb" --yes ${COSIGN_KEY:+--key "$COSIGN_KEY"} ${COSIGN_OPTIONS:-} "$@"
}

# What was pushed, for the jobs that deploy it.
tell_github() { [[ -z ${GITHUB_OUTPUT:-} ]] || printf 'image=%s\n' "$(cat "$PUSHED")" >>"$GITHUB_OUTPUT"; }

digest() { printf 'sha256:%s' "$(skopeo inspect --raw "docker://$1" | sha256sum | cut -d ' ' -f 1)"; }

push_image() {
  local materials=target/supply-chain/image.cdx.json pushed
  [[ -f $materials ]] || die "there is no $materials: make scan-image"
  IMAGE=$image TAG=$1 scripts/02-build-crypto-rates-application.sh --no-build
  pushed=$(cat "$PUSHED")
  # cosign knows names with a tag or with a digest, and not with both.
  pushed=$REGISTRY/$image@${pushed#*@}
  cosign_it sign "$pushed"
  cosign_it attest --type cyclonedx --predicate "$materials" "$pushed"
}

# Of which processor the image is that was built here.
built_for() { docker image inspect --format '{{.Architecture}}' "$image:$tag"; }

image() {
  push_image "$tag"
  tell_github
  processors=("$(built_for)") built_here=yes
}

processor() {
  local name
  name=$tag-$(built_for)
  docker tag "$image:$tag" "$image:$name"
  push_image "$name"
}

index() {
  local name=$REGISTRY/$image:$tag processor parts=() made
  for processor in "${processors[@]}"; do
    parts+=("$REGISTRY/$image@$(digest "$name-$processor")")
  done
  docker manifest create "$name" "${parts[@]}"
  docker manifest push --purge "$name"
  made=$(digest "$name")
  printf '%s@%s\n' "$name" "$made" >"$PUSHED"
  # For who attests where it was built, as checksums are written.
  printf '%s  %s\n' "${made#*:}" "$REGISTRY/$image" >"$PUSHED.sha256"
  cosign_it sign "$REGISTRY/$image@$made"
  tell_github
  say "pushed: $(cat "$PUSHED")"
}

chart() {
  local pushed
  helm package charts/crypto-rates --version "$tag" --app-version "$tag" --destination "$scratch"
  pushed=$(helm push "$scratch/crypto-rates-$tag.tgz" "oci://$charts" 2>&1) || { printf '%s\n' "$pushed" >&2; die "helm push failed"; }
  printf '%s\n' "$pushed"
  cosign_it sign "$charts/crypto-rates@$(sed -n 's/^Digest: //p' <<<"$pushed")"
}

files() {
  local folder=target/release-files processor from container servers=()
  for processor in "${processors[@]}"; do
    from=$image:$tag
    [[ -n ${built_here:-} ]] || from=$REGISTRY/$image@$(digest "$REGISTRY/$image:$tag-$processor")
    container=$(docker create --platform "linux/$processor" "$from")
    docker cp "$container:/crypto-rates" "$scratch/crypto-rates-$processor"
    docker rm "$container" >/dev/null
    servers+=("$processor=$scratch/crypto-rates-$processor")
  done
  TAG=$tag scripts/package.sh "${servers[@]}"
  cosign_it sign-blob --bundle "$folder/SHA256SUMS.sigstore.json" "$folder/SHA256SUMS"
}

all=(check image processor index chart files)
processors=(amd64 arm64)
(($#)) || wrong_usage
case $1 in -h | --help) help; exit ;; esac
for part in "$@"; do
  [[ " ${all[*]} " == *" $part "* ]] || wrong_usage
done
need cosign "https://docs.sigstore.dev/cosign/system_config/installation"
need docker "scripts/docker-engine.sh brings an engine, or: apt-get install docker.io"
[[ " $* " != *" check "* && " $* " != *" chart "* ]] || need helm "scripts/setup.sh deploy, or https://helm.sh/docs/intro/install"
need skopeo "apt-get install skopeo"
need_registry
has_all

name_version
image=${IMAGE:-crypto-rates} charts=${CHARTS:-$REGISTRY/charts}
[[ -z ${RELEASE:-} || $RELEASE == "v$version" ]] || die "Cargo.toml has version $version, so the tag must be v$version, not $RELEASE"
[[ -z ${COSIGN_KEY:-} || $COSIGN_KEY == *://* || -f $COSIGN_KEY ]] || die "COSIGN_KEY: there is no file $COSIGN_KEY"
ask_password
[[ -n $REGISTRY_PASSWORD ]] || die "no password to push with: set REGISTRY_PASSWORD"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# All four read it here, and nothing of it stands on a command line.
printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" \
  "$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 --wrap=0)" >"$scratch/config.json"
export DOCKER_CONFIG=$scratch HELM_REGISTRY_CONFIG=$scratch/config.json REGISTRY_AUTH_FILE=$scratch/config.json
# Besides the system's own: those are read from their folder.
ca=${REGISTRY_CA:-$REGISTRY_DIR/ca.crt}
[[ ! -f $ca ]] || export SSL_CERT_FILE=$ca
for part in "$@"; do
  "$part"
done
