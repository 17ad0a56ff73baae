#!/usr/bin/env bash
# Builds the image (make image) and pushes it to the private registry; says by which digest it is known there.
# Safe to repeat: what the registry has is not sent again.
#
# Usage: scripts/02-build-crypto-rates-application.sh [--no-build]
#   --no-build  push the image that was built last
#
#   REGISTRY           host:port; as scripts/01 has noted it
#   REGISTRY_CA        the certificate of its CA; as scripts/01 has noted it, else the system's
#   REGISTRY_USER      crypto-rates
#   REGISTRY_PASSWORD  asked for unless it is set
#   IMAGE, TAG         name and tag, here and there; see scripts/image.sh
# What was pushed is noted in target/pushed-image. Next: scripts/03-test-local-docker.sh
set -euo pipefail
source "$(dirname "$0")/ship.sh"

build=yes
case ${1:-} in
  '') ;;
  --no-build) build= ;;
  -h | --help) help; exit ;;
  *) wrong_usage ;;
esac
need make "apt-get install make"
need skopeo "apt-get install skopeo"
need_registry
has_all
[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh "scripts/$(basename "$0")" "$@"

ask_password
[[ -n $REGISTRY_PASSWORD ]] || die "no password to push with: set REGISTRY_PASSWORD"
[[ -z $build ]] || make image
image=${IMAGE:-crypto-rates}
tag=${TAG:-$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' "$image:latest")}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A folder of its own: skopeo takes every certificate in it.
mkdir "$scratch/ca"
ca=${REGISTRY_CA:-$REGISTRY_DIR/ca.crt}
[[ -z ${REGISTRY_CA:-} && ! -e $ca ]] || cp "$ca" "$scratch/ca/ca.crt"
printf '%s' "$REGISTRY_PASSWORD" | skopeo login --authfile "$scratch/auth" --cert-dir "$scratch/ca" \
  --username "$REGISTRY_USER" --password-stdin "$REGISTRY"
say "pushing $image:$tag to $REGISTRY"
docker save --output "$scratch/image.tar" "$image:$tag"
skopeo copy --authfile "$scratch/auth" --dest-cert-dir "$scratch/ca" --digestfile "$scratch/digest" \
  "docker-archive:$scratch/image.tar" "docker://$REGISTRY/$image:$tag"
mkdir -p target
printf '%s/%s:%s@%s\n' "$REGISTRY" "$image" "$tag" "$(cat "$scratch/digest")" >"$PUSHED"
say "pushed: $(cat "$PUSHED")"
