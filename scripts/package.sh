#!/usr/bin/env bash
# Packs the server for machines that compile nothing: a tarball and a .deb for each processor, with their checksums,
# in target/release-files. Of the same binary the same commit makes the same bytes.
#
# Usage: scripts/package.sh [PROCESSOR=BINARY]...
#   PROCESSOR  amd64 or arm64, as Debian calls it; without any, a static binary is built for this machine's
#
#   TAG     the version: that of Cargo.toml, or with a suffix: 1.2.3-rc.1
#   SOURCE  address of the sources, for the .deb; none
set -euo pipefail
source "$(dirname "$0")/ship.sh"
source scripts/setup-build.sh

case ${1:-} in -h | --help) help; exit ;; esac
for binary in "$@"; do
  [[ $binary =~ ^(amd64|arm64)=. ]] || wrong_usage
  [[ -f ${binary#*=} ]] || die "there is no file ${binary#*=}"
done
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
name_version
debian debhelper

if ((!$#)); then
  build
  source scripts/static.sh
  scripts/build.sh
  set -- "$(dpkg --print-architecture)=target/$LEPTOS_BIN_TARGET_TRIPLE/release/crypto-rates"
fi
export SOURCE_DATE_EPOCH=$epoch

folder=$PWD/target/release-files
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -rf "$folder"
mkdir -p "$folder"

# What both have in them, in a folder that is called as the tarball is.
lay_out() {
  mkdir --mode=755 "$2"
  install -m 755 "$1" "$2/crypto-rates"
  install -m 644 LICENSE README.md CHANGELOG.md packaging/systemd/crypto-rates.{service,env} "$2"
}

tarball() {
  tar --create --directory "$scratch" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner "$1" |
    gzip --best --no-name >"$folder/$1.tar.gz"
}

# By debhelper, as Debian's own packages are made: it writes what is done at installation, upgrade and removal.
deb() {
  local processor=$1 tree=$2
  cp -r packaging/debian "$tree/debian"
  # A suffix comes before the version that it leads to.
  printf 'crypto-rates (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' "${tag/-/\~}" \
    "$(sed -n 's/^Maintainer: //p' packaging/debian/control)" "$(date --utc --rfc-email --date="@$epoch")" \
    >"$tree/debian/changelog"
  [[ -z ${SOURCE:-} ]] || sed -i "/^Standards-Version/a Homepage: $SOURCE" "$tree/debian/control"
  # For the other processor, too: nothing is compiled, and nothing is taken out of the binary.
  (cd "$tree" && DEB_BUILD_OPTIONS='nostrip nocheck' dpkg-buildpackage --build=binary --no-check-builddeps \
    --no-sign --host-arch "$processor") >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; die "dpkg-buildpackage failed"; }
  mv "$scratch"/crypto-rates_*.deb "$folder/$(basename "$tree").deb"
}

for binary in "$@"; do
  name=crypto-rates-$tag-linux-${binary%%=*}
  lay_out "${binary#*=}" "$scratch/$name"
  tarball "$name"
  deb "${binary%%=*}" "$scratch/$name"
done
(cd "$folder" && sha256sum -- *.deb *.tar.gz >SHA256SUMS)
say "in ${folder#"$PWD/"}: $(cd "$folder" && echo *)"
