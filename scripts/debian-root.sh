#!/usr/bin/env bash
# Makes a Debian out of its packages in a folder, with this machine's way to the package registries in it (mirror,
# proxy, certificates). So it is for this machine alone.
#
# Usage: scripts/debian-root.sh SUITE FOLDER   (such as bookworm)
#
# Prints the variables that name the machine's certificates in there, one a line.
set -euo pipefail
source "$(dirname "$0")/env.sh"

(($# == 2)) || die "usage: $0 SUITE FOLDER"
suite=$1 root=$2
PATH=$PATH:/usr/sbin:/sbin

# From where this machine has its own packages of that release: address, release, component.
# shellcheck disable=SC2016 # apt's own variables
mapfile -t sources < <(
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$2 == suite || index($2, suite "-") == 1' | sort --unique
)
mirror=$(printf '%s\n' "${sources[@]}" | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
as_root debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" ||
  { tail -n 5 "$root.log" >&2; die "debootstrap failed"; }
rm -f "$root.log"
# If there are none, it has debootstrap's own.
((${#sources[@]} == 0)) ||
  printf 'deb %s\n' "${sources[@]}" | as_root tee "$root/etc/apt/sources.list" >/dev/null
apt-config dump Acquire | grep --ignore-case --extended-regexp '^Acquire::(http|https|retries|check-)' |
  as_root tee "$root/etc/apt/apt.conf.d/90machine" >/dev/null || true

# What this machine trusts, beside Debian's own bundle and not in it: that one goes into the image.
bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
if [[ -r $bundle ]]; then
  as_root install -D -m 644 "$bundle" "$root/etc/machine-certificates.pem"
  printf 'Acquire::https::CAInfo "/etc/machine-certificates.pem";\n' |
    as_root tee "$root/etc/apt/apt.conf.d/91certificates" >/dev/null
  printf '%s=/etc/machine-certificates.pem\n' SSL_CERT_FILE CURL_CA_BUNDLE CARGO_HTTP_CAINFO NODE_EXTRA_CA_CERTS
fi
for file in .cargo/config.toml .npmrc; do
  [[ ! -r $HOME/$file ]] || as_root install -D -m 600 "$HOME/$file" "$root/root/$file"
done
as_root rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
