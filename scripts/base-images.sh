#!/usr/bin/env bash
# Makes the base image of the Dockerfile out of Debian's packages, where it can't be pulled: under the
# very name that FROM uses, and with this machine's way to the package registries in it (mirror, proxy,
# certificates). So it is for this machine alone; the image that is built on it takes none of that over.
#
# Usage: scripts/base-images.sh [NAME]   (a tag of Debian's official image; debian:bookworm-slim)
set -euo pipefail
source "$(dirname "$0")/env.sh"

name=${1:-debian:bookworm-slim}
[[ $name == debian:?* ]] || die "can't make $name here, only images of Debian"
tag=${name#*:}
PATH=$PATH:/usr/sbin:/sbin
have debootstrap || setup engine
root=$(mktemp -d)
trap 'as_root rm -rf "$root"' EXIT

say "making $name out of Debian's packages (about a minute)"
variables=$(scripts/debian-root.sh "${tag%%-*}" "$root")
changes=()
for variable in $variables; do
  changes+=(--change "ENV $variable")
done
as_root tar -C "$root" -c . | docker import "${changes[@]}" --change 'CMD ["bash"]' - "$name" >/dev/null
say "$name is there: $(docker image inspect --format '{{.Size}}' "$name" | numfmt --to=si)B"
