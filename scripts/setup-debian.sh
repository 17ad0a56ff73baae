# shellcheck shell=bash
# Sourced by scripts/setup-build.sh: Debian's packages, with whatever else the machine's package manager is at.

# How dpkg stands to a package: what is wanted and what is, as in its lists. "ii " is installed; nothing is never heard of.
package_state() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null || true; }

# Whether dpkg says so of all of these. That a program is there says nothing: dpkg unpacks first.
is_installed() {
  local package
  for package in "$@"; do
    [[ $(package_state "$package") == ii* ]] || return
  done
}

# Debian packages by name; those present cost nothing.
debian() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  have apt-get || die "please install: ${missing[*]} (or their like; this is not Debian)"
  say "installing from Debian: ${missing[*]}"
  update_lists
  # What a kill has left half done apt-get would rather not touch.
  if [[ -n $(dpkg --audit) || -n $(ls /var/lib/dpkg/updates) ]]; then
    say "ending an installation that was interrupted"
    packages dpkg --configure -a || true
    packages apt-get --yes --fix-broken install || true
    # One that dpkg had just unpacked is to be unpacked again, says dpkg, which apt-get does only when told.
    local again
    mapfile -t again < <(dpkg-query -W -f '${db:Status-Eflag} ${binary:Package}\n' | sed -n 's/^reinstreq //p')
    ((!${#again[@]})) || packages apt-get --yes --reinstall install "${again[@]}" || true
  fi
  packages apt-get --yes --no-install-recommends install "${missing[@]}" ||
    die "Debian's packages can't be installed: ${missing[*]}"
}

# A program, from the Debian package if it is not there otherwise: program NAME PACKAGE. One whose package is
# half installed is no program yet.
program() {
  local state
  state=$(package_state "$2")
  if have "$1" && [[ $state != [a-z][HUFWt]* ]]; then return; fi
  debian "$2"
}

update_lists() {
  [[ -z ${lists_updated:-} ]] || return 0
  packages apt-get update || die "the lists of Debian's packages can't be had"
  lists_updated=1
}

# Runs apt-get or dpkg as root, quietly unless it fails, and waits for others to be through for up to ten minutes.
# apt-get itself waits for dpkg's lock alone, and not for those of the lists and of what it downloads.
packages() {
  local log waited='' until=$((SECONDS + 600)) options=()
  [[ $1 != apt-get ]] || options=(-qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  log=$(scratch packages)/log
  until as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$1" "${options[@]}" "${@:2}" >"$log" 2>&1 9>&-; do
    if ! grep -qE 'Could not get lock|Unable to (lock|acquire)|locked by another process' "$log" || ((SECONDS > until)); then
      cat "$log" >&2
      return 1
    fi
    [[ -n $waited ]] || say "waiting for another package manager to end"
    waited=yes
    sleep 2
  done
}
