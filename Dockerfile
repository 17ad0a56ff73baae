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
COPY scripts/env.sh scripts/setup-build.sh scripts/setup-compiler.sh scripts/setup-debian.sh scripts/
COPY tools/ tools/
COPY .npmrc package.json package-lock.json ./
COPY --from=pins /pins/Cargo.lock ./
RUN . scripts/env.sh && . scripts/setup-build.sh && build

# Every dependency of server and wasm, compiled around empty crates of ours.
FROM tools AS dependencies
COPY scripts/static.sh scripts/
COPY Cargo.toml Cargo.lock ./
COPY benches/Cargo.toml benches/
COPY frontend/Cargo.toml frontend/
COPY frontend/wasm-streams/ frontend/wasm-streams/
RUN mkdir -p frontend/src public src style tests && \
    touch frontend/src/lib.rs src/lib.rs style/main.scss tests/allocations.rs && \
    echo 'fn main() {}' >src/main.rs && \
    . scripts/env.sh && \
    cargo fetch --locked
# From here on nothing gets in but what the lock files have named.
ENV CARGO_NET_OFFLINE=true
RUN . scripts/env.sh && . scripts/static.sh && cargo leptos build --release

FROM dependencies AS build
COPY scripts/build.sh scripts/texts.mjs scripts/
COPY locales/ locales/
COPY public/ public/
COPY style/ style/
COPY frontend/ frontend/
COPY src/ src/
# Cargo goes by times, and these files are older than the empty ones that they replace.
RUN find frontend src -name '*.rs' -exec touch {} + && \
    . scripts/env.sh && . scripts/static.sh && scripts/build.sh

# What is shipped, as it will lie there. The certificates are Mozilla's, as Debian has them, without what
# the machine that builds may trust besides.
FROM build AS root
ARG CREATED
WORKDIR /image
RUN mkdir -p data etc/ssl/certs && \
    cp /build/target/*-linux-gnu/release/crypto-rates . && \
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
