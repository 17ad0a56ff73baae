#!/usr/bin/env bash
# Builds the Docker image, as IMAGE:TAG and IMAGE:latest. Brings an engine and a base image with it where
# there are none.
#
# Usage: scripts/image.sh [OPTION of docker build]...
#   IMAGE   its name; crypto-rates
#   TAG     its tag; the package's version, or with a suffix alone (-rc.1) that and the suffix
#   BASE    what it is built on; as in the Dockerfile
#   SOURCE  address of the sources, for its label; none
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ -n ${DOCKER_ENGINE_ANSWERS:-} ]] || exec scripts/docker-engine.sh scripts/image.sh "$@"

version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
image=${IMAGE:-crypto-rates} tag=${TAG:-$version}
[[ $tag != -* ]] || tag=$version$tag
base=${BASE:-$(sed -n 's/^ARG BASE=//p' Dockerfile)}

if ! docker image inspect "$base" >/dev/null 2>&1; then
  say "pulling $base"
  timeout 600 docker pull --quiet "$base" || scripts/base-images.sh "$base"
fi

# The same sources have the same labels, whenever they are built. Sources without git have no revision; a checkout
# that git can't read is told of, in git's own words.
revision='' epoch=${SOURCE_DATE_EPOCH:-}
if [[ -e .git ]] && have git; then
  revision=$(git rev-parse HEAD) || die "git can't read this checkout"
  [[ -z $(git status --porcelain) ]] || revision+=-dirty
  epoch=${epoch:-$(git log -1 --format=%ct)}
fi
epoch=${epoch:-$(date +%s)}
arguments=(
  "BASE=$base" "VERSION=$version" "REVISION=$revision" "SOURCE=${SOURCE:-}"
  "CREATED=$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
)
# Docker knows these: they are for the build alone, and stay out of the image.
for variable in {http,https,ftp,no,all}_proxy {HTTP,HTTPS,FTP,NO,ALL}_PROXY; do
  [[ -z ${!variable:-} ]] || arguments+=("$variable")
done

say "building $image:$tag on $base"
docker build "${arguments[@]/#/--build-arg=}" --tag "$image:$tag" --tag "$image:latest" "$@" .
say "$image:$tag is there: $(docker save "$image:$tag" | gzip | wc -c | numfmt --to=si --suffix=B) compressed"
