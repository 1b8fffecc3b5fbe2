# syntax=docker/dockerfile:1
# The registry as an image: one program, no shell needed to run it, nothing written but /data.
#
#   docker build -t charter-registry .
#   docker run --read-only --tmpfs /tmp -v charter-data:/data -p 8080:8080 \
#       -e CHARTER_PUBLIC_URL=http://localhost:8080 charter-registry

# --- Build ------------------------------------------------------------------------------------------------------
# The toolchain of rust-toolchain.toml (CI compares the two). Debian's release is that of the image below, so that
# the program finds the C library it was linked with.
FROM rust:1.95.0-bookworm AS build
WORKDIR /src
# Only what the program is made of: see .dockerignore.
COPY . .
# The caches live outside the image: a change of one file builds one crate again. What they hold is lost with the
# step, hence the copy; without its line tables the program is a fifth of the size.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --bin charter-registry \
    && install -D target/release/charter-registry /out/charter-registry \
    && strip --strip-debug /out/charter-registry

# --- Run --------------------------------------------------------------------------------------------------------
# Debian's slim image rather than a distroless one: an administrator can look around in it. The program itself needs the C library and, for TLS to PostgreSQL, the
# root certificates.
FROM debian:bookworm-slim
# Root certificates are wanted in their newest version, not in one that is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /out/charter-registry /usr/local/bin/charter-registry
COPY charters /usr/share/charter-registry/charters

# By number, so that Kubernetes' runAsNonRoot can tell it is not root. The folder /data is its own; nothing else is.
USER 10001:10001
WORKDIR /data
VOLUME /data

# SQLite in /data, unless CHARTER_DATABASE_URL says otherwise. A charter-registry.toml in /data is read, too.
ENV CHARTER_LISTEN=0.0.0.0:8080 \
    CHARTER_DATA=/data
# CHARTER_PUBLIC_URL has no sensible default here: it is the address that every record names for ever.
EXPOSE 8080

# Does it answer at all? Whether it can work (its database too) is `health --ready`, a question for a load balancer: a
# database that is away is no reason to start this container again.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/charter-registry", "health"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/charter-registry"]
CMD ["serve"]
