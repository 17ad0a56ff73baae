# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for the scripts that source this
# Sourced by the numbered scripts: their help, what they lack, and the registry they are about.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# Where the playbook of the registry notes its address and CA; see playbooks/roles/registry/defaults.
REGISTRY_DIR=${XDG_CONFIG_HOME:-$HOME/.config}/crypto-rates/registry
# What 02 has pushed last, for 05: HOST:PORT/NAME:TAG@DIGEST.
PUSHED=target/pushed-image

# The comment at the head of the script is its help.
help() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

wrong_usage() {
  help | sed -n '/^Usage:/,$p' >&2
  exit 2
}

# Notes a program that is missing, and how to get it; all of them are told at once.
missing=()
need() {
  have "$1" || missing+=("$(printf '%-18s%s' "$1" "$2")")
}
has_all() {
  ((${#missing[@]} == 0)) || die "$(basename "$0") needs what is not here:$(printf '\n  %s' "${missing[@]}")"
}

need_ansible() {
  ANSIBLE=$TOOLS/deploy/bin/ansible-playbook
  [[ -x $ANSIBLE ]] || ANSIBLE=ansible-playbook
  need "$ANSIBLE" "scripts/setup.sh deploy, or: pipx install --include-deps ansible"
}

# For 01 and 04: takes [-i INVENTORY] [--check] [-- ARGUMENT...] apart, and finds an inventory.
playbook_arguments() {
  inventory=${INVENTORY:-playbooks/inventory}
  arguments=(--diff)
  while (($#)); do
    case $1 in
      -h | --help) help; exit ;;
      -i | --inventory) (($# > 1)) || wrong_usage; inventory=$2; shift ;;
      --check) arguments+=(--check) ;;
      --) shift; arguments+=("$@"); break ;;
      *) wrong_usage ;;
    esac
    shift
  done
}
need_inventory() {
  [[ -f $inventory || -n $(find "$inventory" -maxdepth 1 -name '*.yml' -print -quit 2>/dev/null) ]] ||
    missing+=("$(printf '%-18s%s' inventory \
      "cp -r playbooks/inventory/example/. playbooks/inventory/ and name your machines there, or -i YOURS")")
}

playbook() {
  local version
  version=$("$ANSIBLE" --version | sed -n '1s/.*core \([0-9.]*\).*/\1/p')
  printf '%s\n' 2.18 "$version" | sort --version-sort --check=quiet ||
    die "ansible-core $version is too old, 2.18 is needed: scripts/setup.sh deploy"
  ANSIBLE_CONFIG=$PWD/playbooks/ansible.cfg "$ANSIBLE" --inventory "$inventory" "${arguments[@]}" "playbooks/$1"
}

# The registry's password goes by the environment and by standard input: whatever is on a command line
# can be read by everybody on the machine.
ask_password() {
  export REGISTRY_USER=${REGISTRY_USER:-crypto-rates}
  if [[ -z ${REGISTRY_PASSWORD:-} && -t 0 ]]; then
    read -rsp "password of $REGISTRY_USER at the registry: " REGISTRY_PASSWORD
    echo >&2
  fi
  export REGISTRY_PASSWORD=${REGISTRY_PASSWORD:-}
}

# Address and CA: from the environment, else as 01 has left them on this machine.
need_registry() {
  REGISTRY=${REGISTRY:-$(cat "$REGISTRY_DIR/address" 2>/dev/null || true)}
  [[ -n $REGISTRY ]] ||
    missing+=("$(printf '%-18s%s' REGISTRY "scripts/01-setup-secure-docker-registry.sh, or REGISTRY=host:port")")
}

# The version of Cargo.toml, and what is made of it: TAG, which may be that version with a suffix, or a suffix alone.
name_version() {
  version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
  tag=${TAG:-$version}
  [[ $tag != -* ]] || tag=$version$tag
  [[ $tag == "$version" || $tag =~ ^${version//./\\.}-[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*$ ]] ||
    die "TAG must be $version, or that with a suffix as in $version-rc.1, not $tag"
}
