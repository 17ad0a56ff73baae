# The image: one static binary, the certificates that it trusts, and a folder for its store.
#
#   make image, or: docker build --tag crypto-rates .
#   docker run --publish 127.0.0.1:5000:5000 --read-only --cap-drop=ALL --security-opt no-new-privileges crypto-rates
#
# Built on Debian alone by the very scripts that build outside, natively for amd64 and arm64: whatever
# compiler they install decides for which. What is copied in changes more often from stage to stage: a
# change of src/ compiles our own crates, and neither tools nor dependencies.

# No digest: the packages that go on top are of the day, too. Our part of the image is decided by the lock
# files, the rest by Debian's compiler, C library and certificates.
ARG BASE=debian:bookworm-slim

# The build tools have a lock file of their own, but must know the wasm-bindgen of Cargo.lock. So they
# see that and nothing else of it, and another dependency's change does not build them again.
FROM ${BASE} AS pins
COPY Cargo.lock /
RUN mkdir /pins && grep -A 1 -x 'name = "wasm-bindgen"' Cargo.lock >/pins/Cargo.lock

FROM ${BASE} AS tools
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /build
COPY scripts/env.sh scripts/setup-build.sh scripts/
COPY tools/ tools/
COPY .npmrc package.json package-lock.json ./
COPY --from=pins /pins/Cargo.lock ./
RUN . scripts/env.sh && . scripts/setup-build.sh && build

# Every dependency of server and wasm, compiled around empty crates of ours.
#
# With crt-static Debian's C library is linked in whole; since 2.34 that includes what looks up names in
# /etc/hosts and by DNS, so nothing is loaded at run time. Such flags are the server's alone, and not those
# of what runs during the build, only if a target is named.
# jemalloc takes the size of a page from the machine that builds it; on 64 KiB it runs with any that an
# arm64 kernel may have. The binary keeps the times of the page's files, unless it is told one for all.
FROM tools AS dependencies
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Ctarget-feature=+crt-static \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Ctarget-feature=+crt-static \
    AARCH64_UNKNOWN_LINUX_GNU_JEMALLOC_SYS_WITH_LG_PAGE=16 \
    SOURCE_DATE_EPOCH=0
COPY Cargo.toml Cargo.lock ./
COPY benches/Cargo.toml benches/
COPY frontend/Cargo.toml frontend/
COPY frontend/wasm-streams/ frontend/wasm-streams/
RUN mkdir -p frontend/src public src style tests && \
    touch frontend/src/lib.rs src/lib.rs style/main.scss tests/allocations.rs && \
    echo 'fn main() {}' >src/main.rs && \
    . scripts/env.sh && \
    rustc --print host-tuple >target-tuple && \
    cargo fetch --locked
# From here on nothing gets in but what the lock files have named.
ENV CARGO_NET_OFFLINE=true
RUN . scripts/env.sh && \
    LEPTOS_BIN_TARGET_TRIPLE=$(cat target-tuple) cargo leptos build --release

FROM dependencies AS build
COPY scripts/build.sh scripts/texts.mjs scripts/
COPY locales/ locales/
COPY public/ public/
COPY style/ style/
COPY frontend/ frontend/
COPY src/ src/
# Cargo goes by times, and these files are older than the empty ones that they replace.
RUN find frontend src -name '*.rs' -exec touch {} + && \
    LEPTOS_BIN_TARGET_TRIPLE=$(cat target-tuple) scripts/build.sh

# What is shipped, as it will lie there. The certificates are Mozilla's, as Debian has them, without what
# the machine that builds may trust besides.
FROM build AS root
ARG CREATED
WORKDIR /image
RUN mkdir -p data etc/ssl/certs && \
    cp /build/target/"$(cat /build/target-tuple)"/release/crypto-rates . && \
    cat /usr/share/ca-certificates/mozilla/*.crt >etc/ssl/certs/ca-certificates.crt && \
    chown 1000:1000 data && \
    find . -exec touch --date="${CREATED:-@0}" {} +

FROM scratch
ARG VERSION=""
ARG REVISION=""
ARG CREATED=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="Crypto Rates" \
      org.opencontainers.image.description="What one bitcoin, euro or ounce of gold is worth, on a page and over a JSON API" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=root /image /
USER 1000:1000
# There is no home here to have a data folder in. A volume is written to even under a read-only root; by
# a name or a mount it brings the last good rates and the history over to the next container. Where there
# is a Redis, STORE_URL names that, and /data stays empty.
ENV STORE_URL=file:///data
VOLUME ["/data"]
EXPOSE 5000
STOPSIGNAL SIGTERM
# Healthy is who has rates to serve, as /health/ready says.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/crypto-rates", "--health"]
ENTRYPOINT ["/crypto-rates"]
