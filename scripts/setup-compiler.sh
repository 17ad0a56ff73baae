# shellcheck shell=bash
# Sourced by scripts/setup-build.sh: a compiler for server and browser, of rustup or else of Debian.

DEBIAN_RUST=(rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web)
DEBIAN_RUST_PROGRAMS=(cargo rustc rustdoc rustfmt cargo-fmt cargo-clippy clippy-driver)

# Whether the compiler makes programs for this machine and for the browser: with linkers and standard libraries.
has_compiler() {
  if takes_debians_compiler; then
    is_installed "${DEBIAN_RUST[@]}" || return
    local program
    for program in "${DEBIAN_RUST_PROGRAMS[@]}"; do
      [[ $TOOLS/debian-rust/$program -ef /usr/bin/$program ]] || return
    done
  fi
  links_for_this_machine && wasm_std_is_settled && links_for_the_browser
}

# Once taken, it is kept; and where somebody has begun to install it, it is brought to its end.
takes_debians_compiler() {
  [[ -d $TOOLS/debian-rust ]] && return
  local rustc
  rustc=$(command -v rustc || true)
  [[ ${rustc:-/usr/bin/rustc} == /usr/bin/rustc && $(package_state rustc-web) == i* ]]
}

links_for_this_machine() {
  cargo --version >/dev/null 2>&1 && links
}

links_for_the_browser() {
  local sysroot=()
  [[ ! -d $WASM_STD/lib ]] || sysroot=(--sysroot "$WASM_STD")
  links --crate-type cdylib --target wasm32-unknown-unknown -C panic=abort -C embed-bitcode -C lto "${sysroot[@]}"
}

# Whether a small program can be compiled and linked with these options.
links() {
  local folder
  folder=$(scratch links)
  printf '%s\n' 'use std::collections::HashMap;' \
    '#[unsafe(no_mangle)] pub extern "C" fn size(n: u8) -> usize { HashMap::from([(n, vec![n])]).len() }' \
    'fn main() { println!("{}", size(1)); }' >"$folder/program.rs"
  rustc --edition 2024 -A dead_code "$@" -o "$folder/program" "$folder/program.rs" 2>"$folder/errors"
}

# A compiler, and the standard library for the browser, built here for the sake of its size. Where
# rustup can download neither its sources nor a prebuilt one, both come from Debian.
compiler() {
  if ! takes_debians_compiler && links_for_this_machine; then
    if add_std_sources && build_wasm_std && links_for_the_browser; then return; fi
    if add_prebuilt_std; then
      say "taking the prebuilt standard library: the page's download is 10 KB larger (to try again: rm -r $WASM_STD)"
      rm -rf "$WASM_STD"
      settle_wasm_std
      if links_for_the_browser; then return; fi
    fi
    say "rustup can't download what the browser needs: taking Debian's compiler"
  fi
  debian_compiler
  { wasm_std_is_settled && links_for_the_browser; } || build_wasm_std ||
    die "the standard library for the browser can't be built"
}

debian_compiler() {
  debian "${DEBIAN_RUST[@]}"
  # rust-web-llvm only recommends the linker that its rust-lld points to.
  [[ -e /usr/bin/rust-lld ]] || debian "$(readlink /usr/bin/rust-lld)"
  local folder program
  folder=$(scratch debian-rust)
  for program in "${DEBIAN_RUST_PROGRAMS[@]}"; do
    ln -s "/usr/bin/$program" "$folder/$program"
  done
  put_in_place "$folder" "$TOOLS/debian-rust"
  PATH=$TOOLS/debian-rust:$PATH
  hash -r
}

add_std_sources() {
  local folder
  folder=$(rustc --print sysroot)/lib/rustlib
  add_component rust-src src component add rust-src ||
    { ! is_rustups "$folder" && [[ -e $folder/src/rust/library/Cargo.toml ]]; }
}

add_prebuilt_std() {
  add_component rust-std-wasm32-unknown-unknown wasm32-unknown-unknown target add wasm32-unknown-unknown ||
    compgen -G "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null
}

# Adds a part to rustup's toolchain, unless rustup has noted it as whole: add_component NAME FOLDER ARGUMENT....
# The half that a kill has left it would take for somebody else's, and leave alone.
add_component() {
  local folder
  folder=$(rustc --print sysroot)/lib/rustlib
  grep -qx "$1" "$folder/components" 2>/dev/null && return
  is_rustups "$folder" || return
  say "adding $1 to rustup's toolchain"
  rm -rf "${folder:?}/$2"
  timeout 120 rustup "${@:3}"
}

is_rustups() { have rustup && [[ -e $1/multirust-channel-manifest.toml ]]; }

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
  say "building the standard library for the browser (about half a minute)"
  local folder made
  folder=$(scratch wasm-std)
  made=$folder/made
  mkdir -p "$folder/src" "$made/lib/rustlib/wasm32-unknown-unknown/lib"
  touch "$folder/src/lib.rs"
  printf '[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n' >"$folder/Cargo.toml"
  # A panic stops the wasm at once, as it does with rustup's, but without a message that nobody could
  # read there; with the messages goes the code that formats them. rustc calls it immediate-abort:
  # still unstable as an option for everything, so only the library is told.
  if grep -qr 'panic = "immediate-abort"' "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std/src" &&
    compile_std "$folder" '--cfg=panic="immediate-abort"' -Aexplicit_builtin_cfgs_in_flags; then
    # The budget of the download asks for it.
    touch "$made/small"
  else
    say "this compiler can't build it small: building it as it is; the page's download is larger"
    compile_std "$folder" || return
  fi
  cp "$folder"/target/wasm32-unknown-unknown/release/deps/*.rlib "$made/lib/rustlib/wasm32-unknown-unknown/lib/" || return
  rm -f "$made"/lib/rustlib/wasm32-unknown-unknown/lib/libscratch-*.rlib
  rustc -vV >"$made/compiler" || return
  put_in_place "$made" "$WASM_STD"
  rm -rf "$folder"
}

# Compiles the standard library in a scratch package, for size, with these flags. With bitcode, as
# rustup's: the page's wasm is optimised across crates.
compile_std() {
  # From this folder: rustup may have another compiler elsewhere.
  RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
    RUSTFLAGS="-Cembed-bitcode=yes -Cpanic=abort ${*:2}" \
    cargo build --release --target wasm32-unknown-unknown \
    --manifest-path "$1/Cargo.toml" --target-dir "$1/target" \
    -Zbuild-std=std,panic_abort,proc_macro -Zbuild-std-features=optimize_for_size 9>&-
}
