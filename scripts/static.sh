# shellcheck shell=bash
# Sourced before a build that is to give one static binary, natively for amd64 or arm64: by the Dockerfile and
# scripts/package.sh.
#
# With crt-static Debian's C library is linked in whole; since 2.34 that includes what looks up names in
# /etc/hosts and by DNS, so nothing is loaded at run time. Such flags are the server's alone, and not those
# of what runs during the build, only if a target is named.
LEPTOS_BIN_TARGET_TRIPLE=$(rustc --print host-tuple)
export LEPTOS_BIN_TARGET_TRIPLE
# A static program finds no function by its name: getrandom would take /dev/urandom in place of the system call, and
# where there is no /dev that ends in a panic.
static_flags='-Ctarget-feature=+crt-static --cfg=getrandom_backend="linux_getrandom"'
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS=$static_flags
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS=$static_flags
# jemalloc takes the size of a page from the machine that builds it; on 64 KiB it runs with any that an
# arm64 kernel may have.
export AARCH64_UNKNOWN_LINUX_GNU_JEMALLOC_SYS_WITH_LG_PAGE=16
# The binary keeps the times of the page's files, unless it is told one for all.
export SOURCE_DATE_EPOCH=0
