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
suite=${tag%%-*}
PATH=$PATH:/usr/sbin:/sbin

have debootstrap || setup engine
root=$(mktemp -d)
trap 'as_root rm -rf "$root"' EXIT

# From where this machine has its own packages of that release: address, release, component.
# shellcheck disable=SC2016 # apt's own variables
mapfile -t sources < <(
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$2 == suite || index($2, suite "-") == 1' | sort --unique
)
mirror=$(printf '%s\n' "${sources[@]}" | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
say "making $name out of Debian's packages (about a minute)"
as_root debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" ||
  { tail -n 5 "$root.log" >&2; die "debootstrap failed"; }
rm -f "$root.log"
# If there are none, it has debootstrap's own.
((${#sources[@]} == 0)) ||
  printf 'deb %s\n' "${sources[@]}" | as_root tee "$root/etc/apt/sources.list" >/dev/null
apt-config dump Acquire | grep --ignore-case --extended-regexp '^Acquire::(http|https|retries|check-)' |
  as_root tee "$root/etc/apt/apt.conf.d/90machine" >/dev/null || true

# What this machine trusts, beside Debian's own bundle and not in it: that one goes into the image.
changes=()
bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
if [[ -r $bundle ]]; then
  as_root install -D -m 644 "$bundle" "$root/etc/machine-certificates.pem"
  printf 'Acquire::https::CAInfo "/etc/machine-certificates.pem";\n' |
    as_root tee "$root/etc/apt/apt.conf.d/91certificates" >/dev/null
  for variable in SSL_CERT_FILE CURL_CA_BUNDLE CARGO_HTTP_CAINFO NODE_EXTRA_CA_CERTS; do
    changes+=(--change "ENV $variable=/etc/machine-certificates.pem")
  done
fi
for file in .cargo/config.toml .npmrc; do
  [[ ! -r $HOME/$file ]] || as_root install -D -m 600 "$HOME/$file" "$root/root/$file"
done
as_root rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
as_root tar -C "$root" -c . | docker import "${changes[@]}" --change 'CMD ["bash"]' - "$name" >/dev/null
say "$name is there: $(docker image inspect --format '{{.Size}}' "$name" | numfmt --to=si)B"
